#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/prompt.h"
#include "process/model_protocol.h"
#include "search/passage_search.h"

/// What of the passages a question is answered from, and how the model is asked. The words of every prompt are here.
namespace sekisho::chat {

/// How a question wants to be read (INFERENCE.md, "Read the best paper first").
enum class Manner {
  kOne,      ///< From the best passage; where it is silent, from the next.
  kTwo,      ///< Two parts: at least the second passage is appended after the first.
  kSeveral,  ///< Comparing, listing, summarising: several passages in one prompt, ids by grammar.
};
/// By the words of the question and the scores of the ranking (best first).
[[nodiscard]] Manner manner_of(std::string_view question, const std::vector<double>& scores);

/// Which passages are read together, group after group, as indices into the ranking: the best first; one whose score is close
/// to that of the group's first joins it, while the group stays short (law articles of one matter are short and many).
/// `Manner::kTwo` puts at least two into the first group. At most `groups_max` groups.
[[nodiscard]] std::vector<std::vector<std::size_t>> groups_of(Manner manner, const std::vector<double>& scores,
                                                              const std::vector<std::size_t>& characters, std::size_t groups_max);

/// How far the words put the first passage before the next document, 0 (equal, or meaning put it first) to 1: the neighbours of a passage within its own
/// document speak of the same matter. Where only one document was found, how far before its last passage. 1 for a passage alone.
[[nodiscard]] double ranking_margin(const std::vector<search::FoundPassage>& passages);

/// The turn before, for a question that leans on it.
struct Before {
  std::string question;
  std::string answer;
  [[nodiscard]] bool empty() const { return question.empty(); }
};
/// Whether a question leans on the turn before it (それは？, では〜, short).
[[nodiscard]] bool leans_on_before(std::string_view question);

/// The passage as the model sees it: 【文書名　第7条】 and the text.
[[nodiscard]] std::string passage_text(const search::FoundPassage& passage);

/// Asks for an answer from `passages`, in their order. `begun`, here and below: what of the answer is there already.
[[nodiscard]] std::vector<process::model::Segment> answer_prompt(model::Family family, const std::vector<std::string>& passages,
                                                                 std::string_view question, const Before& before, std::string_view begun = "");
/// Asks whether `passages` suffice: はい or いいえ. The same as answer_prompt up to the end of the question.
[[nodiscard]] std::vector<process::model::Segment> judge_prompt(model::Family family, const std::vector<std::string>& passages,
                                                                std::string_view question, const Before& before);
/// はい and いいえ: what judge_prompt may be answered with, in this order.
[[nodiscard]] const std::vector<std::string>& judge_options();
/// Asks for an answer in which each sentence ends with the number of its passage, [1] to [n]; grammar_of enforces it.
[[nodiscard]] std::vector<process::model::Segment> several_prompt(model::Family family, const std::vector<std::string>& passages,
                                                                  std::string_view question, std::string_view begun = "");
/// GBNF: sentences of Japanese, each followed by one of [1] … [passages].
[[nodiscard]] std::string several_grammar(std::size_t passages);
/// Asks without papers.
[[nodiscard]] std::vector<process::model::Segment> plain_prompt(model::Family family, const std::vector<Before>& history,
                                                                std::string_view question, std::string_view begun = "");

/// Whether an answer says by itself that the papers are silent.
[[nodiscard]] bool is_refusal(std::string_view answer);

/// 資料には見当たりません。 with what was gone over and what to do next (DESIGN.md, wording 1).
[[nodiscard]] std::string not_found_text(const search::Searched& searched);

}  // namespace sekisho::chat
