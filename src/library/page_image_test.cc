#include "library/page_image.h"

#include <sys/mman.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "library/extract.h"

namespace sekisho::library {
namespace {

std::string chunk_of(std::string_view type, std::string_view content) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(content.size() >> shift & 0xFF);
  return out.append(type).append(content).append("crc!");
}
std::string head(std::uint32_t width, std::uint32_t height, std::string_view rest) {
  std::string out;
  for (const std::uint32_t value : {width, height}) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
  }
  return out.append(rest);
}

TEST(PageImage, TakesNothingButAPlainPicture) {
  const std::string_view plain("\x08\x02\x00\x00\x00", 5);
  const std::string begin("\x89PNG\r\n\x1A\n", 8);
  const std::string good = begin + chunk_of("IHDR", head(10, 10, plain)) + chunk_of("IDAT", "packed") + chunk_of("IEND", "");
  EXPECT_TRUE(is_plain_png(good));
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(is_plain_png(good.substr(0, size))) << size;
  EXPECT_FALSE(is_plain_png(good + "more"));
  EXPECT_FALSE(is_plain_png(begin + chunk_of("IHDR", head(10, 10, plain)) + chunk_of("iCCP", "profile") + chunk_of("IDAT", "packed") + chunk_of("IEND", "")));
  EXPECT_FALSE(is_plain_png(begin + chunk_of("IHDR", head(60'000, 10, plain)) + chunk_of("IDAT", "packed") + chunk_of("IEND", "")));
  EXPECT_FALSE(is_plain_png(begin + chunk_of("IHDR", head(10, 10, std::string_view("\x10\x06\x00\x00\x01", 5))) + chunk_of("IDAT", "packed") + chunk_of("IEND", "")));
  EXPECT_FALSE(is_plain_png(begin + chunk_of("IHDR", head(10, 10, plain)) + chunk_of("IEND", "")));
  EXPECT_FALSE(is_plain_png("<svg onload=\"alert(1)\"/>"));
}

TEST(PageImage, AWorkerThatLiesOrFallsSilentYieldsNoPicture) {
  const SystemClock clock;
  const int fd = ::memfd_create("document", MFD_CLOEXEC);
  ASSERT_EQ(::write(fd, "x", 1), 1);
  for (const std::string lie : {"order", "type", "frame", "extra"}) {
    const auto image = draw(fd, {.program = SEKISHO_ROGUE_EXTRACT_PROGRAM, .file_name = "a." + lie, .encoding = "", .password = "", .timeout_ms = 5'000, .cancelled = {}}, 1, "", clock);
    ASSERT_FALSE(image.has_value()) << lie;
    EXPECT_TRUE(image.error().reason == "worker_broke_rules" || image.error().reason == "worker_ended") << image.error().reason;
  }
  const auto silent = draw(fd, {.program = SEKISHO_ROGUE_EXTRACT_PROGRAM, .file_name = "a.silent", .encoding = "", .password = "", .timeout_ms = 500, .cancelled = {}}, 1, "", clock);
  ::close(fd);
  ASSERT_FALSE(silent.has_value());
  EXPECT_EQ(silent.error().reason, "timeout");
}

}  // namespace
}  // namespace sekisho::library
