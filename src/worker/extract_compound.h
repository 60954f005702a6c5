#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "worker/extract_output.h"

namespace sekisho::worker {

/// The storages and streams of an OLE2 compound file ([MS-CFB]) in memory: what xls, doc, ppt and msg are kept in.
/// Chains that loop or leave the file end where they do so. Threads: one.
class CompoundFile {
 public:
  struct Entry {
    std::string name;
    bool is_storage = false;
    std::uint32_t left = 0, right = 0, child = 0;  ///< Of the tree of names.
    std::uint32_t start = 0;
    std::uint64_t size = 0;
  };
  static constexpr std::size_t kRoot = 0;

  /// `bytes` must outlive the file. Failures: damaged.
  [[nodiscard]] static tl::expected<CompoundFile, Note> open(std::string_view bytes);

  /// What lies in a storage, in the order of the tree.
  [[nodiscard]] std::vector<std::size_t> children(std::size_t storage) const;
  [[nodiscard]] std::optional<std::size_t> find(std::size_t storage, std::string_view name) const;
  [[nodiscard]] const Entry& entry(std::size_t index) const { return entries_[index]; }
  /// The bytes of a stream, as many of them as are there.
  [[nodiscard]] std::string stream(std::size_t index) const;
  [[nodiscard]] std::optional<std::string> stream(std::size_t storage, std::string_view name) const;

 private:
  CompoundFile() = default;
  [[nodiscard]] std::string_view sector(std::uint32_t number) const;
  bool read_fat();
  void read_entries();

  std::string_view bytes_;
  std::size_t sector_bytes_ = 512;
  std::size_t mini_cutoff_bytes_ = 4096;
  std::vector<std::uint32_t> fat_;
  std::vector<std::uint32_t> mini_fat_;
  std::vector<Entry> entries_;
  std::string mini_stream_;
};

/// Little-endian numbers of `bytes`; 0 where they lie outside of it.
[[nodiscard]] std::uint16_t u16_at(std::string_view bytes, std::size_t at);
[[nodiscard]] std::uint32_t u32_at(std::string_view bytes, std::size_t at);
[[nodiscard]] std::uint64_t u64_at(std::string_view bytes, std::size_t at);
/// UTF-16LE and Latin-1 bytes as UTF-8.
[[nodiscard]] std::string from_utf16(std::string_view bytes);
[[nodiscard]] std::string from_latin1(std::string_view bytes);

}  // namespace sekisho::worker
