#include "search/blend.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sekisho::search {
namespace {

PassageId id(int number) {
  std::string text(26, '0');
  text.back() = static_cast<char>('0' + number);
  return PassageId::parse(text).value();
}
Hit word_hit(int number, double score) { return {.passage = id(number), .shelf = 0, .score = score, .shares = {}, .matched = {"申請"}, .words = score}; }
std::optional<double> no_vector(const Hit&) { return std::nullopt; }

std::vector<PassageId> order(const std::vector<Hit>& hits) {
  std::vector<PassageId> ids;
  for (const Hit& hit : hits) ids.push_back(hit.passage);
  return ids;
}

TEST(Blend, FindsWhatNoWordOfTheQuestionStandsIn) {
  const auto hits = blend({word_hit(1, 8), word_hit(2, 2)}, {{id(3), 0, .95}, {id(1), 0, .90}, {id(2), 0, .80}}, no_vector, 10, 0.4);
  EXPECT_EQ(order(hits), (std::vector{id(1), id(3), id(2)}));
  EXPECT_TRUE(hits[1].matched.empty());
  EXPECT_EQ(hits[1].words, 0);
  EXPECT_DOUBLE_EQ(*hits[1].cosine, .95);
  EXPECT_EQ(hits[0].matched, std::vector<std::string>{"申請"});
  EXPECT_DOUBLE_EQ(hits[0].words, 8) << "the words' own score stays";
}

TEST(Blend, MeaningPutsTheRightOneOfTwoLikeWordsFirst) {
  EXPECT_EQ(order(blend({word_hit(1, 5), word_hit(2, 4.9)}, {{id(2), 0, .9}, {id(1), 0, .8}}, no_vector, 10, 0.4)), (std::vector{id(2), id(1)}));
  EXPECT_EQ(order(blend({word_hit(1, 5), word_hit(2, 1)}, {{id(2), 0, .9}, {id(1), 0, .8}}, no_vector, 10, 0.2)), (std::vector{id(1), id(2)})) << "by its weight";
}

TEST(Blend, WithoutVectorsTheWordsDecideAlone) {
  const auto hits = blend({word_hit(1, 5), word_hit(2, 4), word_hit(3, 3)}, {}, no_vector, 2);
  EXPECT_EQ(order(hits), (std::vector{id(1), id(2)}));
  EXPECT_DOUBLE_EQ(hits[0].score, 5) << "and their scores are as they were";
  EXPECT_TRUE(blend({}, {}, no_vector, 5).empty());
}

TEST(Blend, AsksForTheMeaningOfWhatTheWordsFoundFarDown) {
  const auto far = [](const Hit& hit) { return hit.passage == id(2) ? std::optional(.85) : std::nullopt; };
  const auto hits = blend({word_hit(1, 5), word_hit(2, 5)}, {{id(3), 0, .9}, {id(4), 0, .8}}, far, 10, 0.4);
  EXPECT_EQ(hits[0].passage, id(2));
  EXPECT_DOUBLE_EQ(*hits[0].cosine, .85);
  EXPECT_FALSE(hits[1].cosine) << "one without a vector has its words' part";
}

TEST(Blend, EqualOnesComeInTheOrderOfTheirIds) {
  EXPECT_EQ(order(blend({}, {{id(5), 0, .9}, {id(2), 0, .9}}, no_vector, 10)), (std::vector{id(2), id(5)}));
  EXPECT_EQ(blend({word_hit(1, 1), word_hit(2, 1), word_hit(3, 1)}, {{id(4), 0, .5}}, no_vector, 3).size(), 3U);
}

}  // namespace
}  // namespace sekisho::search
