#include "audit/segment.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "base/limits.h"

namespace sekisho::audit {
namespace {

constexpr std::size_t kReadBytes = 64UL * 1024;
constexpr std::size_t kNameDigits = 20;

std::optional<std::int64_t> sequence_of(const std::filesystem::path& path) {
  const std::string stem = path.stem().string();
  if (path.extension() != ".jsonl" || stem.size() != kNameDigits) return std::nullopt;
  std::int64_t sequence = 0;
  const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), sequence);
  if (error != std::errc() || end != stem.data() + stem.size() || sequence < 1) return std::nullopt;
  return sequence;
}

}  // namespace

std::filesystem::path segment_path(const std::filesystem::path& directory, std::int64_t first_sequence) {
  return directory / fmt::format("{:020}.jsonl", first_sequence);
}

Result<std::vector<Segment>> list_segments(const std::filesystem::path& directory) {
  std::vector<Segment> segments;
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(directory, failed), end; !failed && entry != end; entry.increment(failed)) {
    if (const auto sequence = sequence_of(entry->path())) segments.push_back({*sequence, entry->path()});
  }
  if (failed) return fail(ErrorCode::kUnavailable, "cannot read the log's folder: " + failed.message());
  std::sort(segments.begin(), segments.end(), [](const Segment& a, const Segment& b) { return a.first_sequence < b.first_sequence; });
  return segments;
}

std::vector<Segment> behind(std::vector<Segment> segments, std::int64_t sequence) {
  std::erase_if(segments, [&](const Segment& segment) { return segment.first_sequence <= sequence; });
  return segments;
}

Result<LineReader> LineReader::open(const std::filesystem::path& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail(ErrorCode::kUnavailable, std::string("cannot open a log file: ") + std::strerror(errno));
  return LineReader(std::move(file));
}

Result<std::optional<std::string>> LineReader::next() {
  for (std::size_t searched = 0;;) {
    if (const std::size_t end = buffer_.find('\n', searched); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    if (buffer_.size() > limits::kAuditLineBytes) return std::exchange(buffer_, {});
    searched = buffer_.size();
    buffer_.resize(searched + kReadBytes);
    const ssize_t got = ::read(file_.get(), buffer_.data() + searched, kReadBytes);
    buffer_.resize(searched + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorCode::kUnavailable, std::string("cannot read a log file: ") + std::strerror(errno));
    if (got == 0) return std::nullopt;
  }
}

Result<ReadLine> ChainCheck::accept(std::string_view line) {
  Result<ReadLine> read = parse_line(line);
  if (!read) return read;
  if (read->sequence != next_sequence_) {
    return fail(ErrorCode::kCorrupt, fmt::format("entry {} stands where {} must", read->sequence, next_sequence_));
  }
  if (next_sequence_ == 1 && read->entry.kind != kFirstKind) return fail(ErrorCode::kCorrupt, "the first entry is not the log's beginning");
  if (read->previous != previous_) return fail(ErrorCode::kCorrupt, "the entry does not follow the one before it");
  ++next_sequence_;
  previous_ = read->hash;
  return read;
}

}  // namespace sekisho::audit
