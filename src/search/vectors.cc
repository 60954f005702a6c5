#include "search/vectors.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>

#include "base/check.h"
#include "search/dot_product.h"

namespace sekisho::search {
namespace {

constexpr std::size_t kWidth_max = 8'192;
constexpr float kLargest = 127.0F;

/// Whether `a` comes before `b` in a ranking. As the order of a heap it puts the worst in front.
bool is_better(const VectorHit& a, const VectorHit& b) { return a.cosine != b.cosine ? a.cosine > b.cosine : a.passage < b.passage; }

}  // namespace

PackedVector PackedVector::of(std::span<const float> values) {
  CHECK(values.size() <= kWidth_max);
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  PackedVector packed{.scale = largest / kLargest, .numbers = {}};
  packed.numbers.reserve(values.size());
  for (const float value : values) packed.numbers.push_back(static_cast<std::int8_t>(largest > 0 ? std::lround(value / packed.scale) : 0));
  return packed;
}

std::string PackedVector::to_blob() const {
  std::string blob(sizeof scale + numbers.size(), '\0');
  std::memcpy(blob.data(), &scale, sizeof scale);
  if (!numbers.empty()) std::memcpy(blob.data() + sizeof scale, numbers.data(), numbers.size());
  return blob;
}

Result<PackedVector> PackedVector::from_blob(std::string_view blob) {
  PackedVector packed;
  if (blob.size() <= sizeof packed.scale || blob.size() > sizeof packed.scale + kWidth_max) return fail(ErrorCode::kCorrupt, "a vector's blob has a wrong size");
  std::memcpy(&packed.scale, blob.data(), sizeof packed.scale);
  if (!std::isfinite(packed.scale) || packed.scale < 0) return fail(ErrorCode::kCorrupt, "a vector's scale is no number");
  packed.numbers.resize(blob.size() - sizeof packed.scale);
  std::memcpy(packed.numbers.data(), blob.data() + sizeof packed.scale, packed.numbers.size());
  return packed;
}

QueryVector::QueryVector(std::span<const float> values) : packed_(PackedVector::of(values)) {}

double QueryVector::cosine(const std::int8_t* numbers, float scale) const {
  const std::int32_t product = dot_product(packed_.numbers.data(), numbers, packed_.numbers.size());
  return static_cast<double>(product) * static_cast<double>(packed_.scale) * static_cast<double>(scale);
}

void ShelfVectors::apply(std::vector<Added> add, const std::vector<PassageId>& remove) {
  const std::unique_lock lock(mutex_);
  for (const PassageId& passage : remove) {
    const auto found = places_.find(passage);
    if (found == places_.end()) continue;
    // The last one moves into the gap.
    const std::size_t place = found->second;
    const std::size_t last = passages_.size() - 1;
    places_.erase(found);
    if (place != last) {
      std::copy_n(numbers_.begin() + static_cast<std::ptrdiff_t>(last * width_), width_, numbers_.begin() + static_cast<std::ptrdiff_t>(place * width_));
      scales_[place] = scales_[last];
      passages_[place] = passages_[last];
      places_[passages_[place]] = place;
    }
    numbers_.resize(last * width_);
    scales_.pop_back();
    passages_.pop_back();
  }
  for (Added& each : add) {
    if (passages_.empty()) width_ = each.vector.numbers.size();
    if (each.vector.numbers.size() != width_) continue;
    const auto [entry, is_new] = places_.try_emplace(each.passage, passages_.size());
    if (is_new) {
      numbers_.insert(numbers_.end(), each.vector.numbers.begin(), each.vector.numbers.end());
      scales_.push_back(each.vector.scale);
      passages_.push_back(each.passage);
    } else {
      std::copy(each.vector.numbers.begin(), each.vector.numbers.end(), numbers_.begin() + static_cast<std::ptrdiff_t>(entry->second * width_));
      scales_[entry->second] = each.vector.scale;
    }
  }
}

void ShelfVectors::clear() {
  const std::unique_lock lock(mutex_);
  numbers_.clear();
  scales_.clear();
  passages_.clear();
  places_.clear();
}

std::size_t ShelfVectors::size() const {
  const std::shared_lock lock(mutex_);
  return passages_.size();
}

std::optional<double> ShelfVectors::cosine(const QueryVector& query, const PassageId& passage) const {
  const std::shared_lock lock(mutex_);
  const auto found = places_.find(passage);
  if (found == places_.end() || query.width() != width_) return std::nullopt;
  return query.cosine(numbers_.data() + found->second * width_, scales_[found->second]);
}

void ShelfVectors::collect(const QueryVector& query, std::size_t shelf, std::size_t limit, std::vector<VectorHit>& best) const {
  const std::shared_lock lock(mutex_);
  if (query.width() != width_ || limit == 0) return;
  for (std::size_t i = 0; i < passages_.size(); ++i) {
    const VectorHit hit{passages_[i], shelf, query.cosine(numbers_.data() + i * width_, scales_[i])};
    if (best.size() == limit && !is_better(hit, best.front())) continue;
    if (best.size() == limit) {
      std::pop_heap(best.begin(), best.end(), is_better);
      best.pop_back();
    }
    best.push_back(hit);
    std::push_heap(best.begin(), best.end(), is_better);
  }
}

std::vector<VectorHit> nearest(const QueryVector& query, std::span<const ShelfVectors* const> readable, std::size_t limit) {
  std::vector<VectorHit> best;
  best.reserve(limit);
  for (std::size_t shelf = 0; shelf < readable.size(); ++shelf) readable[shelf]->collect(query, shelf, limit, best);
  std::sort_heap(best.begin(), best.end(), is_better);
  return best;
}

}  // namespace sekisho::search
