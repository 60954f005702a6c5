#include "chat/reading.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "text/normalize.h"
#include "text/utf8.h"

namespace sekisho::chat {
namespace {

using process::model::Segment;

/// A passage whose score is this close to the group's first (as a share of it) is read with it.
constexpr double kCloseRanking = 0.04;
constexpr std::size_t kGroupPassages = 4;
constexpr std::size_t kGroupCharacters = 800;
constexpr std::size_t kLeaningCharacters = 12;
constexpr std::size_t kBeforeCharacters = 300;

constexpr std::string_view kSystem =
    "あなたは日本の役所で職員を助ける助手です。渡された資料に書かれていることだけを根拠に、日本語の敬体で、短く正確に答えます。"
    "数字、日付、名称は、資料のとおりに書きます。";
constexpr std::string_view kPlainSystem =
    "あなたは日本の役所で職員を助ける助手です。日本語の敬体で、読みやすく答えます。分からないことは、分からないと答えます。";

constexpr std::array<std::string_view, 14> kSeveralWords = {"要約", "まとめ", "比較", "比べ", "違い", "一覧", "列挙", "すべて挙げ",
                                                            "全て挙げ", "それぞれの", "箇条書", "整理して", "共通点", "概要を教え"};
constexpr std::array<std::string_view, 6> kTwoPartWords = {"また、", "併せて", "あわせて", "及び", "ならびに", "並びに"};
constexpr std::array<std::string_view, 9> kLeaningWords = {"それ", "その", "これ", "この", "では、", "じゃあ", "ほかに", "他に", "もっと"};
constexpr std::array<std::string_view, 6> kRefusals = {"見当たりません", "記載されていません", "記載がありません", "書かれていません",
                                                       "情報がありません", "記述がありません"};

template <typename Words>
bool has_any(std::string_view text, const Words& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

std::string before_text(const Before& before) {
  if (before.empty()) return "";
  return fmt::format("前の質問: {}\n前の回答: {}\n\n", text::first_characters(before.question, kBeforeCharacters),
                     text::first_characters(before.answer, kBeforeCharacters));
}

/// What comes before the passages is the same for every question, so that their states are found in memory again.
constexpr std::string_view kBeforeOne =
    "次の資料だけを根拠に、その後の質問に短く答えてください。資料に答えがないときは「資料には見当たりません。」とだけ答えてください。\n\n";
constexpr std::string_view kBeforeSeveral = "次の資料を読んでください。\n\n";

model::Reading reading_of(std::string_view before, const std::vector<std::string>& passages, std::string question, std::string demand) {
  return {.system = std::string(kSystem),
          .before = std::string(before),
          .passages = passages,
          .question = std::move(question),
          .demand = std::move(demand)};
}

std::string question_text(std::string_view question, const Before& before) { return fmt::format("{}質問: {}", before_text(before), question); }

}  // namespace

double ranking_margin(const std::vector<search::FoundPassage>& passages) {
  if (passages.empty() || passages.front().words <= 0) return 0;
  if (passages.size() == 1) return 1;
  const auto other = std::find_if(passages.begin(), passages.end(), [&](const auto& each) { return each.document != passages.front().document; });
  const search::FoundPassage& next = other == passages.end() ? passages.back() : *other;
  return std::max(0.0, (passages.front().words - next.words) / passages.front().words);
}

Manner manner_of(std::string_view question, const std::vector<double>& scores) {
  if (scores.size() < 2) return Manner::kOne;
  if (has_any(question, kSeveralWords)) return Manner::kSeveral;
  const bool two_marks = question.find("？") != question.rfind("？") || std::count(question.begin(), question.end(), '?') >= 2;
  if (two_marks || has_any(question, kTwoPartWords)) return Manner::kTwo;
  return Manner::kOne;
}

std::vector<std::vector<std::size_t>> groups_of(Manner manner, const std::vector<double>& scores, const std::vector<std::size_t>& characters,
                                                std::size_t groups_max) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < scores.size() && groups.size() < groups_max;) {
    std::vector<std::size_t> group = {i};
    std::size_t total = characters[i];
    const std::size_t at_least = manner == Manner::kTwo && groups.empty() ? 2 : 1;
    for (std::size_t next = i + 1; next < scores.size() && group.size() < kGroupPassages; ++next) {
      const bool close = scores[next] >= scores[i] * (1 - kCloseRanking) && total + characters[next] <= kGroupCharacters;
      if (!close && group.size() >= at_least) break;
      group.push_back(next);
      total += characters[next];
    }
    i = group.back() + 1;
    groups.push_back(std::move(group));
  }
  return groups;
}

bool leans_on_before(std::string_view question) {
  return text::count_characters(question) <= kLeaningCharacters || has_any(text::first_characters(question, kLeaningCharacters), kLeaningWords);
}

std::string passage_text(const search::FoundPassage& passage) {
  const std::string place = passage.path.empty() ? "" : "　" + passage.path;
  return fmt::format("【{}{}】\n{}\n\n", passage.document_name, place, passage.text);
}

std::vector<Segment> answer_prompt(model::Family family, const std::vector<std::string>& passages, std::string_view question,
                                   const Before& before, std::string_view begun) {
  return model::render(family, model::messages_of(reading_of(kBeforeOne, passages, question_text(question, before), "")), begun);
}

std::vector<Segment> judge_prompt(model::Family family, const std::vector<std::string>& passages, std::string_view question,
                                  const Before& before) {
  return model::render(family, model::messages_of(reading_of(kBeforeOne, passages, question_text(question, before),
      "\n\nこの質問の答えは、資料に書かれていますか。「はい」か「いいえ」だけで答えてください。")));
}

const std::vector<std::string>& judge_options() {
  static const std::vector<std::string> options = {"はい", "いいえ"};
  return options;
}

std::vector<Segment> several_prompt(model::Family family, const std::vector<std::string>& passages, std::string_view question,
                                    std::string_view begun) {
  std::vector<std::string> numbered;
  for (std::size_t i = 0; i < passages.size(); ++i) numbered.push_back(fmt::format("資料[{}]\n{}", i + 1, passages[i]));
  return model::render(family, model::messages_of(reading_of(kBeforeSeveral, numbered, fmt::format("指示: {}", question),
      "\n\n資料に書かれていることだけを使い、1文ごとに、根拠にした資料の番号を文の終わりに付けて答えてください。例: 受付は9時からです。[1]")), begun);
}

std::string several_grammar(std::size_t passages) {
  std::string ids;
  for (std::size_t i = 1; i <= passages; ++i) ids += fmt::format("{}\"[{}]\"", i == 1 ? "" : " | ", i);
  return fmt::format("root ::= sentence (\"\\n\"? sentence){{0,11}}\nsentence ::= [^。\\[\\]\\n]{{4,160}} \"。\" id\nid ::= {}\n", ids);
}

std::vector<Segment> plain_prompt(model::Family family, const std::vector<Before>& history, std::string_view question, std::string_view begun) {
  std::vector<model::Message> messages;
  messages.push_back({model::Role::kSystem, {{std::string(kPlainSystem), true}}});
  for (const Before& turn : history) {
    messages.push_back({model::Role::kUser, {{turn.question, false}}});
    messages.push_back({model::Role::kAssistant, {{turn.answer, false}}});
  }
  messages.push_back({model::Role::kUser, {{std::string(question), false}}});
  return model::render(family, messages, begun);
}

bool is_refusal(std::string_view answer) { return has_any(text::first_characters(answer, 60), kRefusals); }

std::string not_found_text(const search::Searched& searched) {
  if (searched.shelf_names.empty()) return "資料には見当たりません。読むことのできる書架がありません。書架の管理者に確かめてください。";
  std::string where = fmt::format("書架「{}」", searched.shelf_names.front());
  if (searched.shelf_names.size() > 1) where += fmt::format("など{}か所", searched.shelf_names.size());
  return fmt::format("資料には見当たりません。{}の{}件を調べました。ほかの書架も調べるか、言葉を変えて聞き直してください。", where,
                     searched.documents);
}

}  // namespace sekisho::chat
