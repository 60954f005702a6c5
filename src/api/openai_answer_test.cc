// Answers of OpenAI's API over a real connection, through the real gate; the engine is played.
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <thread>

#include <fmt/format.h>

#include "api/openai_chat.h"
#include "api/openai_completion.h"
#include "api/openai_embedding.h"
#include "api/openai_error.h"
#include "api/openai_shelves.h"
#include "audit/verify.h"
#include "http/server.h"
#include "http/test_client.h"
#include "store/test_folder.h"

namespace sekisho::api {
namespace {

using process::model::Done;
using process::model::GenerateRequest;
using process::model::Token;

/// Says what it is told to. A script without an end waits until it is cancelled.
class PlayedEngine final : public model::Engine {
 public:
  struct Script {
    std::vector<std::string> pieces;
    std::optional<model::Event> last = Done{.reason = "stop", .prompt_tokens = 12, .cached_tokens = 3, .output_tokens = 5};
  };

  Result<model::RequestId> start(model::Request request, model::Listener listener) override {
    Script script;
    model::RequestId id = 0;
    {
      const std::lock_guard lock(mutex_);
      id = next_++;
      if (refusal) return fail(*refusal);
      requests.push_back(request);
      if (!scripts.empty()) {
        script = std::move(scripts.front());
        scripts.pop_front();
      }
      if (!script.last) waiting_[id] = listener;
    }
    listener(model::Started{});
    for (const std::string& piece : script.pieces) listener(Token{piece, -0.25, 1});
    if (script.last) listener(*script.last);
    return id;
  }
  void taken(model::RequestId, std::int64_t tokens) override { taken_tokens += tokens; }
  void cancel(model::RequestId id) override {
    model::Listener listener;
    {
      const std::lock_guard lock(mutex_);
      if (!waiting_.contains(id)) return;
      listener = waiting_[id];
      waiting_.erase(id);
    }
    listener(Done{.reason = "cancelled"});
    cancelled.set_value();
  }
  void forget(const std::string&) override {}
  model::EngineInfo info() const override {
    return {.ready = true, .model = {.context_tokens = 2048, .cpu_variant = "haswell"}, .model_sha256 = "0123456789abcdef"};
  }

  const GenerateRequest& generated(std::size_t index) const { return std::get<GenerateRequest>(requests.at(index).body); }

  std::deque<Script> scripts;
  std::vector<model::Request> requests;
  std::optional<Error> refusal;
  std::promise<void> cancelled;
  std::atomic<std::int64_t> taken_tokens = 0;

 private:
  std::mutex mutex_;
  model::RequestId next_ = 1;
  std::map<model::RequestId, model::Listener> waiting_;
};

class OpenAiAnswer : public testing::Test {
 protected:
  void SetUp() override {
    actor_.id = UserId::random();
    actor_.name = "saeki";
    actor_.credential = gate::Credential::kApiKey;
  }
  void TearDown() override {
    if (server_) server_->stop(0);
  }

  template <typename Answer, typename Decode>
  http::Handler handler(Decode decode) {
    return [this, decode](http::Request& request) -> http::Reply {
      auto body = Json::parse(request.body);
      if (!body) return openai_error(body.error());
      auto wanted = decode(*body);
      if (!wanted) return openai_error(wanted.error());
      bool stream = false;
      if constexpr (requires { wanted->choosing; }) stream = wanted->choosing.stream;
      auto opened = Answer::open(parts_, actor_, *std::move(wanted));
      if (!opened) return openai_error(opened.error());
      auto answer = std::make_shared<Answer>(*std::move(opened));
      auto reply = desk_->start(actor_.id.text(), stream ? OpenAiChannel::Form::kChunks : OpenAiChannel::Form::kWhole,
                                [this] { return still_allowed_-- > 0; }, [answer](OpenAiChannel& channel) { answer->run(channel); });
      return reply ? *std::move(reply) : openai_error(reply.error());
    };
  }
  http::TestClient connect() {
    if (!server_) {
      http::Router router;
      const auto body = http::BodyRule::buffered(100'000);
      router.add(http::Method::kPost, "/v1/chat/completions", http::RoutePolicy(0), body, handler<OpenAiChat>(decode_chat));
      router.add(http::Method::kPost, "/v1/completions", http::RoutePolicy(0), body, handler<OpenAiCompletion>(decode_completion));
      router.add(http::Method::kPost, "/v1/embeddings", http::RoutePolicy(0), body, handler<OpenAiEmbedding>(decode_embedding));
      server_ = http::Server::start({.port = 0}, std::move(router), http::Pipeline()).value();
    }
    return http::TestClient(server_->port());
  }
  static std::string post_text(std::string_view path, std::string_view body) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", path, body.size(), body);
  }
  http::ClientResponse post(std::string_view path, std::string_view body) { return connect().ask(post_text(path, body)); }
  http::ClientResponse chat(std::string_view more = "") {
    return post("/v1/chat/completions", fmt::format(R"({{"model":"qwen","messages":[{{"role":"user","content":"日当は。"}}]{}}})", more));
  }
  static Json json_of(const http::ClientResponse& response) { return Json::parse(response.body).value_or(Json(response.body)); }
  /// The data of each event; the last is "[DONE]" or an error.
  static std::vector<std::string> events_of(const http::ClientResponse& response) {
    std::vector<std::string> events;
    for (std::size_t at = response.body.find("data: "); at != std::string::npos; at = response.body.find("data: ", at)) {
      const std::size_t end = response.body.find('\n', at);
      events.push_back(response.body.substr(at + 6, end - at - 6));
      at = end;
    }
    return events;
  }
  std::vector<audit::Entry> entries() {
    std::vector<audit::Entry> all;
    EXPECT_TRUE(audit::for_each_entry(folder_.path(), [&](const audit::ReadLine& line) {
      all.push_back(line.entry);
      return true;
    }));
    return all;
  }
  static const Json& first_choice(const Json& answer) { return answer.find("choices")->as_array()->front(); }

  const FakeClock clock_;
  const store::TestFolder folder_;
  const gate::Policy policy_ = gate::Policy::load(std::filesystem::path(SEKISHO_SOURCE_DIR) / "policies/ministry.toml").value();
  const std::unique_ptr<audit::Chain> chain_ = audit::Chain::open(folder_.path(), clock_).value();
  /// The shipped rules about personal data.
  static const text::WordAnalyser& words() {
    static const auto kWords = text::WordAnalyser::open().value();
    return *kWords;
  }
  const gate::Dlp dlp_ = gate::Dlp::load(std::string(SEKISHO_SOURCE_DIR) + "/policies/dlp_ja.toml", policy_, &words()).value();
  gate::Gate gate_{policy_, *chain_, dlp_};
  std::atomic<int> still_allowed_ = 1'000'000;  ///< So many pieces are said.
  PlayedEngine engine_;
  gate::Actor actor_;
  const OpenAiParts parts_{clock_, gate_, engine_, "qwen", model::Family::kQwen25};
  std::unique_ptr<OpenAiDesk> desk_ = std::make_unique<OpenAiDesk>(OpenAiDesk::Options{});
  std::unique_ptr<http::Server> server_;
};

TEST_F(OpenAiAnswer, GivesAWholeAnswerWithItsUsage) {
  engine_.scripts.push_back({.pieces = {"日当は", "2,300円です。"}});
  const auto response = chat();
  ASSERT_EQ(response.status, 200) << response.body;
  const Json answer = json_of(response);
  EXPECT_EQ(answer.text_or("object"), "chat.completion");
  EXPECT_EQ(answer.text_or("model"), "qwen");
  EXPECT_TRUE(answer.text_or("id").starts_with("chatcmpl-"));
  EXPECT_EQ(answer.text_or("system_fingerprint"), "fp_0123456789_haswell");
  EXPECT_EQ(first_choice(answer).find("message")->text_or("content"), "日当は2,300円です。");
  EXPECT_EQ(first_choice(answer).text_or("finish_reason"), "stop");
  EXPECT_EQ(answer.find("usage")->dump(), R"({"prompt_tokens":12,"completion_tokens":5,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":3}})");
  EXPECT_EQ(engine_.taken_tokens, 2) << "credit goes back as tokens are read";
}

TEST_F(OpenAiAnswer, RecordsTheReleaseAndItsEndWithoutAWordOfIt) {
  engine_.scripts.push_back({.pieces = {"秘密の答え"}});
  ASSERT_EQ(chat().status, 200);
  desk_.reset();
  const auto all = entries();
  ASSERT_GE(all.size(), 2U);
  EXPECT_EQ(all[all.size() - 2].kind, "release.completion");
  EXPECT_EQ(all.back().kind, "closed.completion");
  EXPECT_EQ(all.back().outcome, audit::Outcome::kDone);
  EXPECT_EQ(all.back().details.dump().find("秘密"), std::string::npos);
  EXPECT_EQ(all[all.size() - 2].details.dump().find("日当"), std::string::npos);
}

TEST_F(OpenAiAnswer, AsksTheEngineForWhatTheRequestSays) {
  ASSERT_EQ(chat(R"(,"temperature":0.5,"top_p":0.9,"seed":42,"max_tokens":7,"stop":["。"])").status, 200);
  const GenerateRequest& request = engine_.generated(0);
  EXPECT_EQ(request.temperature, 0.5);
  EXPECT_EQ(request.top_p, 0.9);
  EXPECT_EQ(request.seed, 42U);
  EXPECT_EQ(request.max_tokens, 7);
  EXPECT_EQ(request.stop, std::vector<std::string>{"。"});
  EXPECT_EQ(request.scope, actor_.id.text());
  EXPECT_TRUE(request.japanese_only);
  EXPECT_EQ(engine_.requests[0].actor, actor_.id.text());
}

TEST_F(OpenAiAnswer, StreamsChunksThenUsageThenDone) {
  engine_.scripts.push_back({.pieces = {"はい", "。"}, .last = Done{.reason = "length", .prompt_tokens = 4, .output_tokens = 2}});
  const auto response = chat(R"(,"stream":true,"stream_options":{"include_usage":true})");
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("Content-Type").value_or("").substr(0, 17), "text/event-stream");
  const auto events = events_of(response);
  ASSERT_EQ(events.size(), 6U) << response.body;
  EXPECT_EQ(first_choice(Json::parse(events[0]).value()).find("delta")->text_or("role"), "assistant");
  EXPECT_EQ(first_choice(Json::parse(events[1]).value()).find("delta")->text_or("content"), "はい");
  EXPECT_EQ(first_choice(Json::parse(events[3]).value()).text_or("finish_reason"), "length");
  const Json usage = Json::parse(events[4]).value();
  EXPECT_TRUE(usage.find("choices")->as_array()->empty());
  EXPECT_EQ(usage.find("usage")->int_or("total_tokens"), 6);
  EXPECT_EQ(events[5], "[DONE]");
}

TEST_F(OpenAiAnswer, TwoChoicesHaveTwoSeedsAndOnePrompt) {
  engine_.scripts = {{.pieces = {"一"}}, {.pieces = {"二"}}};
  const Json answer = json_of(chat(R"(,"n":2,"seed":7)"));
  const Json::Array& choices = *answer.find("choices")->as_array();
  ASSERT_EQ(choices.size(), 2U);
  EXPECT_EQ(choices[1].find("message")->text_or("content"), "二");
  EXPECT_EQ(choices[1].int_or("index"), 1);
  EXPECT_EQ(engine_.generated(0).seed + 1, engine_.generated(1).seed);
  EXPECT_FALSE(engine_.requests[0].follow_up);
  EXPECT_TRUE(engine_.requests[1].follow_up);
  EXPECT_EQ(answer.find("usage")->int_or("prompt_tokens"), 12);
  EXPECT_EQ(answer.find("usage")->int_or("completion_tokens"), 10);
}

TEST_F(OpenAiAnswer, GivesLogProbabilitiesWithTheBytesOfEachToken) {
  engine_.scripts.push_back({.pieces = {"円"}});
  const Json answer = json_of(chat(R"(,"logprobs":true)"));
  const Json& token = first_choice(answer).find("logprobs")->find("content")->as_array()->front();
  EXPECT_EQ(token.number_or("logprob"), -0.25);
  EXPECT_EQ(token.find("bytes")->dump(), "[229,134,134]");
}

TEST_F(OpenAiAnswer, HoldsTheAnswerToASchemaAndTellsTheModelOfIt) {
  engine_.scripts.push_back({.pieces = {"{\"yen\":2300}"}});
  ASSERT_EQ(chat(R"(,"response_format":{"type":"json_schema","json_schema":{"name":"fee","strict":true,"schema":{"type":"object","properties":{"yen":{"type":"integer"}}}}})").status, 200);
  EXPECT_EQ(engine_.generated(0).json_schema, R"({"type":"object","properties":{"yen":{"type":"integer"}}})");
  EXPECT_NE(text_of(engine_.generated(0).prompt).find("yen"), std::string::npos);
  ASSERT_EQ(chat(R"(,"response_format":{"type":"json_object"})").status, 200);
  EXPECT_EQ(engine_.generated(1).json_schema, R"({"type":"object"})");
}

constexpr std::string_view kWeatherTool = R"(,"tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"town":{"type":"string"}}}}}])";

TEST_F(OpenAiAnswer, ARequiredCallIsHeldToTheToolsSchema) {
  engine_.scripts.push_back({.pieces = {"{\"name\": \"weather\", ", "\"arguments\": {\"town\": \"霧ヶ原\"}}"}});
  const Json answer = json_of(chat(std::string(kWeatherTool) + R"(,"tool_choice":"required")"));
  const Json& choice = first_choice(answer);
  EXPECT_EQ(choice.text_or("finish_reason"), "tool_calls");
  EXPECT_TRUE(choice.find("message")->find("content")->is_null());
  const Json& call = choice.find("message")->find("tool_calls")->as_array()->front();
  EXPECT_EQ(call.find("function")->text_or("name"), "weather");
  EXPECT_EQ(call.find("function")->text_or("arguments"), "{\"town\":\"霧ヶ原\"}");
  EXPECT_NE(engine_.generated(0).json_schema.find("weather"), std::string::npos);
  EXPECT_EQ(engine_.generated(0).prompt.back().text, "<tool_call>\n");
}

TEST_F(OpenAiAnswer, AWrittenCallBecomesACallAndWordsStayWords) {
  engine_.scripts = {{.pieces = {"<tool", "_call>\n{\"name\":\"weather\",\"arguments\":{}}"}}, {.pieces = {"晴れ", "です。"}}};
  const Json called = json_of(chat(kWeatherTool));
  EXPECT_EQ(first_choice(called).text_or("finish_reason"), "tool_calls");
  const Json said = json_of(chat(kWeatherTool));
  EXPECT_EQ(first_choice(said).find("message")->text_or("content"), "晴れです。");
  EXPECT_EQ(first_choice(said).find("message")->find("tool_calls"), nullptr);
}

TEST_F(OpenAiAnswer, ABrokenCallIsAskedAgainUnderTheSchema) {
  engine_.scripts = {{.pieces = {"<tool_call>\n{\"name\":\"weather\", town"}}, {.pieces = {"{\"name\":\"weather\",\"arguments\":{\"town\":\"甲\"}}"}}};
  const auto events = events_of(chat(std::string(kWeatherTool) + R"(,"stream":true)"));
  ASSERT_EQ(engine_.requests.size(), 2U);
  EXPECT_TRUE(engine_.generated(0).json_schema.empty());
  EXPECT_FALSE(engine_.generated(1).json_schema.empty());
  ASSERT_GE(events.size(), 3U);
  const Json delta = *first_choice(Json::parse(events[events.size() - 3]).value()).find("delta");
  EXPECT_EQ(delta.find("tool_calls")->as_array()->front().int_or("index", -1), 0);
  EXPECT_EQ(first_choice(Json::parse(events[events.size() - 2]).value()).text_or("finish_reason"), "tool_calls");
}

TEST_F(OpenAiAnswer, JsonThatIsNoCallIsGivenAsText) {
  engine_.scripts.push_back({.pieces = {"{\"sunny\":", "true}"}});
  const Json answer = json_of(chat(kWeatherTool));
  EXPECT_EQ(first_choice(answer).find("message")->text_or("content"), "{\"sunny\":true}");
}

TEST_F(OpenAiAnswer, TellsTheEnginesErrorsInOpenAisForm) {
  engine_.scripts.push_back({.last = Error{ErrorCode::kTooLarge, "prompt: 5000 tokens do not fit the context of 2048"}});
  const auto response = chat();
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(json_of(response).find("error")->text_or("code"), "context_length_exceeded");
  engine_.refusal = Error{ErrorCode::kBusy, "the queue is full: 256"};
  EXPECT_EQ(chat().status, 503);
  desk_.reset();
  EXPECT_EQ(entries().back().outcome, audit::Outcome::kFailed);
}

TEST_F(OpenAiAnswer, AnErrorWithinAStreamIsItsLastEvent) {
  engine_.scripts.push_back({.pieces = {"途中"}, .last = Error{ErrorCode::kUnavailable, "the model's worker died"}});
  const auto events = events_of(chat(R"(,"stream":true)"));
  ASSERT_FALSE(events.empty());
  EXPECT_NE(events.back().find("worker died"), std::string::npos);
  EXPECT_EQ(Json::parse(events.back())->find("error")->text_or("type"), "server_error");
}

TEST_F(OpenAiAnswer, AClientThatGoesStopsTheEngine) {
  engine_.scripts.push_back({.pieces = {"長い"}, .last = std::nullopt});
  http::TestClient client = connect();
  client.send(post_text("/v1/chat/completions", R"({"model":"qwen","stream":true,"messages":[{"role":"user","content":"物語"}]})"));
  ASSERT_FALSE(client.read_through("長い").empty());
  client.close();
  EXPECT_EQ(engine_.cancelled.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(OpenAiAnswer, TheEndOfTheDeskStopsWhatRuns) {
  engine_.scripts.push_back({.pieces = {"長い"}, .last = std::nullopt});
  http::TestClient client = connect();
  client.send(post_text("/v1/chat/completions", R"({"model":"qwen","stream":true,"messages":[{"role":"user","content":"物語"}]})"));
  ASSERT_FALSE(client.read_through("長い").empty());
  desk_.reset();
  EXPECT_EQ(engine_.cancelled.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(OpenAiAnswer, SaysNothingMoreToWhomWasRevokedMeanwhile) {
  engine_.scripts.push_back({.pieces = {"長い", "秘密"}, .last = std::nullopt});
  still_allowed_ = 2;  // The role and the first word.
  http::TestClient client = connect();
  client.send(post_text("/v1/chat/completions", R"({"model":"qwen","stream":true,"messages":[{"role":"user","content":"物語"}]})"));
  const std::string said = client.read_through("not there or not allowed");
  EXPECT_NE(said.find("長い"), std::string::npos);
  EXPECT_EQ(said.find("秘密"), std::string::npos);
  EXPECT_EQ(engine_.cancelled.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready) << "and the model stops";
}

TEST_F(OpenAiAnswer, KeepsAWholeAnswerFromWhomWasRevokedMeanwhile) {
  engine_.scripts.push_back({.pieces = {"秘密"}});
  still_allowed_ = 0;
  const auto response = chat();
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body.find("秘密"), std::string::npos);
}

TEST_F(OpenAiAnswer, ADeskThatIsFullSaysBusy) {
  desk_ = std::make_unique<OpenAiDesk>(OpenAiDesk::Options{.threads = 1, .queue = 0});
  const auto response = chat();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(json_of(response).find("error")->text_or("code"), "busy");
  EXPECT_TRUE(engine_.requests.empty());
  EXPECT_EQ(entries().back().kind, "closed.completion") << "the release came to nothing, and the log says so";
  EXPECT_EQ(entries().back().outcome, audit::Outcome::kFailed);
}

TEST_F(OpenAiAnswer, OneAccountCannotTakeTheWholeDesk) {
  desk_ = std::make_unique<OpenAiDesk>(OpenAiDesk::Options{.threads = 1, .queue = 100});
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  const auto always = [] { return true; };
  const auto wait = [released](OpenAiChannel& channel) {
    released.wait();
    channel.finish(Json::object());
  };
  std::size_t started = 0;
  while (started < 100 && desk_->start("saeki", OpenAiChannel::Form::kWhole, always, wait)) ++started;
  EXPECT_EQ(started, limits::kTurnsQueuedPerActor);
  EXPECT_TRUE(desk_->start("kudo", OpenAiChannel::Form::kWhole, always, wait));
  release.set_value();
}

TEST_F(OpenAiAnswer, NothingIsGeneratedForWhomTheGateRefuses) {
  // This policy does not name where a key's answers go.
  auto strict = gate::Policy::parse([&] {
    std::ifstream file(std::filesystem::path(SEKISHO_SOURCE_DIR) / "policies/ministry.toml");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const std::size_t at = text.find("\"api_key\"");
    return text.erase(at, text.find('\n', at) + 1 - at);
  }());
  ASSERT_TRUE(strict) << strict.error().detail;
  gate::Gate gate(*strict, *chain_);
  const OpenAiParts parts{clock_, gate, engine_, "qwen", model::Family::kQwen25};
  auto request = decode_chat(Json::parse(R"({"model":"qwen","messages":[{"role":"user","content":"a"}]})").value());
  ASSERT_TRUE(request);
  auto opened = OpenAiChat::open(parts, actor_, *std::move(request));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kDenied);
  EXPECT_TRUE(engine_.requests.empty());
}

TEST_F(OpenAiAnswer, SaysNoNumberOfAPersonToAProgram) {
  engine_.scripts.push_back({.pieces = {"番号は98", "3205", "673214", "です。"}});
  const Json answer = json_of(chat(R"(,"logprobs":true)"));
  EXPECT_EQ(first_choice(answer).find("message")->text_or("content"), "番号は〔個人番号〕です。");
  EXPECT_EQ(answer.dump().find("673214"), std::string::npos) << "told by no probability either";
  engine_.scripts.push_back({.pieces = {"番号は98", "3205", "673214", "です。"}});
  for (const std::string& event : events_of(chat(R"(,"stream":true)"))) EXPECT_EQ(event.find("3205"), std::string::npos) << event;
  engine_.scripts.push_back({.pieces = {"983205673214", "。"}});
  EXPECT_EQ(first_choice(json_of(post("/v1/completions", R"({"model":"qwen","prompt":"個人番号は"})"))).text_or("text"), "〔個人番号〕。");
  desk_.reset();
  const auto all = entries();
  EXPECT_EQ(all.back().details.find("facts")->find("personal")->dump(), R"({"action":"mask","found":{"個人番号":1},"place":"回答"})");
}

TEST_F(OpenAiAnswer, StopsWhatARuleStopsAndRecordsWhatWasAsked) {
  const gate::Dlp strict = gate::Dlp::parse("[[rules]]\nplaces = [\"質問\", \"回答\"]\nkinds = [\"個人番号\"]\naction = \"止める\"\n", policy_, nullptr).value();
  gate::Gate gate(policy_, *chain_, strict);
  const OpenAiParts parts{clock_, gate, engine_, "qwen", model::Family::kQwen25};
  auto request = decode_chat(Json::parse(R"({"model":"qwen","messages":[{"role":"user","content":"個人番号 983205673214"}]})").value());
  ASSERT_TRUE(request);
  auto opened = OpenAiChat::open(parts, actor_, *std::move(request));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(opened.error().detail, R"(personal_data: {"個人番号":1})");
  EXPECT_EQ(entries().back().kind, "personal.stopped");
  EXPECT_TRUE(engine_.requests.empty());
}

TEST_F(OpenAiAnswer, CompletesEachPromptWithoutAChatFormat) {
  engine_.scripts = {{.pieces = {"あった。"}}, {.pieces = {"いた。"}}};
  const Json answer = json_of(post("/v1/completions", R"({"model":"qwen","prompt":["昔、城が","昔、翁が"],"max_tokens":5})"));
  const Json::Array& choices = *answer.find("choices")->as_array();
  ASSERT_EQ(choices.size(), 2U);
  EXPECT_EQ(choices[1].text_or("text"), "いた。");
  EXPECT_EQ(answer.text_or("object"), "text_completion");
  ASSERT_EQ(engine_.generated(0).prompt.size(), 1U);
  EXPECT_EQ(engine_.generated(0).prompt[0].text, "昔、城が");
  EXPECT_FALSE(engine_.generated(0).prompt[0].special);
  EXPECT_EQ(answer.find("usage")->int_or("prompt_tokens"), 24);
}

TEST_F(OpenAiAnswer, StreamsCompletions) {
  engine_.scripts.push_back({.pieces = {"あ", "い"}});
  const auto events = events_of(post("/v1/completions", R"({"model":"qwen","prompt":"昔","stream":true})"));
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(first_choice(Json::parse(events[1]).value()).text_or("text"), "い");
  EXPECT_EQ(events[3], "[DONE]");
}

TEST_F(OpenAiAnswer, EmbedsTextsAsNumbersAndAsBase64) {
  const model::Vectors vectors{2, {{1.0F, -0.5F}}};
  engine_.scripts = {{.last = model::Counted{{4}}}, {.last = vectors}, {.last = model::Counted{{4}}}, {.last = vectors}};
  const Json numbers = json_of(post("/v1/embeddings", R"({"model":"qwen","input":"予算"})"));
  EXPECT_EQ(numbers.find("data")->as_array()->front().find("embedding")->dump(), "[1,-0.5]");
  EXPECT_EQ(numbers.find("usage")->int_or("prompt_tokens"), 4);
  const Json text = json_of(post("/v1/embeddings", R"({"model":"qwen","input":"予算","encoding_format":"base64"})"));
  EXPECT_EQ(text.find("data")->as_array()->front().text_or("embedding"), "AACAPwAAAL8=");
}

TEST(OpenAiShelves, TakesTheLastQuestionAndTheShelvesOfTheKey) {
  gate::Actor actor;
  actor.bound_shelves = {ShelfId::random()};
  auto request = decode_chat(Json::parse(R"({"model":"q","temperature":0,"messages":[{"role":"user","content":"前"},{"role":"assistant","content":"はい"},{"role":"user","content":"日当は"}]})").value());
  const auto turn = turn_of(actor, *request);
  ASSERT_TRUE(turn);
  EXPECT_EQ(turn->question, "日当は");
  EXPECT_EQ(turn->shelves, actor.bound_shelves);
  EXPECT_EQ(turn->mode, chat::Mode::kShelves);
}

TEST(OpenAiShelves, FollowsHowTheWordsAreToBeChosenWhereItIsSaid) {
  const auto sampling_of = [](std::string_view more) {
    auto request = decode_chat(Json::parse(fmt::format(R"({{"model":"q","messages":[{{"role":"user","content":"a"}}]{}}})", more)).value());
    return turn_of(gate::Actor{}, *request)->sampling;
  };
  const chat::Sampling said = sampling_of(R"(,"max_tokens":7,"temperature":0.5,"seed":42)");
  EXPECT_EQ(said.max_tokens, 7);
  EXPECT_EQ(said.temperature, 0.5);
  EXPECT_EQ(said.top_p, 1.0) << "OpenAI's, where a temperature is named";
  EXPECT_EQ(said.seed, 42U);
  const chat::Sampling open = sampling_of("");
  EXPECT_FALSE(open.max_tokens || open.temperature || open.top_p || open.seed);
}

TEST(OpenAiShelves, RefusesWhatATurnCannotFollow) {
  for (const std::string_view more : {R"("n":2)", R"("stop":"a")", R"("logprobs":true)", R"("response_format":{"type":"json_object"})",
                                      R"("tools":[{"type":"function","function":{"name":"a"}}])"}) {
    auto request = decode_chat(Json::parse(fmt::format(R"({{"model":"q","messages":[{{"role":"user","content":"a"}}],{}}})", more)).value());
    ASSERT_TRUE(request) << more;
    EXPECT_EQ(turn_of(gate::Actor{}, *request).error().code, ErrorCode::kUnsupported) << more;
  }
}

TEST(OpenAiShelves, GathersTheTextOnceAndWhatItStandsOn) {
  TurnGathering gathering;
  const auto add = [&](std::string name, std::string data) { return gathering.add({1, std::move(name), std::move(data)}); };
  EXPECT_EQ(add("started", R"({"turn_id":"t","conversation_id":"c"})"), "");
  EXPECT_EQ(add("sources", R"({"items":[{"number":1,"document_name":"旅費規則.txt"}]})"), "");
  EXPECT_EQ(add("label", R"({"level":2,"name":"機密性2"})"), "");
  EXPECT_EQ(add("text", R"({"at":0,"text":"𠮷野は"})"), "𠮷野は");
  EXPECT_EQ(add("text", R"({"at":0,"text":"𠮷野は晴"})"), "晴") << "𠮷 counts two";
  EXPECT_EQ(add("text", R"({"at":5,"text":"れ。"})"), "れ。");
  EXPECT_EQ(add("claim", R"({"start":0,"end":7,"check":"ok"})"), "");
  EXPECT_FALSE(gathering.outcome()) << "not over yet";
  EXPECT_EQ(add("done", R"({"reason":"stop","prompt_tokens":100,"cached_tokens":80,"output_tokens":6})"), "");
  EXPECT_TRUE(gathering.outcome());
  EXPECT_EQ(gathering.text(), "𠮷野は晴れ。");
  EXPECT_EQ(gathering.usage().to_json().int_or("total_tokens"), 106);
  const Json sekisho = gathering.sekisho();
  EXPECT_EQ(sekisho.find("sources")->as_array()->front().text_or("document_name"), "旅費規則.txt");
  EXPECT_EQ(sekisho.find("claims")->as_array()->size(), 1U);
  EXPECT_EQ(sekisho.int_or("level"), 2);
  EXPECT_TRUE(sekisho.find("not_found")->is_null());
}

TEST(OpenAiShelves, AFailedTurnIsAnError) {
  TurnGathering gathering;
  (void)gathering.add({1, "failed", R"({"code":"busy","detail":"full"})"});
  ASSERT_FALSE(gathering.outcome());
  EXPECT_EQ(gathering.outcome().error().code, ErrorCode::kBusy);
}

}  // namespace
}  // namespace sekisho::api
