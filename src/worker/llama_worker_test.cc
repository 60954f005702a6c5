#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "process/model_protocol.h"
#include "process/sandbox.h"
#include "process/spawn.h"

namespace sekisho::worker {
namespace {

namespace model = process::model;
using model::MessageType;

constexpr std::int64_t kPatience_ms = 120'000;

/// The real program on the real model.
class ModelProgram : public testing::Test {
 protected:
  void SetUp() override {
    const char* path = std::getenv("SEKISHO_TEST_MODEL");
    if (path == nullptr) GTEST_SKIP() << "SEKISHO_TEST_MODEL names no GGUF file: the program with a real model did not run";
    start(path);
  }
  void start(const char* path) {
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    ASSERT_GE(fd, 0);
    auto child = process::spawn({.program = SEKISHO_MODEL_PROGRAM, .input_fd = fd});
    ::close(fd);
    ASSERT_TRUE(child) << child.error().detail;
    child_ = std::move(*child);
  }
  void send(MessageType type, std::uint64_t id, const Json& json) {
    ASSERT_TRUE(child_->channel().send({.type = static_cast<std::uint16_t>(type), .id = id, .payload = json.dump()}));
  }
  /// The next frame of that kind; others in between are passed over.
  std::optional<Json> await(MessageType type) {
    for (;;) {
      auto frame = child_->channel().receive(kPatience_ms);
      if (!frame || !*frame) return std::nullopt;
      if ((*frame)->type == static_cast<std::uint16_t>(type)) return *Json::parse((*frame)->payload);
    }
  }

  std::unique_ptr<process::Child> child_;
};

TEST_F(ModelProgram, SealsItselfBeforeTheModelAndThenAnswers) {
  auto sealed = await(MessageType::kSealed);
  ASSERT_TRUE(sealed);
  auto report = process::SealReport::from_json(*sealed);
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_TRUE(report->sealed()) << sealed->dump();

  send(MessageType::kLoad, 0, model::to_json(model::LoadRequest{.context_tokens = 512, .sequences = 2}));
  auto ready = await(MessageType::kReady);
  ASSERT_TRUE(ready);
  auto info = model::model_info(*ready);
  ASSERT_TRUE(info);
  EXPECT_FALSE(info->architecture.empty());
  EXPECT_FALSE(info->cpu_variant.empty());
  EXPECT_EQ(info->context_tokens, 512);

  const model::GenerateRequest request{.prompt = {{.text = "日本の首都は"}}, .max_tokens = 5, .credit = 100};
  send(MessageType::kGenerate, 7, model::to_json(request));
  auto done = await(MessageType::kDone);
  ASSERT_TRUE(done);
  EXPECT_EQ(model::done(*done)->output_tokens, 5);
}

TEST_F(ModelProgram, EndsInGoodOrderWhenTheServerCloses) {
  ASSERT_TRUE(await(MessageType::kSealed));
  child_->channel().shut_down();
  EXPECT_EQ(child_->wait(kPatience_ms), "exit 0");
}

TEST_F(ModelProgram, SaysWhyAFileIsNoModel) {
  start("/dev/null");
  ASSERT_TRUE(await(MessageType::kSealed));
  send(MessageType::kLoad, 0, model::to_json(model::LoadRequest{}));
  auto failed = await(MessageType::kFailed);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->text_or("code"), "corrupt");
  EXPECT_EQ(child_->wait(kPatience_ms), "exit 1");
}

}  // namespace
}  // namespace sekisho::worker
