#include "model/judge.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace sekisho::model {
namespace {

/// Synthetic answers whose true odds are known: log odds = 2·yes_margin + 3·(mean + 1) − 4·refused, the rest is noise.
std::vector<JudgeSample> synthetic(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  std::vector<JudgeSample> samples;
  for (std::size_t i = 0; i < count; ++i) {
    JudgeSample sample;
    sample.features.yes_margin = normal(random);
    sample.features.mean_log_probability = -1 + 0.5 * normal(random);
    sample.features.min_log_probability = -4 + normal(random);
    sample.features.refused = uniform(random) < 0.2;
    sample.features.question_coverage = uniform(random);
    sample.features.answer_coverage = 0.5;  // Never varies.
    sample.features.ranking_margin = uniform(random);
    const double odds = 2 * sample.features.yes_margin + 3 * (sample.features.mean_log_probability + 1) - (sample.features.refused ? 4 : 0);
    sample.answer_is_there = uniform(random) < 1 / (1 + std::exp(-odds));
    samples.push_back(sample);
  }
  return samples;
}

/// The weight per unit of the raw feature.
double raw_weight(const Calibration& c, std::size_t i) { return c.weights[i] / c.scales[i]; }

TEST(Judge, FindsTheOddsThatMadeTheData) {
  const auto c = fit(synthetic(10'000, 1), {});
  ASSERT_TRUE(c) << c.error().detail;
  EXPECT_NEAR(raw_weight(*c, 0), 2, 0.15);
  EXPECT_NEAR(raw_weight(*c, 1), 3, 0.25);
  EXPECT_NEAR(raw_weight(*c, 2), 0, 0.1);
  EXPECT_NEAR(raw_weight(*c, 3), -4, 0.3);
  EXPECT_NEAR(raw_weight(*c, 4), 0, 0.25);
  EXPECT_NEAR(c->weights[5], 0, 1e-9) << "a feature that never varies says nothing";
}

TEST(Judge, KeepsThePromisedShareOfFalseRefusalsOnNewData) {
  for (const double promised : {0.02, 0.05, 0.2}) {
    const auto c = fit(synthetic(6'000, 2), {.false_refusals = promised});
    ASSERT_TRUE(c);
    std::size_t there = 0, refused_there = 0, silent = 0, caught = 0;
    for (const JudgeSample& sample : synthetic(10'000, 3)) {
      const bool refused = !decide(*c, sample.features).answer_is_there;
      ++(sample.answer_is_there ? there : silent);
      if (refused) ++(sample.answer_is_there ? refused_there : caught);
    }
    const double false_refusals = static_cast<double>(refused_there) / static_cast<double>(there);
    EXPECT_NEAR(false_refusals, promised, 0.02);
    EXPECT_NEAR(c->false_refusals, promised, 0.001);
    EXPECT_NEAR(c->caught, static_cast<double>(caught) / static_cast<double>(silent), 0.03);
  }
}

TEST(Judge, AreaUnderTheCurveIsOneForSeparableDataAndAHalfForNoise) {
  std::vector<JudgeSample> separable;
  for (int i = 0; i < 100; ++i) separable.push_back({{.yes_margin = i < 50 ? 1.0 + i : -1.0 - i}, i < 50});
  const auto sharp = fit(separable, {});
  ASSERT_TRUE(sharp);
  EXPECT_DOUBLE_EQ(sharp->auc, 1);
  EXPECT_DOUBLE_EQ(sharp->caught, 1);
  for (const JudgeSample& sample : separable) {
    const bool accepted = decide(*sharp, sample.features).answer_is_there;
    EXPECT_TRUE(sample.answer_is_there || !accepted);
  }

  auto noise = synthetic(4'000, 4);
  std::mt19937 random(5);
  for (JudgeSample& sample : noise) sample.answer_is_there = random() % 2 == 0;
  const auto blunt = fit(noise, {});
  ASSERT_TRUE(blunt);
  EXPECT_NEAR(blunt->auc, 0.5, 0.04);
}

TEST(Judge, SurvivesJsonAndRefusesBrokenNumbers) {
  const auto c = fit(synthetic(200, 6), {});
  ASSERT_TRUE(c);
  const auto again = Calibration::from_json(Json::parse(c->to_json().dump()).value());
  ASSERT_TRUE(again) << again.error().detail;
  const JudgeFeatures features{.yes_margin = 0.3, .mean_log_probability = -0.7, .refused = true};
  EXPECT_DOUBLE_EQ(decide(*again, features).probability, decide(*c, features).probability);
  EXPECT_EQ(again->samples, 200);

  Json::Array ones(kJudgeFeatures, Json(1.0));
  const Json three = Json::object({{"means", Json::array({1, 2, 3})}, {"scales", Json(ones)}, {"weights", Json(ones)}});
  EXPECT_FALSE(Calibration::from_json(three));
  const Json zero_scale = Json::object({{"means", Json(ones)}, {"scales", Json(Json::Array(kJudgeFeatures, Json(0)))}, {"weights", Json(ones)}});
  EXPECT_FALSE(Calibration::from_json(zero_scale));
  const Json text = Json::object({{"means", Json(Json::Array(kJudgeFeatures, Json("一")))}, {"scales", Json(ones)}, {"weights", Json(ones)}});
  EXPECT_FALSE(Calibration::from_json(text));
}

TEST(Judge, WithoutACalibrationOnlyTheModelsOwnRefusalCounts) {
  EXPECT_TRUE(decide(std::nullopt, {.yes_margin = -9, .refused = false}).answer_is_there);
  EXPECT_FALSE(decide(std::nullopt, {.yes_margin = 9, .refused = true}).answer_is_there);
}

TEST(Judge, RefusesTooFewOrBrokenSamples) {
  EXPECT_FALSE(fit({}, {}));
  auto samples = synthetic(200, 7);
  for (JudgeSample& sample : samples) sample.answer_is_there = true;
  const auto one_kind = fit(samples, {});
  ASSERT_FALSE(one_kind);
  EXPECT_NE(one_kind.error().detail.find("200 answerable and 0 unanswerable"), std::string::npos);
  samples = synthetic(200, 8);
  samples[3].features.yes_margin = -std::numeric_limits<double>::infinity();
  EXPECT_FALSE(fit(samples, {}));
  EXPECT_FALSE(fit(synthetic(200, 9), {.false_refusals = 1.5}));
  EXPECT_FALSE(fit(synthetic(200, 9), {.ridge = 0}));
  EXPECT_FALSE(fit(synthetic(200, 9), {.folds = 1}));
}

}  // namespace
}  // namespace sekisho::model
