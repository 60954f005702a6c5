#include "model/gguf_check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fakes/tiny_gguf.h"

namespace sekisho::model {
namespace {

Result<GgufSummary> check_bytes(std::string_view bytes) {
  const int fd = ::memfd_create("gguf", MFD_CLOEXEC);
  EXPECT_GE(fd, 0);
  EXPECT_EQ(::write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  auto result = check_gguf(fd);
  ::close(fd);
  return result;
}

/// "code: detail", or "accepted".
std::string verdict(std::string_view bytes) {
  const auto result = check_bytes(bytes);
  return result ? "accepted" : fmt::format("{}: {}", name_of(result.error().code), result.error().detail);
}
std::string verdict(const TinyModel& model) { return verdict(model.build()); }

#define EXPECT_REFUSED(model, code, part)                \
  {                                                      \
    const std::string got = verdict(model);              \
    EXPECT_TRUE(got.starts_with(code ":")) << got;       \
    EXPECT_NE(got.find(part), std::string::npos) << got; \
  }

TEST(GgufCheck, AcceptsASmallValidFileAndSumsItUp) {
  const auto summary = check_bytes(TinyModel().build());
  ASSERT_TRUE(summary) << summary.error().detail;
  EXPECT_EQ(summary->architecture, "qwen2");
  EXPECT_EQ(summary->name, "小さな模型");
  EXPECT_EQ(summary->tokenizer, "gpt2");
  EXPECT_EQ(summary->vocabulary, 4);
  EXPECT_EQ(summary->width, 8);
  EXPECT_EQ(summary->context_tokens, 128);
  EXPECT_EQ(summary->tensors, 2);
  EXPECT_EQ(summary->parameters, 64);
  EXPECT_FALSE(summary->embedding);
  EXPECT_EQ(summary->markers, (std::vector<std::string>{"<|im_end|>", "<|im_start|>"}));
}

TEST(GgufCheck, RefusesTheFileCutAtEveryByte) {
  const std::string whole = TinyModel().build();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto result = check_bytes(std::string_view(whole).substr(0, length));
    ASSERT_FALSE(result) << "accepted the first " << length << " of " << whole.size() << " bytes";
    EXPECT_FALSE(result.error().detail.empty());
  }
}

TEST(GgufCheck, SurvivesEveryFlippedBitOfTheHead) {
  const std::string whole = TinyModel().build();
  const std::size_t head = whole.size() - 256;
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < head * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
    const auto result = check_bytes(flipped);
    if (result) {
      EXPECT_EQ(result->tensors, 2);
    } else {
      ++refused;
    }
  }
  // Flips inside names and texts change nothing that matters; lengths, counts, types and offsets are most of the head.
  EXPECT_GT(refused, head * 8 / 2);
}

TEST(GgufCheck, RefusesAnEmptyFileAndAForeignFile) {
  EXPECT_EQ(verdict(std::string_view()), "invalid: GGUF: the file is empty");
  EXPECT_REFUSED(std::string_view("%PDF-1.7 これは模型ではありません"), "invalid", "does not begin with \"GGUF\"");
  const auto device = check_gguf_file("/dev/zero");
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, ErrorCode::kInvalid);
  EXPECT_FALSE(check_gguf_file("/nonexistent/模型.gguf"));
}

TEST(GgufCheck, RefusesWhatWeDoNotRunWithItsOwnCode) {
  TinyModel model;
  model.architecture = "mamba";
  EXPECT_REFUSED(model, "unsupported", "general.architecture");
  model = {};
  model.version = 1;
  EXPECT_REFUSED(model, "unsupported", "version 1");
  model.version = 0x03000000;
  EXPECT_REFUSED(model, "unsupported", "big-endian");
  model = {};
  model.further = {[](GgufBytes& b) { b.text("split.count").put(2U).put(std::uint16_t{3}); }};
  EXPECT_REFUSED(model, "unsupported", "split.count");
  model.further = {[](GgufBytes& b) { b.text("general.type").put(8U).text("adapter"); }};
  EXPECT_REFUSED(model, "unsupported", "general.type");
  model.further = {[](GgufBytes& b) { b.text("x.nested").put(9U).put(9U).put(std::uint64_t{1}); }};
  EXPECT_REFUSED(model, "unsupported", "array of arrays");
}

TEST(GgufCheck, RefusesCountsAndLengthsThatWouldExhaustMemory) {
  TinyModel model;
  model.tensors_announced = std::numeric_limits<std::uint64_t>::max();
  EXPECT_REFUSED(model, "invalid", "tensors");
  model = {};
  model.entries_announced = 1ULL << 40;
  EXPECT_REFUSED(model, "invalid", "metadata entries");
  model = {};
  model.tokens_announced = 1ULL << 62;
  EXPECT_REFUSED(model, "too_large", "tokenizer.ggml.tokens");
  model = {};
  model.further = {[](GgufBytes& b) { b.text("general.note").put(8U).put(std::numeric_limits<std::uint64_t>::max()); }};
  EXPECT_REFUSED(model, "too_large", "general.note");
  model.further = {[](GgufBytes& b) { b.text("general.note").put(8U).put(std::uint64_t{1'000'000}); }};
  EXPECT_REFUSED(model, "invalid", "ends after the file");
  model.further = {[](GgufBytes& b) { b.put(std::uint64_t{1} << 33); }};
  EXPECT_REFUSED(model, "too_large", "metadata entry 11");
}

TEST(GgufCheck, RefusesKeysAndTensorNamesThatOccurTwice) {
  TinyModel model;
  model.further = {[](GgufBytes& b) { b.text("general.name").put(8U).text("もう一つ"); }};
  EXPECT_REFUSED(model, "invalid", "metadata \"general.name\": this key is there twice");
  model = {};
  model.tensors[1].name = "token_embd.weight";
  EXPECT_REFUSED(model, "invalid", "is there twice");
}

TEST(GgufCheck, RefusesValuesOfTheWrongTypeOrOutOfRange) {
  TinyModel model;
  model.further = {[](GgufBytes& b) { b.text("general.flag").put(7U).put(std::uint8_t{2}); }};
  EXPECT_REFUSED(model, "invalid", "neither 0 nor 1");
  model.further = {[](GgufBytes& b) { b.text("general.odd").put(13U); }};
  EXPECT_REFUSED(model, "invalid", "unknown value type 13");
  model.further = {[](GgufBytes& b) { b.text("general.odd").put(9U).put(77U).put(std::uint64_t{0}); }};
  EXPECT_REFUSED(model, "invalid", "unknown element type 77");
  model.further = {[](GgufBytes& b) { b.text("qwen2.rope.freq_base").put(6U).put(std::numeric_limits<float>::quiet_NaN()); }};
  EXPECT_REFUSED(model, "invalid", "qwen2.rope.freq_base");
  model.further = {[](GgufBytes& b) { b.text("qwen2.attention.head_count_kv").put(4U).put(0U); }};
  EXPECT_REFUSED(model, "invalid", "head_count_kv");
  model.further = {[](GgufBytes& b) { b.text("general.alignment").put(4U).put(48U); }};
  EXPECT_REFUSED(model, "invalid", "power of two");
  model.further = {[](GgufBytes& b) { b.text("general.alignment").put(4U).put(0U); }};
  EXPECT_REFUSED(model, "invalid", "general.alignment");
  model.further = {[](GgufBytes& b) { b.text("qwen2.\nblock").put(4U).put(0U); }};
  EXPECT_REFUSED(model, "invalid", "not plain ASCII");
}

TEST(GgufCheck, RefusesATokenizerThatContradictsItself) {
  TinyModel model;
  model.eos = 4;
  EXPECT_REFUSED(model, "invalid", "tokenizer.ggml.eos_token_id");
  model = {};
  model.tokens[3] = "予";
  EXPECT_REFUSED(model, "invalid", "the same token twice");
  model = {};
  model.token_types = {3, 3, 1};
  EXPECT_REFUSED(model, "invalid", "one number for each token");
  model.token_types = {3, 3, 1, 7};
  EXPECT_REFUSED(model, "invalid", "outside 0..6");
  model = {};
  for (const char* merge : {"予算", "予 ", " 算", ""}) {
    model.merges = {merge};
    EXPECT_REFUSED(model, "invalid", "tokenizer.ggml.merges");
  }
  model = {};
  model.tokens.pop_back();
  model.token_types.pop_back();
  EXPECT_REFUSED(model, "invalid", "must be 8 × 3");
}

TEST(GgufCheck, RefusesTensorsThatAreNotWhereOrWhatTheyClaim) {
  TinyModel model;
  model.tensors[1].offset = 96;
  EXPECT_REFUSED(model, "invalid", "overlap");
  model = {};
  model.tensors[1].offset = 130;
  EXPECT_REFUSED(model, "invalid", "not aligned");
  model = {};
  model.tensors[1].offset = std::numeric_limits<std::uint64_t>::max() - 31;
  EXPECT_REFUSED(model, "invalid", "not in the file");
  model = {};
  model.tensors.push_back({"blk.0.ffn_up.weight", {1ULL << 40, 1ULL << 40}, 0, 256});
  EXPECT_REFUSED(model, "invalid", "impossible");
  model.tensors[2] = {"blk.0.ffn_up.weight", {0, 4}, 0, 256};
  EXPECT_REFUSED(model, "invalid", "impossible");
  model.tensors[2] = {"blk.0.ffn_up.weight", {33}, 2, 256};
  EXPECT_REFUSED(model, "invalid", "do not fill blocks of 32");
  model.tensors[2] = {"blk.0.ffn_up.weight", {32}, 4, 256};
  EXPECT_REFUSED(model, "invalid", "unknown type 4");
  model.tensors[2] = {"blk.0.ffn_up.weight", {1, 1, 1, 1, 1}, 0, 256};
  EXPECT_REFUSED(model, "invalid", "5 dimensions");
  model.tensors[2] = {std::string(64, 'x'), {1}, 0, 256};
  EXPECT_REFUSED(model, "too_large", "64 bytes");
  model = {};
  model.tensors[0].name = "token_embd.weights";
  EXPECT_REFUSED(model, "invalid", "token_embd.weight\" is missing");
  model = {};
  model.data_bytes = 256 + 32;
  EXPECT_REFUSED(model, "invalid", "after the last tensor");
}

TEST(GgufCheck, AcceptsTheRealSmallModel) {
  const char* path = std::getenv("SEKISHO_TEST_MODEL");
  if (path == nullptr || !std::filesystem::exists(path)) GTEST_SKIP() << "SEKISHO_TEST_MODEL names no file";
  const auto summary = check_gguf_file(path);
  ASSERT_TRUE(summary) << summary.error().detail;
  EXPECT_GT(summary->vocabulary, 1'000);
  EXPECT_GT(summary->parameters, 1'000'000);
}

}  // namespace
}  // namespace sekisho::model
