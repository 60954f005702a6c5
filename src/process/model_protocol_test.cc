#include "process/model_protocol.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace sekisho::process::model {
namespace {

/// Through text, as on the wire.
Json wire(const Json& json) {
  const auto parsed = Json::parse(json.dump());
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().detail);
  return parsed ? *parsed : Json();
}

GenerateRequest full_request() {
  GenerateRequest request;
  request.scope = "assistant:3/labels:機密性2";
  request.prompt = {
      {"<|im_start|>system\n", true, false}, {"資料だけに基づいて答えてください。", false, true}, {"<|im_end|>は文字です", false, false}};
  request.max_tokens = 77;
  request.temperature = 0.25;
  request.top_p = 0.9;
  request.seed = std::numeric_limits<std::uint64_t>::max();
  request.stop = {"\n\n", "以上"};
  request.grammar = "root ::= \"はい\" | \"いいえ\"";
  request.japanese_only = true;
  request.credit = 3;
  request.repeat_penalty = 1.1;
  return request;
}

TEST(ModelProtocol, GenerateRequestSurvivesTheWireWhole) {
  const GenerateRequest sent = full_request();
  const auto got = generate_request(wire(to_json(sent)));
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(got->scope, sent.scope);
  ASSERT_EQ(got->prompt.size(), 3U);
  EXPECT_EQ(got->prompt[1].text, "資料だけに基づいて答えてください。");
  EXPECT_TRUE(got->prompt[0].special);
  EXPECT_FALSE(got->prompt[1].special);
  EXPECT_TRUE(got->prompt[1].keep);
  EXPECT_EQ(got->max_tokens, 77);
  EXPECT_DOUBLE_EQ(got->temperature, 0.25);
  EXPECT_DOUBLE_EQ(got->top_p, 0.9);
  EXPECT_EQ(got->seed, sent.seed);
  EXPECT_EQ(got->stop, sent.stop);
  EXPECT_EQ(got->grammar, sent.grammar);
  EXPECT_TRUE(got->japanese_only);
  EXPECT_EQ(got->credit, 3);
  EXPECT_DOUBLE_EQ(got->repeat_penalty, 1.1);
}

TEST(ModelProtocol, LoadAndScoreAndEmbedSurviveTheWire) {
  LoadRequest load;
  load.context_tokens = 8192;
  load.sequences = 2;
  load.kept_prefixes = 5;
  load.threads_max = 3;
  load.exact = false;
  load.embedding = true;
  const auto loaded = load_request(wire(to_json(load)));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->context_tokens, 8192);
  EXPECT_EQ(loaded->sequences, 2);
  EXPECT_EQ(loaded->kept_prefixes, 5);
  EXPECT_EQ(loaded->threads_max, 3);
  EXPECT_FALSE(loaded->exact);
  EXPECT_TRUE(loaded->embedding);

  const ScoreRequest score{"s", {{"資料から答えられますか。", false, false}}, {"はい", "いいえ"}};
  const auto scored_request = score_request(wire(to_json(score)));
  ASSERT_TRUE(scored_request);
  EXPECT_EQ(scored_request->options, score.options);

  const auto embed = embed_request(wire(to_json(EmbedRequest{{"query: 予算", "passage: 決算"}})));
  ASSERT_TRUE(embed);
  EXPECT_EQ(embed->texts[1], "passage: 決算");
}

TEST(ModelProtocol, AnswersOfTheWorkerSurviveTheWire) {
  ModelInfo info{"qwen2", "Qwen2.5", 4096, 151936, 1'543'714'304, 1536, "zen4", "b7000"};
  const auto got_info = model_info(wire(to_json(info)));
  ASSERT_TRUE(got_info);
  EXPECT_EQ(got_info->parameters, 1'543'714'304);
  EXPECT_EQ(got_info->cpu_variant, "zen4");

  const auto got_token = token(wire(to_json(Token{"予", -0.5, 2})));
  ASSERT_TRUE(got_token);
  EXPECT_EQ(got_token->text, "予");
  EXPECT_EQ(got_token->tokens, 2);
  EXPECT_DOUBLE_EQ(got_token->log_probability, -0.5);

  const auto got_done = done(wire(to_json(Done{"length", 10, 8, 5, 1.5, 2.5})));
  ASSERT_TRUE(got_done);
  EXPECT_EQ(got_done->cached_tokens, 8);
  EXPECT_DOUBLE_EQ(got_done->decode_ms, 2.5);

  const auto got_progress = progress(wire(to_json(Progress{512, 1024})));
  ASSERT_TRUE(got_progress);
  EXPECT_EQ(got_progress->total_tokens, 1024);
}

TEST(ModelProtocol, ImpossibleLogProbabilityBecomesALargeNegativeNumber) {
  const auto got = scored(wire(to_json(Scored{{-0.1, -std::numeric_limits<double>::infinity(), std::nan("")}, 5, 0})));
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->log_probabilities.size(), 3U);
  EXPECT_DOUBLE_EQ(got->log_probabilities[0], -0.1);
  EXPECT_LE(got->log_probabilities[1], -1e8);
  EXPECT_LE(got->log_probabilities[2], -1e8);
}

/// The detail of the refusal, or "accepted".
template <typename T>
std::string refusal(const Result<T>& result) {
  return result ? "accepted" : result.error().detail;
}

Json parsed(std::string_view text) { return Json::parse(text).value(); }

TEST(ModelProtocol, RefusesWhatIsOutOfRangeAndNamesThePath) {
  EXPECT_EQ(refusal(generate_request(parsed(R"({"prompt":[]})"))), "$.prompt: must be a list with at least one segment");
  EXPECT_EQ(refusal(generate_request(parsed(R"({"prompt":"質問"})"))), "$.prompt: must be a list with at least one segment");
  EXPECT_NE(refusal(generate_request(parsed(R"({"prompt":[{"text":"a","secret":1}]})"))).find("$.prompt[0].secret"), std::string::npos);
  EXPECT_NE(refusal(generate_request(parsed(R"({"prompt":[{"text":"a"}],"max_tokens":0})"))).find("$.max_tokens"), std::string::npos);
  EXPECT_NE(refusal(generate_request(parsed(R"({"prompt":[{"text":"a"}],"temperature":-1})"))).find("$.temperature"), std::string::npos);
  EXPECT_NE(refusal(generate_request(parsed(R"({"prompt":[{"text":"a"}],"top_p":1.5})"))).find("$.top_p"), std::string::npos);
  EXPECT_NE(refusal(generate_request(parsed(R"({"prompt":[{"text":"a"}],"seed":"18446744073709551616"})"))).find("$.seed"),
            std::string::npos);
  EXPECT_NE(refusal(generate_request(parsed(R"({"prompt":[{"text":"a"}],"seed":"-1"})"))).find("$.seed"), std::string::npos);
  EXPECT_NE(refusal(generate_request(parsed(R"({"prompt":[{"text":"a"}],"grammar":"x","json_schema":"{}"})"))).find("$.json_schema"),
            std::string::npos);
  EXPECT_NE(refusal(generate_request(parsed(R"({"prompt":[{"text":"a"}],"tools":[]})"))).find("$.tools"), std::string::npos);
  EXPECT_NE(refusal(load_request(parsed(R"({"sequences":0})"))).find("$.sequences"), std::string::npos);
  EXPECT_NE(refusal(score_request(parsed(R"({"prompt":[{"text":"a"}],"options":[]})"))).find("$.options"), std::string::npos);
  EXPECT_NE(refusal(done(parsed(R"({"reason":"爆発"})"))).find("$.reason"), std::string::npos);
  EXPECT_NE(refusal(token(parsed(R"({"text":"a","log_probability":0.5})"))).find("$.log_probability"), std::string::npos);
  EXPECT_NE(refusal(scored(parsed(R"({"log_probabilities":[1]})"))).find("$.log_probabilities"), std::string::npos);
  EXPECT_NE(refusal(progress(parsed(R"({"done_tokens":-1,"total_tokens":5})"))).find("$.done_tokens"), std::string::npos);
}

}  // namespace
}  // namespace sekisho::process::model
