#include "crypto/hash.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "base/file_descriptor.h"

namespace sekisho::crypto {
namespace {

// FIPS 180-4, examples of NIST.
constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(sha256("").hex(), kEmpty);
  EXPECT_EQ(sha256("abc").hex(), kAbc);
}

TEST(Sha256, IsTheSameInPieces) {
  const std::string text = "令和7年度 町民文化祭の開催について（通知）";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Sha256 hash;
    hash.update(std::string_view(text).substr(0, cut));
    hash.update(std::string_view(text).substr(cut));
    EXPECT_EQ(hash.finish(), sha256(text));
  }
}

TEST(Sha256, ReadsAWholeFileWhateverItsPosition) {
  const FileDescriptor file(::memfd_create("hash", MFD_CLOEXEC));
  const std::string text(3 * 1024 * 1024 + 17, 'x');
  ASSERT_EQ(::write(file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  const Result<Digest> digest = sha256_of_file(file.get());
  ASSERT_TRUE(digest);
  EXPECT_EQ(*digest, sha256(text));
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), static_cast<off_t>(text.size()));
}

TEST(Sha256, SaysWhenTheFileCannotBeRead) {
  const Result<Digest> digest = sha256_of_file(-1);
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, ErrorCode::kUnavailable);
}

TEST(Digest, ReadsBackItsOwnHexAndNothingElse) {
  const Result<Digest> digest = Digest::from_hex(kAbc);
  ASSERT_TRUE(digest);
  EXPECT_EQ(*digest, sha256("abc"));
  std::string upper = kAbc;
  upper[0] = 'B';
  for (const std::string& wrong : {std::string(), std::string(63, '0'), std::string(65, '0'), std::string(64, 'g'), upper}) {
    EXPECT_FALSE(Digest::from_hex(wrong)) << wrong;
  }
}

TEST(Hex, ReadsBackEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  EXPECT_EQ(bytes_from_hex(to_hex(bytes)).value(), bytes);
  EXPECT_FALSE(bytes_from_hex("abc"));
}

TEST(Digest, IsWrittenInBase32AndReadBack) {
  const Digest digest = sha256("関所");
  const std::string text = digest.base32();
  EXPECT_EQ(text.size(), 52U);
  EXPECT_EQ(Digest::from_base32(text).value(), digest);
  EXPECT_EQ(Digest().base32(), std::string(52, 'A'));
  // RFC 4648, 10: "foobar" is MZXW6YTBOI.
  Digest known;
  std::copy_n("foobar", 6, known.bytes.begin());
  EXPECT_EQ(known.base32().substr(0, 9), "MZXW6YTBO");
}

TEST(Digest, RefusesWhatIsNotItsBase32) {
  const std::string text = sha256("x").base32();
  EXPECT_FALSE(Digest::from_base32(text.substr(1)));
  EXPECT_FALSE(Digest::from_base32(text + "A"));
  EXPECT_FALSE(Digest::from_base32(std::string("1").append(text.substr(1)))) << "no digit 1 in base 32";
  EXPECT_FALSE(Digest::from_base32(text.substr(0, 51) + "B")) << "bits behind the last byte";
  EXPECT_FALSE(Digest::from_base32(""));
}

}  // namespace
}  // namespace sekisho::crypto
