#include "model/local_engine.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fakes/tiny_engine.h"
#include "model/prompt.h"

namespace sekisho::model {
namespace {

using process::model::Done;
using process::model::GenerateRequest;
using process::model::Progress;
using process::model::ScoreRequest;
using process::model::Token;

constexpr std::int64_t kPatience_ms = 30'000;

/// All events of a stream up to its end.
struct Heard {
  std::string text;
  std::vector<Queued> queued;
  bool started = false;
  bool progress = false;
  std::optional<Done> done;
  std::optional<Error> error;
};

Heard hear(Stream& stream) {
  Heard heard;
  for (;;) {
    const auto event = stream.next(kPatience_ms);
    if (!event) {
      heard.error = event.error();
      return heard;
    }
    if (!*event) return heard;
    if (const auto* queued = std::get_if<Queued>(&**event)) heard.queued.push_back(*queued);
    heard.started = heard.started || std::holds_alternative<Started>(**event);
    heard.progress = heard.progress || std::holds_alternative<Progress>(**event);
    if (const auto* token = std::get_if<Token>(&**event)) heard.text += token->text;
    if (const auto* done = std::get_if<Done>(&**event)) heard.done = *done;
    if (const auto* error = std::get_if<Error>(&**event)) heard.error = *error;
  }
}

class ScriptedEngine : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("sekisho_engine_{}", ::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  LocalEngine::Options options(std::string script = "ok") {
    TinyModel model;
    model.name = "script:" + script;
    LocalEngine::Options options = tiny_engine(folder_, model, SEKISHO_SCRIPTED_WORKER);
    options.backoff_first_ms = 1;
    options.backoff_max_ms = 10;
    return options;
  }

  LocalEngine& open(LocalEngine::Options options) {
    auto engine = LocalEngine::open(std::move(options), clock_);
    EXPECT_TRUE(engine) << (engine ? "" : engine.error().detail);
    engine_ = std::move(*engine);
    return *engine_;
  }
  LocalEngine& open_ready() {
    LocalEngine& engine = open(options());
    const auto ready = engine.wait_ready(kPatience_ms);
    EXPECT_TRUE(ready) << (ready ? "" : ready.error().detail);
    return engine;
  }

  static Request asks(const std::string& command, std::string actor = "山田", std::int64_t credit = 64) {
    GenerateRequest generate;
    generate.prompt = {{"<|im_start|>user\n", true, false}, {"!" + command, false, false}};
    generate.credit = credit;
    return {std::move(actor), std::move(generate), false};
  }
  static std::unique_ptr<Stream> ask(Engine& engine, const std::string& command, std::string actor = "山田", std::int64_t credit = 64) {
    auto stream = Stream::open(engine, asks(command, std::move(actor), credit));
    EXPECT_TRUE(stream) << (stream ? "" : stream.error().detail);
    return std::move(*stream);
  }
  /// Waits until the request has left the queue.
  static void wait_started(Stream& stream) {
    for (;;) {
      const auto event = stream.next(kPatience_ms);
      ASSERT_TRUE(event && *event);
      if (std::holds_alternative<Started>(**event)) return;
      ASSERT_TRUE(std::holds_alternative<Queued>(**event));
    }
  }

  std::filesystem::path folder_;
  SystemClock clock_;
  std::unique_ptr<LocalEngine> engine_;
};

TEST_F(ScriptedEngine, StreamsAnAnswerToItsEnd) {
  LocalEngine& engine = open_ready();
  const Heard heard = hear(*ask(engine, "say 予算は三百万円です。"));
  EXPECT_TRUE(heard.started);
  EXPECT_TRUE(heard.progress);
  EXPECT_EQ(heard.text, "予算は三百万円です。");
  ASSERT_TRUE(heard.done);
  EXPECT_EQ(heard.done->reason, "stop");
  EXPECT_EQ(heard.done->output_tokens, 10);
}

TEST_F(ScriptedEngine, TellsWhatTheAuditNeeds) {
  const EngineInfo info = open_ready().info();
  EXPECT_TRUE(info.ready);
  EXPECT_EQ(info.model_sha256, "ab12");
  EXPECT_EQ(info.model.cpu_variant, "none");
  EXPECT_EQ(info.sequences, 2);
  EXPECT_EQ(info.starts, 1);
  EXPECT_TRUE(info.seal.bool_or("sealed"));
}

TEST_F(ScriptedEngine, AnswersScoresVectorsAndCounts) {
  LocalEngine& engine = open_ready();
  const WaitOptions wait{.actor = "山田", .timeout_ms = kPatience_ms};
  const auto scored = score(engine, ScoreRequest{"", {{"足りますか", false, false}}, {"はい", "いいえ"}}, wait);
  ASSERT_TRUE(scored) << scored.error().detail;
  EXPECT_EQ(scored->log_probabilities, (std::vector<double>{-1, -2}));
  const auto vectors = embed(engine, {{"query: 予算", "passage: 決算"}}, wait);
  ASSERT_TRUE(vectors) << vectors.error().detail;
  EXPECT_EQ(vectors->rows[1], (std::vector<float>{0, 1}));
  const auto counted = count(engine, {{"予算", "条例"}}, wait);
  ASSERT_TRUE(counted) << counted.error().detail;
  EXPECT_EQ(counted->tokens, (std::vector<std::int64_t>{2, 2}));
}

TEST_F(ScriptedEngine, NothingComesBeyondTheCreditUntilTheReaderTakes) {
  LocalEngine& engine = open_ready();
  std::atomic<std::int64_t> tokens = 0;
  std::atomic<bool> ended = false;
  const auto id = engine.start(asks("say 一二三四五六七八", "山田", 3), [&](const Event& event) {
    if (std::holds_alternative<Token>(event)) ++tokens;
    ended = ended || is_last(event);
  });
  ASSERT_TRUE(id);
  // A second request that is answered after the first one's credit is spent: the worker has done all that it may.
  while (tokens < 3) std::this_thread::yield();
  EXPECT_EQ(hear(*ask(engine, "say 九")).text, "九");
  EXPECT_EQ(tokens, 3);
  engine.taken(*id, 2);
  while (tokens < 5) std::this_thread::yield();
  EXPECT_EQ(hear(*ask(engine, "say 十")).text, "十");
  EXPECT_EQ(tokens, 5);
  EXPECT_FALSE(ended);
  engine.taken(*id, 100);
  while (!ended) std::this_thread::yield();
  EXPECT_EQ(tokens, 8);
}

TEST_F(ScriptedEngine, ASlowReaderDoesNotSlowOthers) {
  LocalEngine& engine = open_ready();
  const auto slow = ask(engine, "say 一二三四五六七八", "遅い人", 1);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(hear(*ask(engine, "say 速い", "速い人")).text, "速い");
  EXPECT_EQ(hear(*slow).text, "一二三四五六七八");
}

TEST_F(ScriptedEngine, QueuesWhatDoesNotRunAndTellsItsPlace) {
  LocalEngine& engine = open_ready();
  const auto first = ask(engine, "wait", "A");
  const auto second = ask(engine, "wait", "B");
  wait_started(*first);
  wait_started(*second);
  const auto third = ask(engine, "say 三", "C");
  const auto fourth = ask(engine, "say 四", "D");
  const auto event = fourth->next(kPatience_ms);
  ASSERT_TRUE(event && *event && std::holds_alternative<Queued>(**event));
  EXPECT_EQ(std::get<Queued>(**event).ahead, 1U);
  EXPECT_EQ(engine.info().waiting, 2U);
  EXPECT_EQ(engine.info().running, 2U);
  first->cancel();
  EXPECT_EQ(hear(*third).text, "三");
  EXPECT_EQ(hear(*fourth).text, "四");
  const Heard stopped = hear(*first);
  ASSERT_TRUE(stopped.done);
  EXPECT_EQ(stopped.done->reason, "cancelled");
}

TEST_F(ScriptedEngine, StopsARequestThatStillWaits) {
  LocalEngine& engine = open_ready();
  const auto first = ask(engine, "wait", "A");
  const auto second = ask(engine, "wait", "B");
  wait_started(*first);
  wait_started(*second);
  const auto third = ask(engine, "say 三", "C");
  third->cancel();
  const Heard heard = hear(*third);
  ASSERT_TRUE(heard.error);
  EXPECT_EQ(heard.error->code, ErrorCode::kCancelled);
  EXPECT_FALSE(heard.started);
  EXPECT_EQ(engine.info().waiting, 0U);
}

TEST_F(ScriptedEngine, AFullQueueIsBusyWithNumbers) {
  auto narrow = options();
  narrow.worker.load.sequences = 1;
  narrow.queue.queued = 1;
  LocalEngine& engine = open(std::move(narrow));
  const auto first = ask(engine, "wait", "A");
  wait_started(*first);
  const auto second = ask(engine, "wait", "B");
  const auto third = Stream::open(engine, asks("wait", "C"));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, ErrorCode::kBusy);
  EXPECT_EQ(third.error().detail, "1 requests wait already, at most 1");
}

TEST_F(ScriptedEngine, GivesEachSubjectAWorkerOfItsOwnWhereThatIsWanted) {
  auto apart = options();
  apart.one_subject = true;
  LocalEngine& engine = open(std::move(apart));
  const auto say = [&](const std::string& subject) {
    Request request = asks("say はい", "山田");
    request.subject = subject;
    const auto stream = Stream::open(engine, std::move(request));
    ASSERT_TRUE(stream);
    EXPECT_EQ(hear(**stream).text, "はい");
  };
  say("山田 機密性2");
  say("山田 機密性2");
  EXPECT_EQ(engine.info().starts, 1);
  say("山田 機密性1");
  EXPECT_EQ(engine.info().starts, 2);
  const auto counted = count(engine, {.texts = {"予算"}}, {.actor = "鈴木", .timeout_ms = kPatience_ms});
  ASSERT_TRUE(counted);
  EXPECT_EQ(engine.info().starts, 3);
  EXPECT_EQ(engine.info().running, 0U);
}

TEST_F(ScriptedEngine, LetsNobodyBesideASubjectThatRuns) {
  auto apart = options();
  apart.one_subject = true;
  LocalEngine& engine = open(std::move(apart));
  const auto first = ask(engine, "wait", "A");
  wait_started(*first);
  const auto second = ask(engine, "say 後", "B");
  const auto third = ask(engine, "say 同じ人", "A");
  EXPECT_EQ(engine.info().starts, 1);
  first->cancel();
  EXPECT_EQ(hear(*first).done->reason, "cancelled");
  EXPECT_EQ(hear(*second).text, "後");
  EXPECT_EQ(hear(*third).text, "同じ人");
  EXPECT_GE(engine.info().starts, 3);
}

TEST_F(ScriptedEngine, AWorkerThatDiesEndsItsOwnRequestsAndNobodyElses) {
  LocalEngine& engine = open_ready();
  const auto beside = ask(engine, "wait", "A");
  wait_started(*beside);
  const auto fatal = ask(engine, "die", "B");
  std::vector<std::unique_ptr<Stream>> waiting;
  for (const char* actor : {"C", "D", "E"}) waiting.push_back(ask(engine, "say 続き", actor));
  for (Stream* stream : {beside.get(), fatal.get()}) {
    const Heard heard = hear(*stream);
    ASSERT_TRUE(heard.error);
    EXPECT_EQ(heard.error->code, ErrorCode::kUnavailable);
    EXPECT_NE(heard.error->detail.find("restarted"), std::string::npos);
  }
  // Those that had not been sent are replayed on the next worker; one that had been sent fails with the others.
  std::size_t answered = 0;
  for (const auto& stream : waiting) {
    const Heard heard = hear(*stream);
    if (heard.started && heard.error) continue;
    EXPECT_EQ(heard.text, "続き");
    ++answered;
  }
  EXPECT_GE(answered, 2U);
  EXPECT_EQ(engine.info().starts, 2);
  EXPECT_EQ(hear(*ask(engine, "say 元気")).text, "元気");
}

TEST_F(ScriptedEngine, AWorkerThatBreaksTheProtocolIsKilledAndReplaced) {
  LocalEngine& engine = open_ready();
  std::int64_t starts = 1;
  for (const char* command : {"garbage", "flood", "stranger", "wrong_kind", "broken_frame"}) {
    const Heard heard = hear(*ask(engine, command));
    ASSERT_TRUE(heard.error) << command;
    EXPECT_EQ(heard.error->code, ErrorCode::kUnavailable) << command;
    EXPECT_EQ(hear(*ask(engine, "say 元気")).text, "元気") << command;
    EXPECT_EQ(engine.info().starts, ++starts) << command;
  }
}

TEST_F(ScriptedEngine, AWorkerThatHangsIsKilledAndReplaced) {
  auto impatient = options();
  impatient.stall_ms = 2'000;
  LocalEngine& engine = open(std::move(impatient));
  const Heard heard = hear(*ask(engine, "hang"));
  ASSERT_TRUE(heard.error);
  EXPECT_EQ(heard.error->code, ErrorCode::kUnavailable);
  EXPECT_EQ(hear(*ask(engine, "say 元気")).text, "元気");
  EXPECT_EQ(engine.info().starts, 2);
}

TEST_F(ScriptedEngine, AWorkerThatWaitsForASlowReaderIsNotTakenForHung) {
  auto impatient = options();
  impatient.stall_ms = 2'000;
  LocalEngine& engine = open(std::move(impatient));
  const auto slow = ask(engine, "say 一二三四五", "遅い人", 1);
  wait_started(*slow);
  std::this_thread::sleep_for(std::chrono::milliseconds(3'000));
  EXPECT_EQ(hear(*slow).text, "一二三四五");
  EXPECT_EQ(engine.info().starts, 1);
}

TEST_F(ScriptedEngine, AWorkerMayGoOnBeforeItAnswersAPing) {
  auto impatient = options();
  impatient.stall_ms = 2'000;
  LocalEngine& engine = open(std::move(impatient));
  const Heard heard = hear(*ask(engine, "answer_late"));
  EXPECT_FALSE(heard.error) << heard.error->detail;
  EXPECT_EQ(heard.text, "遅");
  EXPECT_EQ(engine.info().starts, 1);
}

TEST_F(ScriptedEngine, PassesOnWhyTheModelRefusesARequest) {
  const Heard heard = hear(*ask(open_ready(), "refuse"));
  ASSERT_TRUE(heard.error);
  EXPECT_EQ(heard.error->code, ErrorCode::kTooLarge);
  EXPECT_EQ(heard.error->detail, "5000 tokens, the context has 4096");
}

TEST_F(ScriptedEngine, AnUnsealedWorkerGetsNoModelAndTheEngineIsGivenUp) {
  LocalEngine& engine = open(options("unsealed"));
  const auto ready = engine.wait_ready(kPatience_ms);
  ASSERT_FALSE(ready);
  EXPECT_NE(ready.error().detail.find("not sealed: seccomp"), std::string::npos) << ready.error().detail;
  const auto refused = Stream::open(engine, asks("say 秘密"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(engine.info().starts, 1);
}

TEST_F(ScriptedEngine, AWeakerSealServesOnlyWhereTheOperatorNamedIt) {
  auto weaker = options("unsealed");
  weaker.worker.accepted_weaknesses = {"landlock"};
  EXPECT_FALSE(open(weaker).wait_ready(kPatience_ms));
  weaker.worker.accepted_weaknesses = {"seccomp"};
  EXPECT_TRUE(open(weaker).wait_ready(kPatience_ms));
}

TEST_F(ScriptedEngine, AModelThatTheWorkerCannotUseFailsWhatWaits) {
  LocalEngine& engine = open(options("cannot_load"));
  const auto ready = engine.wait_ready(kPatience_ms);
  ASSERT_FALSE(ready);
  EXPECT_NE(ready.error().detail.find("this vocabulary is not known"), std::string::npos) << ready.error().detail;
}

TEST_F(ScriptedEngine, TriesAgainWhenLoadingDiesAndServesWhatWaited) {
  LocalEngine& engine = open(options("die_loading:2:" + (folder_ / "starts").string()));
  EXPECT_EQ(hear(*ask(engine, "say 三度目")).text, "三度目");
  EXPECT_EQ(engine.info().starts, 3);
}

TEST_F(ScriptedEngine, AfterThreeFailedStartsNobodyIsKeptWaiting) {
  auto dying = options("die_loading:1000:" + (folder_ / "starts").string());
  dying.backoff_max_ms = 5;
  LocalEngine& engine = open(std::move(dying));
  auto stream = Stream::open(engine, asks("say 無理"));
  if (stream) {
    const Heard heard = hear(**stream);
    ASSERT_TRUE(heard.error);
    EXPECT_EQ(heard.error->code, ErrorCode::kUnavailable);
  }
  const auto refused = Stream::open(engine, asks("say 無理"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().detail.find("loading the model"), std::string::npos) << refused.error().detail;
}

TEST_F(ScriptedEngine, ClosingTheEngineEndsEveryRequest) {
  LocalEngine& engine = open_ready();
  std::atomic<int> ended = 0;
  const Listener listener = [&](const Event& event) { ended += is_last(event) ? 1 : 0; };
  for (const char* actor : {"A", "B", "C", "D"}) ASSERT_TRUE(engine.start(asks("wait", actor), listener));
  engine_.reset();
  EXPECT_EQ(ended, 4);
}

TEST_F(ScriptedEngine, RefusesAModelFileBeforeAnyWorkerStarts) {
  auto broken = options();
  std::filesystem::resize_file(broken.model_path, 100);
  const auto engine = LocalEngine::open(broken, clock_);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::kInvalid);
}

TEST(LocalEngine, AnswersWithTheRealWorkerAndModel) {
  const char* program = std::getenv("SEKISHO_MODEL_PROGRAM");
  const char* model = std::getenv("SEKISHO_TEST_MODEL");
  if (program == nullptr || model == nullptr) GTEST_SKIP() << "SEKISHO_MODEL_PROGRAM and SEKISHO_TEST_MODEL are not set";
  SystemClock clock;
  LocalEngine::Options options;
  options.worker.program = program;
  options.worker.load = {.context_tokens = 1024, .sequences = 2, .kept_prefixes = 2};
  options.model_path = model;
  auto engine = LocalEngine::open(options, clock);
  ASSERT_TRUE(engine) << engine.error().detail;
  const auto ready = (*engine)->wait_ready(120'000);
  ASSERT_TRUE(ready) << ready.error().detail;

  const Family family = family_of((*engine)->summary()).value();
  const Reading reading{"資料だけに基づいて短く答えてください。",
                        "資料:\n",
                        {"関所町の図書館は、毎週月曜日が休館日です。\n"},
                        "質問: 図書館の休館日は何曜日ですか。"};
  GenerateRequest generate{.scope = "test", .prompt = render(family, messages_of(reading)), .max_tokens = 32, .japanese_only = true};
  std::array<std::string, 2> answers;
  std::array<std::int64_t, 2> cached{};
  for (std::size_t i = 0; i < 2; ++i) {
    auto stream = Stream::open(**engine, {"山田", generate, false});
    ASSERT_TRUE(stream);
    const Heard heard = hear(**stream);
    ASSERT_TRUE(heard.done) << (heard.error ? heard.error->detail : "");
    answers[i] = heard.text;
    cached[i] = heard.done->cached_tokens;
  }
  EXPECT_NE(answers[0].find("月曜"), std::string::npos) << answers[0];
  EXPECT_EQ(answers[0], answers[1]) << "a kept prefix is exact";
  EXPECT_EQ(cached[0], 0);
  EXPECT_GT(cached[1], 0);

  const auto scored = score(**engine, ScoreRequest{"test", generate.prompt, {"月曜", "火曜"}}, {.actor = "山田"});
  ASSERT_TRUE(scored) << scored.error().detail;
  EXPECT_GT(scored->log_probabilities[0], scored->log_probabilities[1]);
}

}  // namespace
}  // namespace sekisho::model
