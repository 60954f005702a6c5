#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "main/eval_records.h"
#include "main/turn_record.h"
#include "model/judge.h"

namespace sekisho::main {

inline constexpr std::size_t kRanksLooked = 10;

/// Whether `text` holds one of `answers`, both in the form in which text is indexed (text::fold) and without spaces.
[[nodiscard]] bool contains_answer(std::string_view text, const std::vector<std::string>& answers);
/// Whether a passage (as search or a turn's sources give it) is one that the record names, by passage id or file name.
[[nodiscard]] bool is_relevant(const Json& passage, const EvalRecord& record);
/// The smallest value that at least the share `p` of `values` do not pass (nearest rank); nothing for none.
[[nodiscard]] std::optional<double> percentile(std::vector<double> values, double p);

struct SearchOutcome {
  std::size_t rank = 0;  ///< Of the first relevant passage, from 1; 0: not among the first kRanksLooked.
  double ms = 0;         ///< As seen from here, the connection included.
};
[[nodiscard]] std::size_t rank_of_relevant(const Json& answer, const EvalRecord& record);

/// "questions", "r1" and "r10" (share of questions with a relevant passage among the first 1 and 10), "mrr10", "p50_ms", "p95_ms".
[[nodiscard]] Json search_metrics(const std::vector<SearchOutcome>& outcomes);
[[nodiscard]] std::string search_metrics_words(const Json& metrics);

struct AnswerOutcome {
  bool answerable = false;
  bool names_relevant = false;  ///< The record says which passage is right.
  bool failed = false;
  bool refused = false;         ///< 「資料には見当たりません」
  bool right_cited = false;     ///< Answered, and a sentence rests on a right passage.
  bool contains = false;        ///< Answered, and an expected answer is in it.
  double total_ms = 0;
  std::optional<double> first_text_ms;
};
[[nodiscard]] AnswerOutcome judge_answer(const EvalRecord& record, const TurnRecord& turn);
/// As a details file has it, and back; the record says the rest.
[[nodiscard]] Json outcome_json(const AnswerOutcome& outcome);
[[nodiscard]] AnswerOutcome outcome_of(const EvalRecord& record, const Json& json);

/// Shares from 0 to 1, null where there is nothing to divide by:
/// - of the answerable: "contains", "falsely_refused"; of those that name a right passage: "right_cited"
/// - of those that were answered and name one: "right_cited_of_answered"
/// - of the unanswerable: "refused"
/// beside "questions", "answerable", "unanswerable", "failed", "s_per_answer", "first_text_ms" (median).
/// A turn that failed counts as neither right nor refused.
[[nodiscard]] Json answer_metrics(const std::vector<AnswerOutcome>& outcomes);
[[nodiscard]] std::string answer_metrics_words(const Json& metrics);

/// The samples for the judge of one turn that was asked with `explain`: one for each reading. Left out are those of an
/// answerable question that hold an expected answer in a passage which is not a right one, or a right one without an
/// expected answer (whether the answer is there is then not known).
/// `turn` as TurnRecord::to_json() gives it.
[[nodiscard]] std::vector<model::JudgeSample> judge_samples(const EvalRecord& record, const Json& turn);

}  // namespace sekisho::main
