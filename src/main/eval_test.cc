#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "main/eval_metrics.h"
#include "main/eval_records.h"
#include "main/eval_run.h"

namespace sekisho::main {
namespace {

TEST(EvalRecords, ReadsJsonLinesAndRemembersTheirPlace) {
  const auto records = parse_records(
      "\xEF\xBB\xBF{\"question\":\"日当は?\",\"answers\":[\"2,200円\"],\"relevant\":[\"旅費規程.docx\"],\"id\":7}\r\n\n"
      "{\"question\":\"首都は?\",\"answers\":[]}",
      EvalNeeds::kAnswers);
  ASSERT_TRUE(records.has_value()) << records.error().detail;
  ASSERT_EQ(records->size(), 2U);
  EXPECT_EQ((*records)[0].relevant, std::vector<std::string>{"旅費規程.docx"});
  EXPECT_EQ((*records)[1].line, 3U);
  EXPECT_TRUE((*records)[1].answers.empty());
}

TEST(EvalRecords, NameTheLineThatIsWrong) {
  const std::string good = "{\"question\":\"日当は?\",\"answers\":[\"2,200円\"]}\n";
  for (const auto& [line, part] : std::vector<std::pair<std::string, std::string>>{{"{\"question\":", "line 2"},
                                                                                  {"{\"answers\":[]}", "question"},
                                                                                  {"{\"question\":\"a\"}", "answers"},
                                                                                  {"{\"question\":\"a\",\"answers\":\"b\"}", "answers"},
                                                                                  {"{\"question\":\"a\",\"answers\":[\"\"]}", "answers"},
                                                                                  {"[1]", "line 2"}}) {
    const auto records = parse_records(good + line, EvalNeeds::kAnswers);
    ASSERT_FALSE(records.has_value()) << line;
    EXPECT_EQ(records.error().code, ErrorCode::kInvalid);
    EXPECT_TRUE(records.error().detail.starts_with("line 2: ")) << records.error().detail;
    EXPECT_NE(records.error().detail.find(part), std::string::npos) << records.error().detail;
  }
}

TEST(EvalRecords, WantARelevantPassageForSearch) {
  EXPECT_FALSE(parse_records("{\"question\":\"a\",\"relevant\":[]}", EvalNeeds::kRelevant).has_value());
  EXPECT_FALSE(parse_records("{\"question\":\"a\"}", EvalNeeds::kRelevant).has_value());
  EXPECT_TRUE(parse_records("{\"question\":\"a\",\"relevant\":[\"x\"]}", EvalNeeds::kRelevant).has_value());
  EXPECT_FALSE(parse_records("\n \n", EvalNeeds::kRelevant).has_value());
}

TEST(EvalMetrics, ComparesAnswersInTheirFoldedFormWithoutSpaces) {
  EXPECT_TRUE(contains_answer("日当は、２，２００ 円です。", {"2,200円"}));
  EXPECT_TRUE(contains_answer("ＡＢＣ市です", {"xyz", "abc市"}));
  EXPECT_TRUE(contains_answer("國の予算", {"国の予算"}));
  EXPECT_FALSE(contains_answer("日当は2,300円です。", {"2,200円"}));
  EXPECT_FALSE(contains_answer("日当", {" "}));
  EXPECT_FALSE(contains_answer("日当", {}));
}

TEST(EvalMetrics, TakesPercentilesByNearestRank) {
  EXPECT_EQ(percentile({}, 0.5), std::nullopt);
  EXPECT_EQ(percentile({7}, 0.95), 7);
  EXPECT_EQ(percentile({4, 1, 3, 2}, 0.5), 2);
  EXPECT_EQ(percentile({4, 1, 3, 2}, 0.95), 4);
}

Json found(const std::vector<std::string>& names) {
  Json::Array items;
  for (const std::string& name : names) items.push_back(Json::object({{"passage_id", "p-" + name}, {"document_name", name}}));
  return Json::object({{"items", Json::array(std::move(items))}});
}

TEST(EvalMetrics, FindsTheRankByFileNameOrPassageId) {
  const EvalRecord by_name{1, "q", {}, {"b.txt", "z.txt"}};
  const EvalRecord by_id{1, "q", {}, {"p-c.txt"}};
  EXPECT_EQ(rank_of_relevant(found({"a.txt", "b.txt", "c.txt"}), by_name), 2U);
  EXPECT_EQ(rank_of_relevant(found({"a.txt", "b.txt", "c.txt"}), by_id), 3U);
  EXPECT_EQ(rank_of_relevant(found({"a.txt"}), by_name), 0U);
  EXPECT_EQ(rank_of_relevant(Json::object(), by_name), 0U);
}

TEST(EvalMetrics, MeasuresSearchOnASmallExample) {
  const Json metrics = search_metrics({{1, 3}, {2, 5}, {0, 100}, {4, 4}});
  EXPECT_EQ(metrics.int_or("questions"), 4);
  EXPECT_DOUBLE_EQ(metrics.number_or("r1"), 0.25);
  EXPECT_DOUBLE_EQ(metrics.number_or("r10"), 0.75);
  EXPECT_DOUBLE_EQ(metrics.number_or("mrr10"), (1 + 0.5 + 0.25) / 4);
  EXPECT_DOUBLE_EQ(metrics.number_or("p50_ms"), 4);
  EXPECT_DOUBLE_EQ(metrics.number_or("p95_ms"), 100);
  EXPECT_NE(search_metrics_words(metrics).find("75.0 %"), std::string::npos);
  EXPECT_TRUE(search_metrics({}).find("r1")->is_null());
}

constexpr const char* kJudge =
    R"("judge":[{"sources":[1],"yes_margin":1.5,"mean_log_probability":-0.2,"min_log_probability":-1.0,"refused":false,"question_coverage":0.8,"answer_coverage":0.9,"sentence_coverage":0.7,"ranking_margin":0.3,"later":false}])";

/// A turn whose sentence rests on source `cited` of 旅費規程.docx (1) and 手引.pdf (2).
TurnRecord turn(const std::string& answer, int cited, bool not_found) {
  TurnRecord record;
  const auto take = [&](const char* name, const std::string& data) { EXPECT_TRUE(record.take({std::nullopt, name, data}).has_value()) << data; };
  take("sources", R"({"items":[{"number":1,"passage_id":"p1","document_name":"旅費規程.docx","text":"日当は、2,200円とする。"},)"
                  R"({"number":2,"passage_id":"p2","document_name":"手引.pdf","text":"宿泊料"}]})");
  take("text", R"({"at":0,"text":")" + answer + "\"}");
  if (!not_found) take("claim", R"({"start":0,"end":5,"check":"ok","sources":[)" + std::to_string(cited) + ",1,2]}");
  if (not_found) take("not_found", R"({"documents":2,"shelves":["例規集"],"nearest":[1]})");
  take("done", std::string(R"({"reason":"stop","not_found":)") + (not_found ? "true" : "false") + "," + kJudge + "}");
  return record;
}

const EvalRecord kAnswerable{1, "日当は?", {"2,200円"}, {"旅費規程.docx"}};
const EvalRecord kUnanswerable{2, "首都は?", {}, {}};

TEST(EvalMetrics, JudgesAnAnswerByItsWordsAndItsBestSource) {
  const AnswerOutcome right = judge_answer(kAnswerable, turn("日当は2,200円です。", 1, false));
  EXPECT_TRUE(right.contains);
  EXPECT_TRUE(right.right_cited);
  EXPECT_FALSE(right.refused);
  const AnswerOutcome wrong_place = judge_answer(kAnswerable, turn("日当は2,200円です。", 2, false));
  EXPECT_TRUE(wrong_place.contains);
  EXPECT_FALSE(wrong_place.right_cited);
  const AnswerOutcome refused = judge_answer(kAnswerable, turn("資料には見当たりません。", 1, true));
  EXPECT_TRUE(refused.refused);
  EXPECT_FALSE(refused.right_cited);
  EXPECT_TRUE(judge_answer(kAnswerable, TurnRecord()).failed);
}

TEST(EvalMetrics, MeasuresAnswersOnASmallExample) {
  std::vector<AnswerOutcome> outcomes = {judge_answer(kAnswerable, turn("2,200円です。", 1, false)), judge_answer(kAnswerable, turn("9円です。", 2, false)),
                                         judge_answer(kAnswerable, turn("資料には見当たりません。", 1, true)), judge_answer(kAnswerable, TurnRecord()),
                                         judge_answer(kUnanswerable, turn("資料には見当たりません。", 1, true)),
                                         judge_answer(kUnanswerable, turn("東京です。", 1, false))};
  for (AnswerOutcome& outcome : outcomes) {
    outcome.total_ms = 2'000;
    if (!outcome.failed) outcome.first_text_ms = 500;
  }
  const Json metrics = answer_metrics(outcomes);
  EXPECT_EQ(metrics.int_or("answerable"), 4);
  EXPECT_EQ(metrics.int_or("unanswerable"), 2);
  EXPECT_EQ(metrics.int_or("failed"), 1);
  EXPECT_DOUBLE_EQ(metrics.number_or("contains"), 0.25);
  EXPECT_DOUBLE_EQ(metrics.number_or("right_cited"), 0.25);
  EXPECT_DOUBLE_EQ(metrics.number_or("right_cited_of_answered"), 0.5);
  EXPECT_DOUBLE_EQ(metrics.number_or("falsely_refused"), 0.25);
  EXPECT_DOUBLE_EQ(metrics.number_or("refused"), 0.5);
  EXPECT_DOUBLE_EQ(metrics.number_or("s_per_answer"), 2);
  EXPECT_DOUBLE_EQ(metrics.number_or("first_text_ms"), 500);
  EXPECT_NE(answer_metrics_words(metrics).find("答えのあるもの 4件、ないもの 2件"), std::string::npos);
}

TEST(EvalMetrics, LeavesAShareOutWhereThereIsNothingToDivideBy) {
  const Json metrics = answer_metrics({judge_answer(kUnanswerable, turn("資料には見当たりません。", 1, true))});
  EXPECT_TRUE(metrics.find("contains")->is_null());
  EXPECT_TRUE(metrics.find("right_cited")->is_null());
  EXPECT_NE(answer_metrics_words(metrics).find("－"), std::string::npos);
}

TEST(JudgeSamples, AreThereWhereARightPassageWithTheAnswerWasRead) {
  const Json asked = turn("2,200円です。", 1, false).to_json();
  const auto there = judge_samples(kAnswerable, asked);
  ASSERT_EQ(there.size(), 1U);
  EXPECT_TRUE(there[0].answer_is_there);
  EXPECT_DOUBLE_EQ(there[0].features.yes_margin, 1.5);
  EXPECT_DOUBLE_EQ(there[0].features.mean_log_probability, -0.2);
  EXPECT_DOUBLE_EQ(there[0].features.min_log_probability, -1.0);
  EXPECT_DOUBLE_EQ(there[0].features.question_coverage, 0.8);
  EXPECT_DOUBLE_EQ(there[0].features.answer_coverage, 0.9);
  EXPECT_DOUBLE_EQ(there[0].features.sentence_coverage, 0.7);
  EXPECT_DOUBLE_EQ(there[0].features.ranking_margin, 0.3);
  EXPECT_FALSE(there[0].features.later);
  const auto silent = judge_samples(kUnanswerable, asked);
  ASSERT_EQ(silent.size(), 1U);
  EXPECT_FALSE(silent[0].answer_is_there);
  // Neither is known: the answer in another paper, the right paper without it.
  EXPECT_TRUE(judge_samples({1, "q", {"2,200円"}, {"手引.pdf"}}, asked).empty());
  EXPECT_TRUE(judge_samples({1, "q", {"9円"}, {"旅費規程.docx"}}, asked).empty());
  EXPECT_FALSE(judge_samples({1, "q", {"9円"}, {"手引.pdf"}}, asked).at(0).answer_is_there);
}

TEST(JudgeSamples, AreNoneWhereTheTurnHasNoFeatures) {
  TurnRecord asked;
  ASSERT_TRUE(asked.take({1, "done", R"({"reason":"stop"})"}).has_value());
  EXPECT_TRUE(judge_samples(kUnanswerable, asked.to_json()).empty());
}

TEST(EvalRun, RepeatsOnlyWhatMayWorkLater) {
  int calls = 0;
  const auto busy_once = patiently([&]() -> Result<void> {
    if (++calls == 1) return fail(ErrorCode::kBusy, "full");
    return {};
  });
  EXPECT_TRUE(busy_once.has_value());
  EXPECT_EQ(calls, 2);
  calls = 0;
  const auto denied = patiently([&]() -> Result<void> {
    ++calls;
    return fail(ErrorCode::kDenied, "no");
  });
  EXPECT_EQ(denied.error().code, ErrorCode::kDenied);
  EXPECT_EQ(calls, 1);
}

TEST(EvalMetrics, OutcomesSurviveADetailsFile) {
  AnswerOutcome outcome = judge_answer(kAnswerable, turn("2,200円です。", 1, false));
  outcome.total_ms = 1'200.5;
  outcome.first_text_ms = 300;
  const AnswerOutcome back = outcome_of(kAnswerable, outcome_json(outcome));
  EXPECT_EQ(outcome_json(back).dump(), outcome_json(outcome).dump());
  EXPECT_TRUE(back.answerable);
  EXPECT_FALSE(outcome_of(kUnanswerable, outcome_json(outcome)).answerable);
}

class EvalRunTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("SEKISHO_URL", "http://127.0.0.1:1", 1);
    ::setenv("SEKISHO_KEY", "none", 1);
    options_.details_file = ::testing::TempDir() + "details-" + std::to_string(::getpid()) + ".jsonl";
    std::filesystem::remove(options_.details_file);
  }
  void TearDown() override { std::filesystem::remove(options_.details_file); }

  /// Runs over three questions; the indices that were asked. Stops with a trouble at `broken`.
  std::vector<std::size_t> asked(std::optional<std::size_t> broken) {
    std::vector<std::size_t> indices;
    const auto run = run_each(options_, records_, [&](Remote&, std::size_t i) -> Try<Json> {
      indices.push_back(i);
      if (i == broken) return trouble(Trouble{ErrorCode::kUnavailable, "切れた"});
      return Json::object({{"answer", i}});
    }, [&](std::size_t i, const Json& told) {
      EXPECT_EQ(told.int_or("answer"), static_cast<std::int64_t>(i));
      return true;
    });
    EXPECT_EQ(static_cast<bool>(run), !broken.has_value());
    return indices;
  }

  EvalOptions options_;
  std::vector<EvalRecord> records_ = {{1, "一", {}, {}}, {2, "二", {}, {}}, {4, "三", {}, {}}};
};

TEST_F(EvalRunTest, GoesOnWhereItWasCutOff) {
  EXPECT_EQ(asked(1), (std::vector<std::size_t>{0, 1}));
  options_.resume = true;
  EXPECT_EQ(asked(std::nullopt), (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(asked(std::nullopt), std::vector<std::size_t>{});
  records_[0].question = "別の問い";
  EXPECT_EQ(asked(std::nullopt), std::vector<std::size_t>{0});
}

TEST_F(EvalRunTest, PassesOverATornLine) {
  std::ofstream(options_.details_file) << R"({"line":1,"question":"一","result":{"answer":0}})" << "\n" << R"({"line":2,"quest)";
  options_.resume = true;
  EXPECT_EQ(asked(std::nullopt), (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(asked(std::nullopt), std::vector<std::size_t>{});
}

TEST_F(EvalRunTest, BeginsAnewWithoutResume) {
  EXPECT_EQ(asked(std::nullopt).size(), 3U);
  EXPECT_EQ(asked(std::nullopt).size(), 3U);
}

}  // namespace
}  // namespace sekisho::main
