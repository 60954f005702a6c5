#include "worker/llama_session.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>

#include "worker/llama_backend.h"
#include "worker/llama_characters.h"

namespace sekisho::worker {
namespace {

namespace model = process::model;
using model::MessageType;

/// All that the worker said about one request.
struct Answer {
  std::string text;
  std::vector<std::uint64_t> log_probability_bits;  ///< Exact: any difference in the logits shows.
  std::int64_t tokens = 0;
  std::vector<model::Progress> progress;
  std::optional<model::Done> done;
  std::optional<model::Scored> scored;
  std::vector<std::int64_t> counted;
  std::string failed_code;
  std::string failed_detail;
  [[nodiscard]] bool ended() const { return done || scored || !failed_code.empty(); }
};

std::string variant() {
  static const Result<std::string> loaded = load_cpu_backend(program_folder());
  return loaded.value_or("");
}

/// One session on the real 0.5B model, with what it sent sorted by request.
class Office {
 public:
  explicit Office(model::LoadRequest load = {.context_tokens = 1024, .sequences = 4}, bool unified = false, bool repack = false) {
    const char* path = std::getenv("SEKISHO_TEST_MODEL");
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    load.exact = !repack;
    auto engine = LlamaEngine::load(fd, {.load = load, .cpu_variant = variant(), .cores = 2, .unified_cache = unified});
    ::close(fd);
    if (!engine) {
      ADD_FAILURE() << engine.error().detail;
      std::abort();
    }
    engine_ = engine->get();
    session_ = std::make_unique<LlamaSession>(std::move(*engine), load, [this](process::Frame frame) { note(frame); });
  }

  void ask(std::uint64_t id, const model::GenerateRequest& request) { send(MessageType::kGenerate, id, model::to_json(request)); }
  void send(MessageType type, std::uint64_t id, const Json& json) { send_raw(type, id, json.dump()); }
  void send_raw(MessageType type, std::uint64_t id, std::string payload) {
    session_->handle({.type = static_cast<std::uint16_t>(type), .id = id, .payload = std::move(payload)});
  }
  bool step() { return session_->step(); }
  void run() {
    while (session_->step()) {}
  }
  Answer& of(std::uint64_t id) { return answers_[id]; }
  Answer alone(const model::GenerateRequest& request) {
    ask(++next_id_, request);
    run();
    return answers_[next_id_];
  }
  LlamaSession& session() { return *session_; }
  LlamaEngine& engine() { return *engine_; }
  [[nodiscard]] const std::string& vectors() const { return vectors_; }

 private:
  void note(const process::Frame& frame) {
    Answer& answer = answers_[frame.id];
    if (static_cast<MessageType>(frame.type) == MessageType::kVectors) {
      vectors_ = frame.payload;
      return;
    }
    const Json json = *Json::parse(frame.payload);
    switch (static_cast<MessageType>(frame.type)) {
      case MessageType::kToken: {
        const model::Token token = *model::token(json);
        answer.text += token.text;
        answer.tokens += token.tokens;
        std::uint64_t bits = 0;
        std::memcpy(&bits, &token.log_probability, sizeof bits);
        answer.log_probability_bits.push_back(bits);
        break;
      }
      case MessageType::kProgress: answer.progress.push_back(*model::progress(json)); break;
      case MessageType::kDone: answer.done = *model::done(json); break;
      case MessageType::kScored: answer.scored = *model::scored(json); break;
      case MessageType::kCounted:
        for (const Json& each : *json.find("tokens")->as_array()) answer.counted.push_back(*each.as_int());
        break;
      case MessageType::kFailed:
        answer.failed_code = json.text_or("code");
        answer.failed_detail = json.text_or("detail");
        break;
      default: break;
    }
  }

  std::map<std::uint64_t, Answer> answers_;
  std::unique_ptr<LlamaSession> session_;
  LlamaEngine* engine_ = nullptr;
  std::string vectors_;
  std::uint64_t next_id_ = 1000;
};

const char* const kRules =
    "第3条 職員は、出張をしようとするときは、あらかじめ旅行命令権者の承認を受けなければならない。\n"
    "第4条 旅費は、鉄道賃、船賃、航空賃、車賃、日当、宿泊料及び食卓料とする。\n"
    "第5条 宿泊料の額は、一夜につき9,800円とする。ただし、東京都の特別区にあっては10,900円とする。\n";

model::GenerateRequest question(std::string text, std::int64_t max_tokens = 24) {
  return {.prompt = {{.text = "<|im_start|>system\nあなたは町役場の職員を助けます。<|im_end|>\n<|im_start|>user\n", .special = true},
                     {.text = std::move(text)},
                     {.text = "<|im_end|>\n<|im_start|>assistant\n", .special = true}},
          .max_tokens = max_tokens,
          .credit = 10'000};
}

class Session : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("SEKISHO_TEST_MODEL") == nullptr) GTEST_SKIP() << "SEKISHO_TEST_MODEL names no GGUF file: the tests with a real model did not run";
    ASSERT_FALSE(variant().empty());
  }
};

TEST_F(Session, AnswersInJapaneseWithCountsAndProgress) {
  Office office;
  const Answer answer = office.alone(question(std::string(kRules) + "宿泊料はいくらですか。", 32));
  ASSERT_TRUE(answer.done) << answer.failed_detail;
  EXPECT_NE(answer.text.find("9,800"), std::string::npos) << answer.text;
  EXPECT_EQ(answer.tokens, answer.done->output_tokens);
  ASSERT_FALSE(answer.progress.empty());
  EXPECT_EQ(answer.progress.back().done_tokens, answer.done->prompt_tokens);
  EXPECT_EQ(answer.progress.back().total_tokens, answer.done->prompt_tokens);
}

TEST_F(Session, SaysTheSameBytesAloneAndInCompany) {
  Office office;
  const model::GenerateRequest request = question("出張の前に何が要りますか。");
  const Answer alone = office.alone(request);
  office.ask(1, question(std::string(kRules) + "この規程を要約してください。", 40));
  office.ask(2, request);
  office.ask(3, question("海の色は何色ですか。", 40));
  office.run();
  EXPECT_EQ(office.of(2).text, alone.text);
  EXPECT_EQ(office.of(2).log_probability_bits, alone.log_probability_bits);
}

TEST_F(Session, ASharedCacheWouldNotBeExact) {
  // The same comparison as above, with the one switch that must never be on: it has to show.
  Office office({.context_tokens = 1024, .sequences = 4}, /*unified=*/true);
  const model::GenerateRequest request = question("出張の前に何が要りますか。");
  const Answer alone = office.alone(request);
  office.ask(1, question(std::string(kRules) + kRules + "この規程を要約してください。", 40));
  while (office.of(1).tokens == 0) office.step();  // The whole of its prompt is in the cache.
  office.ask(2, request);
  office.run();
  EXPECT_NE(office.of(2).log_probability_bits, alone.log_probability_bits);
}

/// The distribution after `tokens`, computed `portion` tokens at a time.
std::vector<float> logits_in_portions(LlamaEngine& engine, const std::vector<TokenId>& tokens, std::size_t portion) {
  engine.clear(0);
  for (std::size_t done = 0; done < tokens.size();) {
    const std::size_t count = std::min(portion, tokens.size() - done);
    const std::span<const TokenId> part = std::span(tokens).subspan(done, count);
    EXPECT_TRUE(engine.prefill({.position = static_cast<std::int32_t>(done), .tokens = part, .logits = done + count == tokens.size()}));
    done += count;
  }
  const std::span<const float> logits = engine.logits();
  return {logits.begin(), logits.end()};
}

TEST_F(Session, ComputesTheSameBytesWhateverThePortionsAndThreads) {
  Office two_threads({.context_tokens = 512, .sequences = 2, .threads_max = 2});
  const std::vector<TokenId> tokens = *two_threads.engine().tokenize(kRules, {});
  const std::vector<float> whole = logits_in_portions(two_threads.engine(), tokens, tokens.size());
  for (const std::size_t portion : {1, 3, 4, 7, 16, 33, 64}) {
    EXPECT_EQ(logits_in_portions(two_threads.engine(), tokens, portion), whole) << portion;
  }
  Office one_thread({.context_tokens = 512, .sequences = 2, .threads_max = 1});
  EXPECT_EQ(logits_in_portions(one_thread.engine(), tokens, tokens.size()), whole);
}

TEST_F(Session, ALongPromptStopsNobody) {
  Office office;
  office.ask(1, question("長い話をしてください。", 60));
  while (office.of(1).tokens < 3) office.step();
  std::string many_rules;
  for (int i = 0; i < 6; ++i) many_rules += kRules;
  office.ask(2, question(many_rules, 4));
  office.run();
  EXPECT_TRUE(office.of(1).done && office.of(2).done);
  EXPECT_GT(office.of(2).progress.size(), 2U) << "its prompt came in portions between the tokens of the other";
}

TEST_F(Session, SaysTheSameBytesAfterAKeptPrefix) {
  Office office;
  model::GenerateRequest plain = question(std::string(kRules) + "宿泊料は?");
  plain.prompt.insert(plain.prompt.begin() + 1, model::Segment{.text = kRules});
  const Answer without = office.alone(plain);
  model::GenerateRequest kept = plain;
  kept.scope = "総務課";
  kept.prompt[1].keep = true;
  const Answer first = office.alone(kept);
  const Answer second = office.alone(kept);
  EXPECT_EQ(first.done->cached_tokens, 0);
  EXPECT_GT(second.done->cached_tokens, 50);
  EXPECT_EQ(first.log_probability_bits, without.log_probability_bits);
  EXPECT_EQ(second.log_probability_bits, without.log_probability_bits);
  kept.scope = "税務課";
  EXPECT_EQ(office.alone(kept).done->cached_tokens, 0) << "a prefix is never found by another scope";
  kept.scope = "総務課";
  office.send(MessageType::kForget, 0, Json::object({{"scope", "総務課"}}));
  EXPECT_EQ(office.alone(kept).done->cached_tokens, 0);
}

TEST_F(Session, SaysTheSameBytesAfterTheMemoryWasZeroed) {
  Office office;
  const model::GenerateRequest request = question("出張の前に何が要りますか。");
  const Answer before = office.alone(request);
  office.session().rest();
  EXPECT_EQ(office.alone(request).log_probability_bits, before.log_probability_bits);
}

TEST_F(Session, WaitsForCreditWhileOthersGoOn) {
  Office office;
  model::GenerateRequest slow = question("長い話をしてください。", 20);
  slow.credit = 3;
  office.ask(1, slow);
  office.ask(2, question("海の色は?", 10));
  office.run();
  EXPECT_TRUE(office.of(2).ended());
  EXPECT_FALSE(office.of(1).ended());
  EXPECT_LE(office.of(1).tokens, 3);
  office.send(MessageType::kCredit, 1, Json::object({{"tokens", 100}}));
  office.run();
  ASSERT_TRUE(office.of(1).done);
  EXPECT_GT(office.of(1).done->output_tokens, 3);
}

TEST_F(Session, CancelEndsBetweenStepsAndFreesTheSequence) {
  Office office({.context_tokens = 1024, .sequences = 1});
  office.ask(1, question("長い話をしてください。", 500));
  office.ask(2, question("海の色は?", 4));
  for (int i = 0; i < 6; ++i) office.step();
  office.send_raw(MessageType::kCancel, 1, "");
  ASSERT_TRUE(office.of(1).done);
  EXPECT_EQ(office.of(1).done->reason, "cancelled");
  EXPECT_GT(office.of(1).done->output_tokens, 0);
  office.run();
  EXPECT_TRUE(office.of(2).done);
}

TEST_F(Session, MoreRequestsThanSequencesTakeTheirTurns) {
  Office office({.context_tokens = 512, .sequences = 2});
  for (std::uint64_t id = 1; id <= 5; ++id) office.ask(id, question("海の色は?", 3));
  office.run();
  for (std::uint64_t id = 1; id <= 5; ++id) EXPECT_TRUE(office.of(id).done) << id;
  EXPECT_EQ(office.of(5).text, office.of(1).text);
}

TEST_F(Session, StopsBeforeAStopStringAndSendsNothingOfIt) {
  Office office;
  model::GenerateRequest request = question("「いち、に、さん、し、ご」とだけ書いてください。", 30);
  const std::string full = office.alone(request).text;
  ASSERT_NE(full.find("さん"), std::string::npos) << full;
  request.stop = {"さん"};
  const Answer answer = office.alone(request);
  EXPECT_EQ(answer.text, full.substr(0, full.find("さん")));
  EXPECT_EQ(answer.done->reason, "stop");
}

TEST_F(Session, AGrammarBindsTheAnswer) {
  Office office;
  model::GenerateRequest request = question("空は青いですか。");
  request.grammar = "root ::= \"はい、\" [0-9] \"点です。\"";
  const Answer answer = office.alone(request);
  ASSERT_TRUE(answer.done) << answer.failed_detail;
  EXPECT_TRUE(answer.text.starts_with("はい、") && answer.text.ends_with("点です。")) << answer.text;
  EXPECT_EQ(answer.done->reason, "stop");
}

TEST_F(Session, AJsonSchemaBindsTheAnswer) {
  Office office;
  model::GenerateRequest request = question("会議は令和7年6月3日、場所は第2会議室。JSONにしてください。", 80);
  request.json_schema = R"({"type":"object","properties":{"場所":{"type":"string","maxLength":20},"月":{"type":"integer"}},)"
                        R"("required":["場所","月"],"additionalProperties":false})";
  const Answer answer = office.alone(request);
  ASSERT_TRUE(answer.done) << answer.failed_detail;
  auto json = Json::parse(answer.text);
  ASSERT_TRUE(json) << answer.text;
  EXPECT_NE(json->find("月")->as_int(), nullptr);
  EXPECT_FALSE(json->text_or("場所").empty());
}

TEST_F(Session, AJapaneseAnswerHoldsNoSimplifiedCharacter) {
  Office office;
  // The prompt's own characters stay allowed, so what the model adds to them shows the mask.
  const std::string chinese = "\u8bf7\u7528\u4e2d\u6587\u4ecb\u7ecd\u65e5\u672c\u7684\u9884\u7b97\u5236\u5ea6\u3002";
  model::GenerateRequest request = question(chinese, 60);
  const CharacterSet japanese(request.prompt[0].text + chinese);
  const std::string free = office.alone(request).text;
  ASSERT_EQ(continue_within(japanese, "", free), std::nullopt) << "without the mask it is no Japanese: " << free;
  request.japanese_only = true;
  const Answer answer = office.alone(request);
  EXPECT_EQ(continue_within(japanese, "", answer.text), "") << answer.text;
  EXPECT_GT(answer.done->output_tokens, 3);
}

TEST_F(Session, ASeedDecidesWhatIsDrawn) {
  Office office;
  model::GenerateRequest request = question("好きな季節とその理由を書いてください。");
  request.temperature = 1.0;
  request.top_p = 0.95;
  request.seed = 7;
  const std::string once = office.alone(request).text;
  EXPECT_EQ(office.alone(request).text, once);
  request.seed = 8;
  EXPECT_NE(office.alone(request).text, once);
}

TEST_F(Session, ScoresOptionsAsTheModelWouldSayThem) {
  Office office;
  const std::string asked = std::string(kRules) + "この規程に宿泊料の額は書かれていますか。「はい」か「いいえ」で答えてください。";
  const model::ScoreRequest request{.prompt = question(asked).prompt, .options = {"はい", "いいえ", "宿泊料の額は、一夜につき9,800円とする。"}};
  office.send(MessageType::kScore, 1, model::to_json(request));
  office.ask(2, question("海の色は?", 5));
  office.run();
  ASSERT_TRUE(office.of(1).scored) << office.of(1).failed_detail;
  const std::vector<double> scores = office.of(1).scored->log_probabilities;
  ASSERT_EQ(scores.size(), 3U);
  for (const double score : scores) EXPECT_LT(score, 0);
  EXPECT_LT(scores[2], scores[0]);
  // The sum over an option's tokens is what an answer held to it reports.
  model::GenerateRequest held = question("");
  held.prompt = request.prompt;
  held.grammar = "root ::= \"いいえ\"";
  const Answer answer = office.alone(held);
  double sum = 0;
  for (const std::uint64_t bits : answer.log_probability_bits) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    sum += value;
  }
  EXPECT_NEAR(sum, scores[1], 0.5);
}

TEST_F(Session, CountsTokensOfTexts) {
  Office office;
  office.send(MessageType::kCount, 1, Json::object({{"texts", Json::array({"", "町長", kRules, "<|im_start|>"})}}));
  const std::vector<std::int64_t> counted = office.of(1).counted;
  ASSERT_EQ(counted.size(), 4U);
  EXPECT_EQ(counted[0], 0);
  EXPECT_GE(counted[1], 1);
  EXPECT_GT(counted[2], 60);
  EXPECT_GT(counted[3], 1) << "a person's text holds no control token";
}

TEST_F(Session, APromptThatDoesNotFitIsRefusedWithNumbers) {
  Office office({.context_tokens = 256, .sequences = 1});
  const Answer answer = office.alone(question(std::string(kRules) + kRules + kRules + kRules));
  EXPECT_EQ(answer.failed_code, "too_large");
  EXPECT_NE(answer.failed_detail.find("256"), std::string::npos) << answer.failed_detail;
  EXPECT_TRUE(office.alone(question("海の色は?", 3)).done);
}

TEST_F(Session, AFullContextEndsTheAnswerAndSaysSo) {
  Office office({.context_tokens = 256, .sequences = 2});
  model::GenerateRequest request = question(std::string(kRules) + "長い話をしてください。", 100'000);
  request.grammar = "root ::= [あ-ん] root";  // Has no end.
  const Answer answer = office.alone(request);
  ASSERT_TRUE(answer.done);
  EXPECT_EQ(answer.done->reason, "context");
  EXPECT_EQ(answer.done->prompt_tokens + answer.done->output_tokens, 257);
}

TEST_F(Session, BadRequestsFailAloneAndTheWorkerGoesOn) {
  Office office;
  office.ask(1, question("海の色は?", 8));
  office.step();
  office.send_raw(MessageType::kGenerate, 2, "{\"prompt\":");
  office.send_raw(MessageType::kGenerate, 3, "{\"unknown\":1}");
  office.ask(4, {.prompt = {}, .credit = 1});
  model::GenerateRequest broken = question("a");
  broken.grammar = "root ::= (";
  office.ask(5, broken);
  broken.grammar.clear();
  broken.json_schema = "{\"type\":";
  office.ask(6, broken);
  office.ask(1, question("同じ番号"));
  office.send_raw(static_cast<MessageType>(99), 7, "{}");
  office.send(MessageType::kEmbed, 8, Json::object({{"texts", Json::array({"町"})}}));
  for (const std::uint64_t id : {2, 3, 4, 5, 6}) EXPECT_EQ(office.of(id).failed_code, "invalid") << id;
  EXPECT_EQ(office.of(7).failed_code, "unsupported");
  EXPECT_EQ(office.of(8).failed_code, "unsupported");
  office.run();
  EXPECT_TRUE(office.of(1).done);
}

TEST_F(Session, EmbedsTextsAsVectorsOfLengthOne) {
  Office office({.context_tokens = 128, .sequences = 1, .embedding = true});
  std::string longer_than_the_context;
  for (int i = 0; i < 20; ++i) longer_than_the_context += kRules;
  office.send(MessageType::kEmbed, 1, Json::object({{"texts", Json::array({"宿泊料の額", "宿泊費はいくらか", longer_than_the_context})}}));
  office.run();
  ASSERT_EQ(office.of(1).failed_code, "") << office.of(1).failed_detail;
  std::uint32_t count = 0, width = 0;
  ASSERT_GE(office.vectors().size(), 8U);
  std::memcpy(&count, office.vectors().data(), 4);
  std::memcpy(&width, office.vectors().data() + 4, 4);
  ASSERT_EQ(count, 3U);
  ASSERT_EQ(office.vectors().size(), 8 + std::size_t{count} * width * 4);
  std::vector<float> values(std::size_t{count} * width);
  std::memcpy(values.data(), office.vectors().data() + 8, values.size() * 4);
  for (std::size_t text = 0; text < count; ++text) {
    double square = 0;
    for (std::size_t i = 0; i < width; ++i) square += std::pow(static_cast<double>(values[text * width + i]), 2);
    EXPECT_NEAR(square, 1.0, 1e-4);
  }
}

TEST_F(Session, AFileThatIsNoModelIsRefused) {
  char path[] = "/tmp/sekisho-no-model-XXXXXX";
  const int fd = ::mkstemp(path);
  ASSERT_GE(fd, 0);
  ::unlink(path);
  ASSERT_EQ(::write(fd, "GGUF\3\0\0\0broken", 14), 14);
  auto engine = LlamaEngine::load(fd, {.load = {}, .cpu_variant = variant()});
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::kCorrupt);
  ::close(fd);
}

}  // namespace
}  // namespace sekisho::worker
