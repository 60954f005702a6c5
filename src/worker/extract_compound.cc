#include "worker/extract_compound.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "text/utf8.h"

namespace sekisho::worker {
namespace {

constexpr std::uint32_t kLastSector = 0xFFFFFFFA;  ///< Numbers above are marks.
constexpr std::size_t kHeaderBytes = 512;
constexpr std::size_t kEntryBytes = 128;
constexpr std::size_t kMiniSectorBytes = 64;
constexpr std::size_t kEntries = 200'000;

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  if (at > bytes.size() || bytes.size() - at < size) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace

std::uint16_t u16_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint16_t>(number_at(bytes, at, 2)); }
std::uint32_t u32_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint32_t>(number_at(bytes, at, 4)); }
std::uint64_t u64_at(std::string_view bytes, std::size_t at) { return number_at(bytes, at, 8); }

std::string from_utf16(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    char32_t c = u16_at(bytes, i);
    if (c >= 0xD800 && c < 0xDC00 && i + 3 < bytes.size()) {
      const char32_t low = u16_at(bytes, i + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        i += 2;
      }
    }
    text::append_utf8(out, c);
  }
  return out;
}

std::string from_latin1(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) text::append_utf8(out, static_cast<unsigned char>(c));
  return out;
}

std::string_view CompoundFile::sector(std::uint32_t number) const {
  const std::uint64_t at = (static_cast<std::uint64_t>(number) + 1) * sector_bytes_;
  return number > kLastSector || at >= bytes_.size() ? std::string_view() : bytes_.substr(at, sector_bytes_);
}

tl::expected<CompoundFile, Note> CompoundFile::open(std::string_view bytes) {
  CompoundFile file;
  file.bytes_ = bytes;
  const unsigned shift = u16_at(bytes, 30);
  if (bytes.size() < kHeaderBytes || (shift != 9 && shift != 12)) return cannot_read("damaged", "no header of a compound file");
  file.sector_bytes_ = std::size_t{1} << shift;
  file.mini_cutoff_bytes_ = std::min<std::size_t>(u32_at(bytes, 56), 64 * limits::kKiB);
  if (!file.read_fat()) return cannot_read("damaged", "the table of a compound file is broken");
  file.read_entries();
  if (file.entries_.empty()) return cannot_read("damaged", "a compound file without entries");
  return file;
}

bool CompoundFile::read_fat() {
  const std::size_t sectors = bytes_.size() / sector_bytes_ + 1;
  const auto add = [&](std::vector<std::uint32_t>& to, std::string_view content) {
    for (std::size_t i = 0; i + 3 < content.size(); i += 4) to.push_back(u32_at(content, i));
  };
  for (std::size_t i = 0; i < 109; ++i) {
    if (const std::uint32_t number = u32_at(bytes_, 76 + 4 * i); number <= kLastSector) add(fat_, sector(number));
  }
  std::uint32_t more = u32_at(bytes_, 68);
  for (std::size_t steps = 0; more <= kLastSector && steps < sectors; ++steps) {
    const std::string_view table = sector(more);
    if (table.size() < sector_bytes_) break;
    for (std::size_t i = 0; i + 7 < table.size(); i += 4) {
      if (const std::uint32_t number = u32_at(table, i); number <= kLastSector && fat_.size() < sectors + sector_bytes_) add(fat_, sector(number));
    }
    more = u32_at(table, table.size() - 4);
  }
  std::uint32_t mini = u32_at(bytes_, 60);
  for (std::size_t steps = 0; mini <= kLastSector && steps < sectors; ++steps) {
    add(mini_fat_, sector(mini));
    mini = mini < fat_.size() ? fat_[mini] : kLastSector + 1;
  }
  return !fat_.empty();
}

void CompoundFile::read_entries() {
  std::uint32_t number = u32_at(bytes_, 48);
  const std::size_t sectors = bytes_.size() / sector_bytes_ + 1;
  for (std::size_t steps = 0; number <= kLastSector && steps < sectors && entries_.size() < kEntries; ++steps) {
    const std::string_view content = sector(number);
    for (std::size_t at = 0; at + kEntryBytes <= content.size(); at += kEntryBytes) {
      const std::string_view raw = content.substr(at, kEntryBytes);
      const std::size_t name_bytes = std::min<std::size_t>(u16_at(raw, 64), 64);
      Entry entry{.name = from_utf16(raw.substr(0, name_bytes < 2 ? 0 : name_bytes - 2)), .is_storage = raw[66] == 1 || raw[66] == 5};
      entry.left = u32_at(raw, 68);
      entry.right = u32_at(raw, 72);
      entry.child = u32_at(raw, 76);
      entry.start = u32_at(raw, 116);
      entry.size = sector_bytes_ == 512 ? u32_at(raw, 120) : u64_at(raw, 120);
      entries_.push_back(std::move(entry));
    }
    number = number < fat_.size() ? fat_[number] : kLastSector + 1;
  }
  if (entries_.empty()) return;
  Entry& root = entries_[kRoot];
  const std::size_t cutoff = std::exchange(mini_cutoff_bytes_, 0);  // The root's own stream lies in whole sectors.
  mini_stream_ = stream(kRoot);
  mini_cutoff_bytes_ = cutoff;
  root.is_storage = true;
}

std::vector<std::size_t> CompoundFile::children(std::size_t storage) const {
  std::vector<std::size_t> found;
  std::vector<bool> seen(entries_.size(), false);
  std::vector<std::uint32_t> open{entries_[storage].child};
  while (!open.empty()) {
    const std::uint32_t index = open.back();
    open.pop_back();
    if (index >= entries_.size() || seen[index]) continue;
    seen[index] = true;
    found.push_back(index);
    open.push_back(entries_[index].left);
    open.push_back(entries_[index].right);
  }
  return found;
}

std::optional<std::size_t> CompoundFile::find(std::size_t storage, std::string_view name) const {
  for (const std::size_t index : children(storage)) {
    if (entries_[index].name == name) return index;
  }
  return std::nullopt;
}

std::string CompoundFile::stream(std::size_t index) const {
  const Entry& entry = entries_[index];
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(entry.size, bytes_.size()));
  const bool is_mini = size < mini_cutoff_bytes_;
  const std::vector<std::uint32_t>& table = is_mini ? mini_fat_ : fat_;
  std::string out;
  out.reserve(size);
  std::uint32_t number = entry.start;
  for (std::size_t steps = 0; number <= kLastSector && out.size() < size && steps <= table.size(); ++steps) {
    const std::size_t mini_at = static_cast<std::size_t>(number) * kMiniSectorBytes;
    const std::string_view piece = !is_mini ? sector(number) : mini_at < mini_stream_.size() ? std::string_view(mini_stream_).substr(mini_at, kMiniSectorBytes) : std::string_view();
    if (piece.empty()) break;
    out += piece.substr(0, size - out.size());
    number = number < table.size() ? table[number] : kLastSector + 1;
  }
  return out;
}

std::optional<std::string> CompoundFile::stream(std::size_t storage, std::string_view name) const {
  const auto index = find(storage, name);
  if (!index || entries_[*index].is_storage) return std::nullopt;
  return stream(*index);
}

}  // namespace sekisho::worker
