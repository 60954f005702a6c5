#include "search/postings.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace sekisho::search {
namespace {

constexpr std::uint32_t kInline = 0x8000'0000U;
constexpr unsigned kInlineCountBits = 7;
constexpr std::uint32_t kInlineCountMax = (1U << kInlineCountBits) - 1;
constexpr std::uint32_t kInlinePassageMax = (1U << (31 - kInlineCountBits)) - 1;

bool fits_inline(const Posting& posting) { return posting.count <= kInlineCountMax && posting.passage <= kInlinePassageMax; }

template <typename T>
void write_array(std::string& to, const std::vector<T>& values) {
  put_fixed64(to, values.size());
  to.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

template <typename T>
bool read_array(ByteReader& from, std::vector<T>& values) {
  const auto count = from.fixed64();
  if (!count || *count > from.left() / sizeof(T)) return false;
  const auto bytes = from.bytes(*count * sizeof(T));
  values.resize(*count);
  if (*count > 0) std::memcpy(values.data(), bytes->data(), bytes->size());
  return true;
}

}  // namespace

FieldPostings::List FieldPostings::list(std::size_t i) const {
  List list;
  const std::uint32_t place = places_[i];
  if ((place & kInline) != 0) {
    list.size_ = 1;
    list.only_ = {(place & ~kInline) >> kInlineCountBits, place & kInlineCountMax};
    return list;
  }
  list.bytes_ = reinterpret_cast<const std::uint8_t*>(bytes_.data()) + place;
  list.size_ = take_varint(list.bytes_);
  return list;
}

FieldPostings::List FieldPostings::find(TermKey key) const {
  const auto at = std::lower_bound(keys_.begin(), keys_.end(), key);
  if (at == keys_.end() || *at != key) return {};
  return list(static_cast<std::size_t>(at - keys_.begin()));
}

void FieldPostings::append(TermKey key, std::span<const Posting> list) {
  CHECK(!list.empty() && (keys_.empty() || keys_.back() < key));
  keys_.push_back(key);
  if (list.size() == 1 && fits_inline(list[0])) {
    places_.push_back(kInline | (list[0].passage << kInlineCountBits) | list[0].count);
    return;
  }
  CHECK(bytes_.size() < kInline);
  places_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  put_varint(bytes_, list.size());
  std::uint32_t last = 0;
  for (const Posting& posting : list) {
    put_varint(bytes_, ((posting.passage - last) << 1) | (posting.count > 1 ? 1U : 0U));
    if (posting.count > 1) put_varint(bytes_, posting.count);
    last = posting.passage;
  }
}

void FieldPostings::shrink() {
  keys_.shrink_to_fit();
  places_.shrink_to_fit();
  bytes_.shrink_to_fit();
}

std::size_t FieldPostings::memory_bytes() const {
  return keys_.capacity() * sizeof(TermKey) + places_.capacity() * sizeof(std::uint32_t) + bytes_.capacity();
}

void FieldPostings::write(std::string& to) const {
  write_array(to, keys_);
  write_array(to, places_);
  put_fixed64(to, bytes_.size());
  to += bytes_;
}

bool FieldPostings::read(ByteReader& from) {
  if (!read_array(from, keys_) || !read_array(from, places_) || keys_.size() != places_.size()) return false;
  const auto size = from.fixed64();
  const auto bytes = size ? from.bytes(*size) : std::nullopt;
  if (!bytes) return false;
  bytes_ = *bytes;
  return std::all_of(places_.begin(), places_.end(), [&](std::uint32_t place) { return (place & kInline) != 0 || place < bytes_.size(); });
}

FieldPostings merge(std::span<const PostingsSource> sources) {
  FieldPostings merged;
  std::vector<std::size_t> next(sources.size(), 0);
  std::vector<Posting> list;
  for (;;) {
    const TermKey* smallest = nullptr;
    for (std::size_t s = 0; s < sources.size(); ++s) {
      const auto keys = sources[s].postings->keys();
      if (next[s] < keys.size() && (smallest == nullptr || keys[next[s]] < *smallest)) smallest = &keys[next[s]];
    }
    if (smallest == nullptr) break;
    const TermKey key = *smallest;
    list.clear();
    for (std::size_t s = 0; s < sources.size(); ++s) {
      const auto keys = sources[s].postings->keys();
      if (next[s] == keys.size() || keys[next[s]] != key) continue;
      sources[s].postings->list(next[s]++).for_each([&](std::uint32_t passage, std::uint32_t count) {
        const std::uint32_t number = sources[s].renumber[passage];
        if (number != kGone) list.push_back({number, count});
      });
    }
    if (!list.empty()) merged.append(key, list);
  }
  merged.shrink();
  return merged;
}

}  // namespace sekisho::search
