#include "search/vectors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "search/dot_product.h"

namespace sekisho::search {
namespace {

std::vector<float> direction(std::mt19937& random, std::size_t width) {
  std::normal_distribution<float> normal;
  std::vector<float> values(width);
  double square = 0;
  for (float& value : values) {
    value = normal(random);
    square += static_cast<double>(value) * static_cast<double>(value);
  }
  for (float& value : values) value = static_cast<float>(value / std::sqrt(square));
  return values;
}

double cosine_of(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

TEST(DotProduct, IsTheSameInEveryWay) {
  std::mt19937 random(5);
  for (const std::size_t count : {0U, 1U, 15U, 16U, 63U, 64U, 65U, 384U, 1'000U}) {
    std::vector<std::int8_t> a(count), b(count);
    for (std::int8_t& each : a) each = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
    for (std::int8_t& each : b) each = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
    if (count > 2) a[1] = b[1] = -128;
    std::int32_t wanted = 0;
    for (std::size_t i = 0; i < count; ++i) wanted += a[i] * b[i];
    for (const DotWay way : {DotWay::kPlain, DotWay::kAvx2, DotWay::kVnni}) {
      if (runs_here(way)) {
        EXPECT_EQ(dot_product(way, a.data(), b.data(), count), wanted) << static_cast<int>(way) << " " << count;
      }
    }
    EXPECT_EQ(dot_product(a.data(), b.data(), count), wanted);
  }
}

TEST(PackedVector, KeepsItsDirectionAndComesBackFromItsBlob) {
  std::mt19937 random(6);
  for (int round = 0; round < 50; ++round) {
    const auto a = direction(random, 384), b = direction(random, 384);
    const PackedVector packed = PackedVector::of(b);
    EXPECT_NEAR(QueryVector(a).cosine(packed.numbers.data(), packed.scale), cosine_of(a, b), 0.01);
    const auto again = PackedVector::from_blob(packed.to_blob());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->numbers, packed.numbers);
    EXPECT_EQ(again->scale, packed.scale);
  }
  EXPECT_FALSE(PackedVector::from_blob(""));
  EXPECT_FALSE(PackedVector::from_blob("abcd"));
  EXPECT_FALSE(PackedVector::from_blob(std::string(10'000, 'x')));
  EXPECT_FALSE(PackedVector::from_blob(std::string("\xff\xff\xff\x7f", 4) + "x")) << "not a number";
  EXPECT_EQ(PackedVector::of(std::vector<float>(8, 0.0F)).numbers, std::vector<std::int8_t>(8, 0));
}

class Vectors : public ::testing::Test {
 protected:
  ShelfVectors::Added added(const PassageId& passage) {
    originals_[passage] = direction(random_, 64);
    return {passage, PackedVector::of(originals_[passage])};
  }
  /// By looking at every one of `shelf`.
  std::vector<PassageId> slowly(const QueryVector& query, const ShelfVectors& shelf, std::size_t limit) const {
    std::vector<std::pair<double, PassageId>> all;
    for (const auto& [passage, values] : originals_) {
      if (const auto cosine = shelf.cosine(query, passage)) all.emplace_back(-*cosine, passage);
    }
    std::sort(all.begin(), all.end());
    std::vector<PassageId> best;
    for (std::size_t i = 0; i < std::min(limit, all.size()); ++i) best.push_back(all[i].second);
    return best;
  }
  static std::vector<PassageId> passages(const std::vector<VectorHit>& hits) {
    std::vector<PassageId> ids;
    for (const VectorHit& hit : hits) ids.push_back(hit.passage);
    return ids;
  }

  std::mt19937 random_{7};
  std::map<PassageId, std::vector<float>> originals_;
};

TEST_F(Vectors, FindsTheNearestWhateverWasAddedReplacedAndRemoved) {
  ShelfVectors shelf;
  std::vector<PassageId> there;
  for (int round = 0; round < 60; ++round) {
    std::vector<ShelfVectors::Added> add;
    std::vector<PassageId> remove;
    for (unsigned i = 0; i < random_() % 8; ++i) {
      there.push_back(PassageId::random());
      add.push_back(added(there.back()));
    }
    if (!there.empty() && round % 3 == 0) add.push_back(added(there[random_() % there.size()]));  // Anew.
    for (unsigned i = 0; i < random_() % 5 && !there.empty(); ++i) {
      const std::size_t at = random_() % there.size();
      if (std::any_of(add.begin(), add.end(), [&](const auto& each) { return each.passage == there[at]; })) continue;
      remove.push_back(there[at]);
      originals_.erase(there[at]);
      there.erase(there.begin() + static_cast<std::ptrdiff_t>(at));
    }
    remove.push_back(PassageId::random());  // One that is not there.
    shelf.apply(std::move(add), remove);
    ASSERT_EQ(shelf.size(), there.size());
    const QueryVector query(direction(random_, 64));
    const ShelfVectors* const readable[] = {&shelf};
    EXPECT_EQ(passages(nearest(query, readable, 10)), slowly(query, shelf, 10)) << round;
  }
  shelf.clear();
  EXPECT_EQ(shelf.size(), 0U);
}

TEST_F(Vectors, LooksAtTheReadableShelvesAlone) {
  ShelfVectors open, closed;
  open.apply({added(PassageId::random()), added(PassageId::random())}, {});
  const PassageId secret = PassageId::random();
  closed.apply({added(secret)}, {});
  const QueryVector query(originals_[secret]);
  const ShelfVectors* const one[] = {&open};
  const ShelfVectors* const both[] = {&open, &closed};
  EXPECT_EQ(nearest(query, one, 10).size(), 2U);
  const auto hits = nearest(query, both, 10);
  ASSERT_EQ(hits.size(), 3U);
  EXPECT_EQ(hits[0].passage, secret);
  EXPECT_EQ(hits[0].shelf, 1U);
  EXPECT_NEAR(hits[0].cosine, 1.0, 0.01);
}

TEST_F(Vectors, AnotherModelsWidthIsPassedOver) {
  ShelfVectors shelf;
  shelf.apply({added(PassageId::random())}, {});
  shelf.apply({{PassageId::random(), PackedVector::of(direction(random_, 32))}}, {});
  EXPECT_EQ(shelf.size(), 1U);
  const ShelfVectors* const readable[] = {&shelf};
  EXPECT_TRUE(nearest(QueryVector(direction(random_, 32)), readable, 5).empty());
}

}  // namespace
}  // namespace sekisho::search
