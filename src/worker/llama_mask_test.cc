#include "worker/llama_mask.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sekisho::worker {
namespace {

/// A small vocabulary of the kinds that byte-level models have. 颪 (E9 A2 AA) is Japanese, 预 (E9 A2 84) is not.
enum Token : TokenId { kYosan, kChinese, kHalf, kEndOfOroshi, kEndOfChinese, kAscii, kEnd, kTurn, kEmoji };

Vocabulary vocabulary() {
  return {{"予算", "预算", "\xE9\xA2", "\xAA", "\x84", "ok", "", "", "😀"},
          {false, false, false, false, false, false, true, false, false},
          {false, false, false, false, false, false, true, true, false}};
}

/// The tokens that stay possible.
std::vector<TokenId> admitted(const JapaneseMask& mask, std::size_t size) {
  std::vector<float> logits(size, 1.0F);
  mask.apply(logits);
  std::vector<TokenId> tokens;
  for (std::size_t i = 0; i < size; ++i) {
    if (!std::isinf(logits[i])) tokens.push_back(static_cast<TokenId>(i));
  }
  return tokens;
}

TEST(Vocabulary, NeverChoosesAControlTokenThatIsNoEnd) { EXPECT_EQ(vocabulary().never(), std::vector<TokenId>{kTurn}); }

TEST(JapaneseMask, ForbidsSimplifiedCharactersAndPictures) {
  const Vocabulary words = vocabulary();
  const JapaneseMask mask(words, "予算は?");
  EXPECT_EQ(admitted(mask, words.size()), (std::vector<TokenId>{kYosan, kHalf, kAscii, kEnd, kTurn}));
}

TEST(JapaneseMask, InsideACharacterAdmitsOnlyBytesThatCompleteAJapaneseOne) {
  const Vocabulary words = vocabulary();
  JapaneseMask mask(words, "予算は?");
  mask.accept(kHalf);
  EXPECT_EQ(admitted(mask, words.size()), std::vector<TokenId>{kEndOfOroshi});
  mask.accept(kEndOfOroshi);
  EXPECT_EQ(admitted(mask, words.size()).size(), 5U);
}

TEST(JapaneseMask, AdmitsWhatThePromptItselfHolds) {
  const Vocabulary words = vocabulary();
  JapaneseMask mask(words, "「预」という字の読みは?");
  EXPECT_EQ(admitted(mask, words.size()), (std::vector<TokenId>{kYosan, kChinese, kHalf, kAscii, kEnd, kTurn}));
  mask.accept(kHalf);
  EXPECT_EQ(admitted(mask, words.size()), (std::vector<TokenId>{kEndOfOroshi, kEndOfChinese}));
}

}  // namespace
}  // namespace sekisho::worker
