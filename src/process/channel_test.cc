#include "process/channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/limits.h"

namespace sekisho::process {
namespace {

class ChannelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto ends = Channel::make_pair();
    ASSERT_TRUE(ends);
    raw_ = ends->first;
    channel_ = std::make_unique<Channel>(ends->second);
  }
  void TearDown() override { close_raw(); }
  void close_raw() {
    if (raw_ >= 0) ::close(raw_);
    raw_ = -1;
  }
  void write_raw(std::string_view bytes) { ASSERT_EQ(::write(raw_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size())); }

  int raw_ = -1;  ///< The other end, without a Channel around it.
  std::unique_ptr<Channel> channel_;
};

TEST(Frame, HeaderIsLittleEndianAndReadsBack) {
  const Frame frame{.type = 0x0102, .id = 0x1112131415161718, .payload = "関所"};
  const std::string bytes = encode_header(frame);
  EXPECT_EQ(bytes, std::string("\x06\x00\x00\x00\x02\x01\x00\x00\x18\x17\x16\x15\x14\x13\x12\x11", kFrameHeaderBytes));
  const auto header = decode_header(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->payload_bytes, 6U);
  EXPECT_EQ(header->type, 0x0102);
  EXPECT_EQ(header->id, 0x1112131415161718U);
}

TEST(Frame, RefusesHeadersThatAreNone) {
  const std::string good = encode_header({.type = 1, .id = 1, .payload = ""});
  std::string too_large = good;
  too_large[3] = '\x7F';
  std::string one_too_large = good;
  one_too_large[0] = '\x01';  // 16 MiB + 1
  one_too_large[3] = '\x01';
  std::string reserved = good;
  reserved[6] = '\x01';
  for (const std::string& bytes : {std::string(), good.substr(1), good + "x", too_large, one_too_large, reserved}) {
    const auto header = decode_header(bytes);
    ASSERT_FALSE(header) << bytes.size();
    EXPECT_EQ(header.error().code, ErrorCode::kCorrupt);
  }
}

TEST_F(ChannelTest, CarriesEmptySmallAndLargestFrames) {
  Channel other(std::exchange(raw_, -1));
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{70'000}, limits::kFrameBytes}) {
    const std::string payload(size, 'a');
    std::thread sender([&] { EXPECT_TRUE(other.send({.type = 9, .id = size, .payload = payload})); });
    const auto frame = channel_->receive(60'000);
    sender.join();
    ASSERT_TRUE(frame) << frame.error().detail;
    ASSERT_TRUE(*frame);
    EXPECT_EQ((*frame)->id, size);
    EXPECT_TRUE((*frame)->payload == payload) << size;
  }
}

TEST_F(ChannelTest, RefusesToSendMoreThanTheLimitAndGoesOn) {
  const auto sent = channel_->send({.payload = std::string(limits::kFrameBytes + 1, 'x')});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(channel_->send({.payload = "次"}));
}

TEST_F(ChannelTest, EndsInGoodOrderBetweenFrames) {
  write_raw(encode_header({.type = 5, .payload = "ab"}) + "ab");
  close_raw();
  const auto frame = channel_->receive();
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->payload, "ab");
  const auto end = channel_->receive();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST_F(ChannelTest, CallsHalfAFrameCorrupt) {
  for (const std::string& half : {std::string("\x02\x00", 2), encode_header({.payload = "ab"}), encode_header({.payload = "ab"}) + "a"}) {
    auto ends = Channel::make_pair();
    ASSERT_TRUE(ends);
    Channel receiver(ends->second);
    ASSERT_EQ(::write(ends->first, half.data(), half.size()), static_cast<ssize_t>(half.size()));
    ::close(ends->first);
    const auto frame = receiver.receive();
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ErrorCode::kCorrupt);
  }
}

TEST_F(ChannelTest, ReadsNothingMoreAfterGarbage) {
  write_raw(std::string(16, '\xFF') + encode_header({.type = 1, .payload = ""}));
  const auto frame = channel_->receive(1'000);
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(channel_->send({.type = 1})) << "a channel that has met garbage is shut";
}

TEST_F(ChannelTest, AssemblesAFrameThatArrivesByteByByte) {
  std::thread sender([&] {
    for (const char byte : encode_header({.type = 3, .payload = "税"}) + "税") write_raw({&byte, 1});
  });
  const auto frame = channel_->receive(10'000);
  sender.join();
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->payload, "税");
}

TEST_F(ChannelTest, SaysTimeoutWhereNothingComesAndStaysUsable) {
  for (const std::int64_t timeout_ms : {0, 20}) {
    const auto frame = channel_->receive(timeout_ms);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ErrorCode::kTimeout);
  }
  write_raw(encode_header({.type = 8, .payload = ""}));
  const auto frame = channel_->receive(10'000);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->type, 8);
}

TEST_F(ChannelTest, KeepsFramesWholeWhenSeveralThreadsSend) {
  Channel other(std::exchange(raw_, -1));
  constexpr int kSenders = 4, kEach = 200;
  std::vector<std::thread> senders;
  for (int s = 0; s < kSenders; ++s) {
    senders.emplace_back([&other, s] {
      for (int i = 0; i < kEach; ++i) {
        const auto size = static_cast<std::size_t>((i * 997) % 5'000);
        EXPECT_TRUE(other.send({.type = static_cast<std::uint16_t>(s), .id = static_cast<std::uint64_t>(i), .payload = std::string(size, static_cast<char>('a' + s))}));
      }
    });
  }
  std::map<std::uint16_t, std::uint64_t> next;
  for (int i = 0; i < kSenders * kEach; ++i) {
    const auto frame = channel_->receive(60'000);
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ((*frame)->id, next[(*frame)->type]++) << "in the order of its sender";
    EXPECT_EQ((*frame)->payload, std::string((*frame)->id * 997 % 5'000, static_cast<char>('a' + (*frame)->type)));
  }
  for (std::thread& sender : senders) sender.join();
}

TEST_F(ChannelTest, TellsASenderThatTheOtherSideIsGone) {
  close_raw();
  const auto sent = channel_->send({.payload = "x"});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kUnavailable);
}

TEST_F(ChannelTest, ShuttingDownFreesABlockedReceiverAndABlockedSender) {
  std::thread receiver([&] {
    const auto frame = channel_->receive();
    EXPECT_TRUE(frame && !*frame);
  });
  std::thread sender([&] {
    Result<void> sent;
    while (sent) sent = channel_->send({.payload = std::string(1'000'000, 'x')});
    EXPECT_EQ(sent.error().code, ErrorCode::kUnavailable);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  channel_->shut_down();
  receiver.join();
  sender.join();
}

}  // namespace
}  // namespace sekisho::process
