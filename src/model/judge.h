#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace sekisho::model {

/// What can be seen from outside of whether a passage answers a question (INFERENCE.md, "Is the answer there?").
struct JudgeFeatures {
  double yes_margin = 0;            ///< log p(はい) − log p(いいえ), asked whether the passage suffices.
  double mean_log_probability = 0;  ///< Of the answer's tokens.
  double min_log_probability = 0;
  bool refused = false;          ///< The answer itself says that the passage is silent.
  double question_coverage = 0;  ///< Share of the question's words that the passage has, 0..1.
  double answer_coverage = 0;    ///< Share of the answer's words that the passage has, 0..1.
  double sentence_coverage = 0;  ///< As question_coverage, of the passage's best sentence.
  double ranking_margin = 0;     ///< How far the search put this passage before the next document (chat/reading.h), 0..1.
  bool later = false;            ///< Read because what the search put before it was silent.
};

inline constexpr std::size_t kJudgeFeatures = 9;
/// In this order in every vector of numbers below.
inline constexpr std::array<std::string_view, kJudgeFeatures> kJudgeFeatureNames = {
    "yes_margin", "mean_log_probability", "min_log_probability", "refused", "question_coverage", "answer_coverage", "sentence_coverage",
    "ranking_margin", "later"};

/// The judge of one model: a logistic mix of the standardised features, and the threshold below which an answer is withheld.
struct Calibration {
  std::array<double, kJudgeFeatures> means{};
  std::array<double, kJudgeFeatures> scales{};  ///< Each > 0.
  std::array<double, kJudgeFeatures> weights{};
  double bias = 0;
  double threshold = 0.5;  ///< On the probability that the answer is there.
  // How it was found, by cross-validation: for people. The shares are of first readings.
  std::int64_t samples = 0;
  double auc = 0;
  double false_refusals = 0;  ///< Share of the answerable ones that fall below the threshold.
  double caught = 0;          ///< Share of the unanswerable ones that fall below it.

  [[nodiscard]] Json to_json() const;
  /// Errors: kInvalid with the path.
  [[nodiscard]] static Result<Calibration> from_json(const Json& json, std::string path = "$");
  /// The lines of a `[model.judge]` table of models/catalog.toml.
  [[nodiscard]] std::string to_toml() const;
};

struct Judgement {
  bool answer_is_there = true;
  double probability = 0;
};

/// Without a calibration only the model's own refusal counts (and probability is 0 or 1).
[[nodiscard]] Judgement decide(const std::optional<Calibration>& calibration, const JudgeFeatures& features);

struct JudgeSample {
  JudgeFeatures features;
  bool answer_is_there = false;
};
struct FitOptions {
  double false_refusals = 0.05;  ///< The share of answerable questions that may be refused: an office's choice.
  double ridge = 1.0;            ///< L2 penalty on the weights of the standardised features.
  std::size_t folds = 5;
};

/// Logistic regression by Newton's method; the threshold is the quantile of the cross-validated probabilities of the
/// answerable first readings. Deterministic. Features that never vary get no weight.
/// Errors: kInvalid for fewer than 20 first readings of either kind, numbers that are not finite, or options out of range.
[[nodiscard]] Result<Calibration> fit(const std::vector<JudgeSample>& samples, const FitOptions& options);

}  // namespace sekisho::model
