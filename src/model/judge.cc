#include "model/judge.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace sekisho::model {
namespace {

constexpr std::size_t kMinSamplesOfAKind = 20;
constexpr std::size_t kTerms = kJudgeFeatures + 1;  ///< The weights and the bias.
constexpr int kNewtonSteps_max = 50;

using Vector = std::array<double, kJudgeFeatures>;
using Terms = std::array<double, kTerms>;

Vector vector_of(const JudgeFeatures& f) {
  return {f.yes_margin,      f.mean_log_probability, f.min_log_probability, f.refused ? 1.0 : 0.0, f.question_coverage,
          f.answer_coverage, f.sentence_coverage,    f.ranking_margin,      f.later ? 1.0 : 0.0};
}

double logistic(double x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }

double probability(const Calibration& c, const JudgeFeatures& features) {
  const Vector x = vector_of(features);
  double sum = c.bias;
  for (std::size_t i = 0; i < kJudgeFeatures; ++i) sum += c.weights[i] * (x[i] - c.means[i]) / c.scales[i];
  return logistic(sum);
}

/// Solves a symmetric positive definite system in place (Gauss with pivots; 10 × 10).
Terms solve(std::array<Terms, kTerms> matrix, Terms right) {
  for (std::size_t column = 0; column < kTerms; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < kTerms; ++row) {
      if (std::abs(matrix[row][column]) > std::abs(matrix[pivot][column])) pivot = row;
    }
    std::swap(matrix[pivot], matrix[column]);
    std::swap(right[pivot], right[column]);
    for (std::size_t row = column + 1; row < kTerms; ++row) {
      const double factor = matrix[row][column] / matrix[column][column];
      for (std::size_t k = column; k < kTerms; ++k) matrix[row][k] -= factor * matrix[column][k];
      right[row] -= factor * right[column];
    }
  }
  for (std::size_t column = kTerms; column-- > 0;) {
    for (std::size_t k = column + 1; k < kTerms; ++k) right[column] -= matrix[column][k] * right[k];
    right[column] /= matrix[column][column];
  }
  return right;
}

using Samples = std::vector<const JudgeSample*>;

void standardise(const Samples& samples, Calibration& c) {
  const double n = static_cast<double>(samples.size());
  for (std::size_t i = 0; i < kJudgeFeatures; ++i) {
    double sum = 0;
    for (const JudgeSample* sample : samples) sum += vector_of(sample->features)[i];
    c.means[i] = sum / n;
    double squares = 0;
    for (const JudgeSample* sample : samples) squares += std::pow(vector_of(sample->features)[i] - c.means[i], 2);
    const double deviation = std::sqrt(squares / n);
    // A feature that never varies has only zeros once its mean is taken off, so its weight stays 0.
    c.scales[i] = deviation > 1e-9 ? deviation : 1;
  }
}

/// Newton's method on the penalised likelihood, which is strictly concave but for the bias.
Calibration train(const Samples& samples, double ridge) {
  Calibration c;
  standardise(samples, c);
  Terms terms{};
  for (int step = 0; step < kNewtonSteps_max; ++step) {
    Terms gradient{};
    std::array<Terms, kTerms> hessian{};
    for (std::size_t i = 0; i < kTerms; ++i) {
      const double penalty = i < kJudgeFeatures ? ridge : 1e-6;
      gradient[i] = -penalty * terms[i];
      hessian[i][i] = penalty;
    }
    for (const JudgeSample* sample : samples) {
      const Vector raw = vector_of(sample->features);
      Terms x{};
      x[kJudgeFeatures] = 1;
      double sum = terms[kJudgeFeatures];
      for (std::size_t i = 0; i < kJudgeFeatures; ++i) {
        x[i] = (raw[i] - c.means[i]) / c.scales[i];
        sum += terms[i] * x[i];
      }
      const double p = logistic(sum);
      for (std::size_t i = 0; i < kTerms; ++i) {
        gradient[i] += ((sample->answer_is_there ? 1 : 0) - p) * x[i];
        for (std::size_t k = 0; k < kTerms; ++k) hessian[i][k] += p * (1 - p) * x[i] * x[k];
      }
    }
    const Terms change = solve(hessian, gradient);
    double largest = 0;
    for (std::size_t i = 0; i < kTerms; ++i) {
      terms[i] += change[i];
      largest = std::max(largest, std::abs(change[i]));
    }
    if (largest < 1e-9) break;
  }
  std::copy_n(terms.begin(), kJudgeFeatures, c.weights.begin());
  c.bias = terms[kJudgeFeatures];
  return c;
}

/// The probability of each sample from a model that did not see it. Folds are dealt out within each kind.
std::vector<double> held_out(const std::vector<JudgeSample>& samples, const FitOptions& options) {
  std::vector<std::size_t> fold(samples.size());
  std::array<std::size_t, 2> dealt{};
  for (std::size_t i = 0; i < samples.size(); ++i) fold[i] = dealt[samples[i].answer_is_there ? 1 : 0]++ % options.folds;
  std::vector<double> probabilities(samples.size());
  for (std::size_t f = 0; f < options.folds; ++f) {
    Samples rest;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (fold[i] != f) rest.push_back(&samples[i]);
    }
    const Calibration c = train(rest, options.ridge);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (fold[i] == f) probabilities[i] = probability(c, samples[i].features);
    }
  }
  return probabilities;
}

struct ByKind {
  std::vector<double> there;
  std::vector<double> silent;
};

/// The first readings alone: that most of what comes later is silent is easily seen and says little.
ByKind by_kind(const std::vector<JudgeSample>& samples, const std::vector<double>& probabilities) {
  ByKind result;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!samples[i].features.later) (samples[i].answer_is_there ? result.there : result.silent).push_back(probabilities[i]);
  }
  std::sort(result.there.begin(), result.there.end());
  std::sort(result.silent.begin(), result.silent.end());
  return result;
}

double share_below(const std::vector<double>& sorted, double threshold) {
  const auto below = std::lower_bound(sorted.begin(), sorted.end(), threshold) - sorted.begin();
  return static_cast<double>(below) / static_cast<double>(sorted.size());
}

/// The chance that an answerable sample has the higher probability; ties count half.
double auc_of(const ByKind& kinds) {
  double wins = 0;
  for (const double silent : kinds.silent) {
    const auto range = std::equal_range(kinds.there.begin(), kinds.there.end(), silent);
    wins += static_cast<double>(kinds.there.end() - range.second) + static_cast<double>(range.second - range.first) / 2;
  }
  return wins / (static_cast<double>(kinds.there.size()) * static_cast<double>(kinds.silent.size()));
}

Result<void> check_samples(const std::vector<JudgeSample>& samples, const FitOptions& options) {
  if (options.false_refusals < 0 || options.false_refusals >= 1 || options.ridge <= 0 || options.folds < 2 || options.folds > 20) {
    return fail(ErrorCode::kInvalid, "judge: options out of range");
  }
  std::array<std::size_t, 2> counts{};
  for (const JudgeSample& sample : samples) {
    if (!sample.features.later) ++counts[sample.answer_is_there ? 1 : 0];
    for (const double x : vector_of(sample.features)) {
      if (!std::isfinite(x)) return fail(ErrorCode::kInvalid, "judge: a feature is not a finite number");
    }
  }
  if (std::min(counts[0], counts[1]) < kMinSamplesOfAKind) {
    return fail(ErrorCode::kInvalid, fmt::format("judge: {} answerable and {} unanswerable first readings, at least {} of each are needed",
                                                 counts[1], counts[0], kMinSamplesOfAKind));
  }
  return {};
}

Json numbers(const Vector& values) {
  Json::Array items;
  for (const double value : values) items.emplace_back(value);
  return Json(std::move(items));
}

Vector read_numbers(JsonReader& reader, std::string_view key) {
  Vector values{};
  const Json* raw = reader.raw_if(key);
  const Json::Array* items = raw == nullptr ? nullptr : raw->as_array();
  if (items == nullptr || items->size() != kJudgeFeatures) {
    reader.reject(key, fmt::format("must be {} numbers", kJudgeFeatures));
    return values;
  }
  for (std::size_t i = 0; i < kJudgeFeatures; ++i) {
    const auto number = (*items)[i].as_number();
    if (!number || !std::isfinite(*number)) reader.reject(key, "must hold numbers only");
    values[i] = number.value_or(0);
  }
  return values;
}

}  // namespace

Judgement decide(const std::optional<Calibration>& calibration, const JudgeFeatures& features) {
  if (!calibration) return {!features.refused, features.refused ? 0.0 : 1.0};
  const double p = probability(*calibration, features);
  return {p >= calibration->threshold, p};
}

Result<Calibration> fit(const std::vector<JudgeSample>& samples, const FitOptions& options) {
  if (auto checked = check_samples(samples, options); !checked) return fail(checked.error());
  Samples all;
  for (const JudgeSample& sample : samples) all.push_back(&sample);
  Calibration calibration = train(all, options.ridge);
  const ByKind kinds = by_kind(samples, held_out(samples, options));
  const auto index = static_cast<std::size_t>(options.false_refusals * static_cast<double>(kinds.there.size()));
  calibration.threshold = kinds.there[index];
  calibration.samples = static_cast<std::int64_t>(samples.size());
  calibration.auc = auc_of(kinds);
  calibration.false_refusals = share_below(kinds.there, calibration.threshold);
  calibration.caught = share_below(kinds.silent, calibration.threshold);
  return calibration;
}

Json Calibration::to_json() const {
  return Json::object({{"means", numbers(means)},
                       {"scales", numbers(scales)},
                       {"weights", numbers(weights)},
                       {"bias", bias},
                       {"threshold", threshold},
                       {"samples", samples},
                       {"auc", auc},
                       {"false_refusals", false_refusals},
                       {"caught", caught}});
}

Result<Calibration> Calibration::from_json(const Json& json, std::string path) {
  JsonReader reader(json, std::move(path));
  Calibration c;
  c.means = read_numbers(reader, "means");
  c.scales = read_numbers(reader, "scales");
  c.weights = read_numbers(reader, "weights");
  if (std::any_of(c.scales.begin(), c.scales.end(), [](double scale) { return scale <= 0; })) reader.reject("scales", "must be above 0");
  c.bias = reader.number_if("bias").value_or(0);
  c.threshold = reader.number_if("threshold", {.min = 0, .max = 1}).value_or(c.threshold);
  c.samples = reader.integer_if("samples", {.min = 0}).value_or(0);
  c.auc = reader.number_if("auc", {.min = 0, .max = 1}).value_or(0);
  c.false_refusals = reader.number_if("false_refusals", {.min = 0, .max = 1}).value_or(0);
  c.caught = reader.number_if("caught", {.min = 0, .max = 1}).value_or(0);
  if (auto done = reader.finish(); !done) return fail(done.error());
  return c;
}

std::string Calibration::to_toml() const {
  const auto list = [](const Vector& values) {
    std::string text;
    for (const double value : values) text += fmt::format("{}{:.6g}", text.empty() ? "" : ", ", value);
    return text;
  };
  return fmt::format(
      "[model.judge]\nmeans = [{}]\nscales = [{}]\nweights = [{}]\nbias = {:.6g}\nthreshold = {:.6g}\n"
      "samples = {}\nauc = {:.4f}\nfalse_refusals = {:.4f}\ncaught = {:.4f}\n",
      list(means), list(scales), list(weights), bias, threshold, samples, auc, false_refusals, caught);
}

}  // namespace sekisho::model
