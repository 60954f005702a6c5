#include "search/segment.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "base/limits.h"

namespace sekisho::search {
namespace {

struct Occurrence {
  TermKey key = 0;
  Posting posting;
};

FieldPostings inverted(std::span<const IndexedPassage> passages, std::size_t field) {
  std::vector<Occurrence> all;
  for (std::uint32_t number = 0; number < passages.size(); ++number) {
    for (const TermCount& term : passages[number].terms.fields[field].terms) all.push_back({term.key, {number, term.count}});
  }
  std::sort(all.begin(), all.end(), [](const Occurrence& a, const Occurrence& b) {
    return a.key != b.key ? a.key < b.key : a.posting.passage < b.posting.passage;
  });
  FieldPostings postings;
  std::vector<Posting> list;
  for (std::size_t i = 0; i < all.size();) {
    list.clear();
    const TermKey key = all[i].key;
    for (; i < all.size() && all[i].key == key; ++i) list.push_back(all[i].posting);
    postings.append(key, list);
  }
  postings.shrink();
  return postings;
}

}  // namespace

PackedId packed(const PassageId& passage) {
  PackedId id{};
  CHECK(passage.text().size() == id.size());
  std::memcpy(id.data(), passage.text().data(), id.size());
  return id;
}

PassageId unpacked(const PackedId& id) {
  auto passage = PassageId::parse(std::string_view(id.data(), id.size()));
  CHECK(passage.has_value());
  return *std::move(passage);
}

Segment Segment::of(std::span<const IndexedPassage> passages) {
  CHECK(passages.size() <= limits::kSegmentPassages);
  Segment segment;
  for (const IndexedPassage& passage : passages) {
    segment.ids_.push_back(packed(passage.passage));
    for (std::size_t field = 0; field < kFields; ++field) {
      const std::uint32_t length = passage.terms.fields[field].length;
      CHECK(length <= limits::kTokensPerPassage);
      segment.lengths_[field].push_back(static_cast<std::uint16_t>(length));
    }
  }
  for (std::size_t field = 0; field < kFields; ++field) segment.postings_[field] = inverted(passages, field);
  segment.index_ids();
  return segment;
}

void Segment::index_ids() {
  by_id_.resize(ids_.size());
  std::iota(by_id_.begin(), by_id_.end(), 0U);
  std::sort(by_id_.begin(), by_id_.end(), [&](std::uint32_t a, std::uint32_t b) { return ids_[a] < ids_[b]; });
}

std::optional<std::uint32_t> Segment::find(const PackedId& id) const {
  const auto at = std::lower_bound(by_id_.begin(), by_id_.end(), id, [&](std::uint32_t number, const PackedId& wanted) { return ids_[number] < wanted; });
  return at != by_id_.end() && ids_[*at] == id ? std::optional(*at) : std::nullopt;
}

std::size_t Segment::memory_bytes() const {
  std::size_t bytes = ids_.capacity() * sizeof(PackedId) + by_id_.capacity() * sizeof(std::uint32_t);
  for (std::size_t field = 0; field < kFields; ++field) bytes += lengths_[field].capacity() * sizeof(std::uint16_t) + postings_[field].memory_bytes();
  return bytes;
}

void Segment::write(std::string& to) const {
  put_fixed64(to, ids_.size());
  for (const PackedId& id : ids_) to.append(id.data(), id.size());
  for (std::size_t field = 0; field < kFields; ++field) {
    to.append(reinterpret_cast<const char*>(lengths_[field].data()), lengths_[field].size() * sizeof(std::uint16_t));
    postings_[field].write(to);
  }
}

bool Segment::read(ByteReader& from) {
  const auto count = from.fixed64();
  if (!count || *count > limits::kSegmentPassages || *count > from.left() / sizeof(PackedId)) return false;
  ids_.resize(*count);
  for (PackedId& id : ids_) {
    const auto bytes = from.bytes(id.size());
    if (!bytes || !is_id_text(*bytes)) return false;
    std::memcpy(id.data(), bytes->data(), id.size());
  }
  for (std::size_t field = 0; field < kFields; ++field) {
    const auto bytes = from.bytes(*count * sizeof(std::uint16_t));
    if (!bytes) return false;
    lengths_[field].resize(*count);
    if (*count > 0) std::memcpy(lengths_[field].data(), bytes->data(), bytes->size());
    if (!postings_[field].read(from)) return false;
  }
  index_ids();
  return true;
}

Segment merge_parts(std::span<const Part> parts) {
  Segment merged;
  std::vector<std::vector<std::uint32_t>> numbers;
  for (const Part& part : parts) {
    std::vector<std::uint32_t>& renumber = numbers.emplace_back(part.segment->size(), kGone);
    for (std::uint32_t passage = 0; passage < part.segment->size(); ++passage) {
      if (is_dead(*part.dead, passage)) continue;
      renumber[passage] = static_cast<std::uint32_t>(merged.ids_.size());
      merged.ids_.push_back(part.segment->id(passage));
      for (std::size_t field = 0; field < kFields; ++field) merged.lengths_[field].push_back(part.segment->length(field, passage));
    }
  }
  for (std::size_t field = 0; field < kFields; ++field) {
    std::vector<PostingsSource> sources;
    for (std::size_t i = 0; i < parts.size(); ++i) sources.push_back({&parts[i].segment->postings(field), numbers[i]});
    merged.postings_[field] = merge(sources);
  }
  merged.index_ids();
  return merged;
}

void recount(IndexState& state) {
  state.live = 0;
  state.lengths = {};
  state.longest = {};
  for (const Part& part : state.parts) {
    state.live += part.live();
    for (std::uint32_t passage = 0; passage < part.segment->size(); ++passage) {
      const bool dead = is_dead(*part.dead, passage);
      for (std::size_t field = 0; field < kFields; ++field) {
        const std::uint16_t length = part.segment->length(field, passage);
        state.lengths[field] += dead ? 0U : length;
        state.longest[field] = std::max(state.longest[field], length);
      }
    }
  }
}

}  // namespace sekisho::search
