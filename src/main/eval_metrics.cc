#include "main/eval_metrics.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "main/json_items.h"
#include "text/normalize.h"
#include "text/utf8.h"

namespace sekisho::main {
namespace {

std::string compared(std::string_view text) {
  std::string out;
  text::for_each_character(text::fold(text), [&](const text::Character& c) {
    if (!text::is_space(c.value)) text::append_utf8(out, c.value);
  });
  return out;
}

/// How many of how many.
struct Share {
  std::size_t part = 0;
  std::size_t whole = 0;

  void count(bool is_part) {
    ++whole;
    if (is_part) ++part;
  }
  [[nodiscard]] Json json() const { return whole == 0 ? Json() : Json(static_cast<double>(part) / static_cast<double>(whole)); }
};

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

std::string percent_words(const Json& metrics, std::string_view key) {
  const Json* share = metrics.find(key);
  return share == nullptr || share->is_null() ? "－" : fmt::format("{:.1f} %", 100 * share->as_number().value_or(0));
}
std::string number_words(const Json& metrics, std::string_view key, int decimals) {
  const Json* value = metrics.find(key);
  return value == nullptr || value->is_null() ? "－" : fmt::format("{:.{}f}", value->as_number().value_or(0), decimals);
}

const Json* source_of(const Json& turn, const Json& number) {
  for (const Json& source : items_of(turn, "sources")) {
    if (number.as_int() != nullptr && source.int_or("number") == *number.as_int()) return &source;
  }
  return nullptr;
}

model::JudgeFeatures features_of(const Json& reading) {
  model::JudgeFeatures features;
  features.yes_margin = reading.number_or("yes_margin");
  features.mean_log_probability = reading.number_or("mean_log_probability");
  features.min_log_probability = reading.number_or("min_log_probability");
  features.refused = reading.bool_or("refused");
  features.question_coverage = reading.number_or("question_coverage");
  features.answer_coverage = reading.number_or("answer_coverage");
  features.sentence_coverage = reading.number_or("sentence_coverage");
  features.ranking_margin = reading.number_or("ranking_margin");
  features.later = reading.bool_or("later");
  return features;
}

}  // namespace

bool contains_answer(std::string_view text, const std::vector<std::string>& answers) {
  const std::string all = compared(text);
  return std::any_of(answers.begin(), answers.end(), [&](const std::string& answer) {
    const std::string wanted = compared(answer);
    return !wanted.empty() && all.find(wanted) != std::string::npos;
  });
}

bool is_relevant(const Json& passage, const EvalRecord& record) {
  const std::string id = passage.text_or("passage_id");
  const std::string name = passage.text_or("document_name");
  return std::any_of(record.relevant.begin(), record.relevant.end(), [&](const std::string& wanted) { return wanted == id || wanted == name; });
}

std::optional<double> percentile(std::vector<double> values, double p) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(p * static_cast<double>(values.size())));
  return values[std::min(std::max<std::size_t>(rank, 1), values.size()) - 1];
}

std::size_t rank_of_relevant(const Json& answer, const EvalRecord& record) {
  const Json* items = answer.find("items");
  if (items == nullptr || items->as_array() == nullptr) return 0;
  const Json::Array& passages = *items->as_array();
  for (std::size_t i = 0; i < passages.size() && i < kRanksLooked; ++i) {
    if (is_relevant(passages[i], record)) return i + 1;
  }
  return 0;
}

Json search_metrics(const std::vector<SearchOutcome>& outcomes) {
  Share first, ten;
  double reciprocals = 0;
  std::vector<double> times;
  for (const SearchOutcome& outcome : outcomes) {
    first.count(outcome.rank == 1);
    ten.count(outcome.rank > 0);
    if (outcome.rank > 0) reciprocals += 1 / static_cast<double>(outcome.rank);
    times.push_back(outcome.ms);
  }
  const Json mrr = outcomes.empty() ? Json() : Json(reciprocals / static_cast<double>(outcomes.size()));
  return Json::object({{"questions", outcomes.size()},
                       {"r1", first.json()},
                       {"r10", ten.json()},
                       {"mrr10", mrr},
                       {"p50_ms", json_of(percentile(times, 0.50))},
                       {"p95_ms", json_of(percentile(times, 0.95))}});
}

std::string search_metrics_words(const Json& metrics) {
  return fmt::format("質問 {}件\n  1番目に出た      R@1    {}\n  10番目までに出た R@10   {}\n  順位の逆数の平均 MRR@10 {}\n  時間 中央値 {} ms、95 % {} ms\n",
                     metrics.int_or("questions"), percent_words(metrics, "r1"), percent_words(metrics, "r10"), number_words(metrics, "mrr10", 4),
                     number_words(metrics, "p50_ms", 1), number_words(metrics, "p95_ms", 1));
}

AnswerOutcome judge_answer(const EvalRecord& record, const TurnRecord& turn) {
  AnswerOutcome outcome;
  outcome.answerable = !record.answers.empty();
  outcome.names_relevant = outcome.answerable && !record.relevant.empty();
  outcome.failed = !turn.done || turn.cancelled();
  if (outcome.failed) return outcome;
  outcome.refused = turn.not_found();
  if (outcome.refused) return outcome;
  outcome.contains = contains_answer(turn.answer, record.answers);
  for (const std::int64_t number : turn.cited()) {
    const Json* source = turn.source(number);
    if (source != nullptr && is_relevant(*source, record)) outcome.right_cited = true;
  }
  return outcome;
}

Json outcome_json(const AnswerOutcome& outcome) {
  return Json::object({{"failed", outcome.failed},
                       {"refused", outcome.refused},
                       {"right_cited", outcome.right_cited},
                       {"contains", outcome.contains},
                       {"total_ms", outcome.total_ms},
                       {"first_text_ms", outcome.first_text_ms ? Json(*outcome.first_text_ms) : Json()}});
}

AnswerOutcome outcome_of(const EvalRecord& record, const Json& json) {
  AnswerOutcome outcome;
  outcome.answerable = !record.answers.empty();
  outcome.names_relevant = outcome.answerable && !record.relevant.empty();
  outcome.failed = json.bool_or("failed");
  outcome.refused = json.bool_or("refused");
  outcome.right_cited = json.bool_or("right_cited");
  outcome.contains = json.bool_or("contains");
  outcome.total_ms = json.number_or("total_ms");
  if (const Json* first = json.find("first_text_ms"); first != nullptr && !first->is_null()) outcome.first_text_ms = json.number_or("first_text_ms");
  return outcome;
}

Json answer_metrics(const std::vector<AnswerOutcome>& outcomes) {
  Share contains, falsely_refused, refused, right_cited, right_of_answered, failed;
  std::vector<double> first_times;
  double total_ms = 0;
  for (const AnswerOutcome& outcome : outcomes) {
    failed.count(outcome.failed);
    if (outcome.answerable) {
      contains.count(outcome.contains);
      falsely_refused.count(outcome.refused);
    } else {
      refused.count(outcome.refused);
    }
    if (outcome.names_relevant) {
      right_cited.count(outcome.right_cited);
      if (!outcome.refused && !outcome.failed) right_of_answered.count(outcome.right_cited);
    }
    if (outcome.failed) continue;
    total_ms += outcome.total_ms;
    if (outcome.first_text_ms) first_times.push_back(*outcome.first_text_ms);
  }
  const std::size_t ended = failed.whole - failed.part;
  return Json::object({{"questions", outcomes.size()},
                       {"answerable", contains.whole},
                       {"unanswerable", refused.whole},
                       {"failed", failed.part},
                       {"right_cited", right_cited.json()},
                       {"right_cited_of_answered", right_of_answered.json()},
                       {"contains", contains.json()},
                       {"refused", refused.json()},
                       {"falsely_refused", falsely_refused.json()},
                       {"s_per_answer", ended == 0 ? Json() : Json(total_ms / 1000 / static_cast<double>(ended))},
                       {"first_text_ms", json_of(percentile(first_times, 0.5))}});
}

std::string answer_metrics_words(const Json& metrics) {
  std::string text = fmt::format("質問 {}件（答えのあるもの {}件、ないもの {}件）\n", metrics.int_or("questions"), metrics.int_or("answerable"), metrics.int_or("unanswerable"));
  if (const std::int64_t failed = metrics.int_or("failed"); failed > 0) text += fmt::format("  途中で失敗した       {}件\n", failed);
  text += fmt::format("  正しい箇所を引いて答えた   {}（答えたもののうち {}）\n", percent_words(metrics, "right_cited"), percent_words(metrics, "right_cited_of_answered"));
  text += fmt::format("  正解を含む         {}\n", percent_words(metrics, "contains"));
  text += fmt::format("  ないものをないと答えた    {}\n", percent_words(metrics, "refused"));
  text += fmt::format("  あるものをないと答えた    {}\n", percent_words(metrics, "falsely_refused"));
  text += fmt::format("  1件の時間 {} 秒、最初の文字まで 中央値 {} ms\n", number_words(metrics, "s_per_answer", 2), number_words(metrics, "first_text_ms", 0));
  return text;
}

std::vector<model::JudgeSample> judge_samples(const EvalRecord& record, const Json& turn) {
  const Json* done = turn.find("done");
  std::vector<model::JudgeSample> samples;
  if (done == nullptr) return samples;
  for (const Json& reading : items_of(*done, "judge")) {
    bool known = true;
    bool there = false;
    for (const Json& number : items_of(reading, "sources")) {
      const Json* source = source_of(turn, number);
      if (source == nullptr || record.answers.empty()) continue;
      const bool has_answer = contains_answer(source->text_or("text"), record.answers);
      const bool is_right = record.relevant.empty() ? has_answer : is_relevant(*source, record);
      there = there || (is_right && has_answer);
      known = known && is_right == has_answer;
    }
    if (known || there) samples.push_back({features_of(reading), there});
  }
  return samples;
}

}  // namespace sekisho::main
