#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/entry.h"
#include "base/file_descriptor.h"
#include "base/result.h"

namespace sekisho::audit {

/// One file of the log, named after the sequence of its first line.
struct Segment {
  std::int64_t first_sequence = 0;
  std::filesystem::path path;
};

/// "00000000000000000001.jsonl"
[[nodiscard]] std::filesystem::path segment_path(const std::filesystem::path& directory, std::int64_t first_sequence);

/// The files of the log in order; other files are passed over. Errors: kUnavailable.
[[nodiscard]] Result<std::vector<Segment>> list_segments(const std::filesystem::path& directory);

/// Those that hold Entries behind `sequence`: what a removal left lying is passed over (pruned.h).
[[nodiscard]] std::vector<Segment> behind(std::vector<Segment> segments, std::int64_t sequence);

/// Reads a file line by line in bounded memory. Threads: one at a time.
class LineReader {
 public:
  /// Errors: kUnavailable.
  [[nodiscard]] static Result<LineReader> open(const std::filesystem::path& path);

  /// The next line without its line feed; nothing at the end, where `rest` holds what no line feed ends.
  /// A line that is too long comes in pieces, none of which can be whole. Errors: kUnavailable.
  [[nodiscard]] Result<std::optional<std::string>> next();
  [[nodiscard]] const std::string& rest() const { return buffer_; }

 private:
  explicit LineReader(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
  std::string buffer_;
};

/// Walks the chain: each line must be whole, follow in number and name the hash of the one before.
class ChainCheck {
 public:
  ChainCheck() = default;
  ChainCheck(std::int64_t next_sequence, const crypto::Digest& previous) : next_sequence_(next_sequence), previous_(previous) {}

  /// Errors: kCorrupt, with what is wrong; the walk then stands where it stood.
  [[nodiscard]] Result<ReadLine> accept(std::string_view line);
  [[nodiscard]] std::int64_t next_sequence() const { return next_sequence_; }
  [[nodiscard]] EntryReceipt head() const { return {next_sequence_ - 1, previous_}; }

 private:
  std::int64_t next_sequence_ = 1;
  crypto::Digest previous_;
};

}  // namespace sekisho::audit
