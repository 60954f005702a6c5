#include "text/encoding.h"

#include <iconv.h>

#include <array>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sekisho::text {
namespace {

/// The C library's converter: another implementation than ours, so that the two check each other.
std::string written_as(std::string_view utf8, const char* name) {
  iconv_t converter = iconv_open(name, "UTF-8");
  EXPECT_NE(converter, reinterpret_cast<iconv_t>(-1)) << name;
  std::string out(utf8.size() * 4 + 16, '\0');
  std::string input(utf8);
  char* from = input.data();
  std::size_t from_left = input.size();
  char* to = out.data();
  std::size_t to_left = out.size();
  EXPECT_NE(iconv(converter, &from, &from_left, &to, &to_left), static_cast<std::size_t>(-1)) << name << " of " << utf8;
  iconv(converter, nullptr, nullptr, &to, &to_left);
  iconv_close(converter);
  out.resize(out.size() - to_left);
  return out;
}

struct Spelling {
  Encoding encoding;
  const char* iconv_name;
};
constexpr std::array<Spelling, 6> kSpellings{{{Encoding::kUtf8, "UTF-8"},
                                              {Encoding::kCp932, "CP932"},
                                              {Encoding::kEucJp, "EUC-JP-MS"},
                                              {Encoding::kIso2022Jp, "ISO-2022-JP"},
                                              {Encoding::kUtf16Le, "UTF-16LE"},
                                              {Encoding::kUtf16Be, "UTF-16BE"}}};

/// What offices write: rules, notices, minutes, tables, names, mail. No character outside ISO-2022-JP's own set.
constexpr std::array<std::string_view, 24> kSentences{
    "第一条　この条例は、町立体育館の設置及び管理に関し必要な事項を定めるものとする。",
    "使用料は、前納しなければならない。ただし、町長が特別の理由があると認めるときは、この限りでない。",
    "令和六年四月一日から施行する。",
    "○町長（山田太郎君）　ただいまの御質問にお答えいたします。",
    "ごみの収集日は毎週火曜日と金曜日です。朝8時までにお出しください。",
    "お問い合わせ先：総務課庶務係（電話 0123-45-6789、内線 210）",
    "コンピューターシステムのバックアップは、サーバー室のキャビネットに保管する。",
    "住民票の写しの交付を受けようとする者は、申請書に本人確認書類を添えて提出すること。",
    "予算額,決算額,執行率\r\n12,500,000,11,873,400,95.0%\r\n",
    "Re: 会議室の予約について（5/12 14:00から）",
    "１　議案第３号　令和５年度一般会計補正予算（第２号）について",
    "なお、やむを得ない事情により欠席される場合は、前日までにご連絡をお願いします。",
    "図書館の開館時間は、午前九時三十分から午後六時までとする。",
    "アンケートのご協力ありがとうございました。",
    "別表第一（第五条関係）\n区分\t単位\t金額\n大ホール\t1時間\t2,200円\n",
    "職員は、職務上知り得た秘密を漏らしてはならない。その職を退いた後も、同様とする。",
    "ホームページ、メール、ファックス又は窓口で受け付けております。",
    "防災無線が聞き取りにくいという声が多く寄せられている。",
    "あいうえおかきくけこさしすせそたちつてとなにぬねの",
    "マイナンバーカードノウシンセイハ、ヤクバノマドグチヘ。",
    "道路占用許可申請書、河川敷地使用願、下水道使用開始届",
    "「高齢者見守りネットワーク」への参加事業者を募集しています！",
    "※ 雨天の場合は中止とし、代替日は設けない。",
    "保育所等利用調整基準表に基づき、指数の高い順に内定とします。"};

std::string some_text(std::mt19937& random, std::size_t min_bytes, const char* iconv_name) {
  std::string text;
  while (text.empty() || written_as(text, iconv_name).size() < min_bytes) {
    text += kSentences[random() % kSentences.size()];
    if (random() % 4 == 0) text += '\n';
  }
  return text;
}

/// Cuts at a character so that the bytes are few but at least `min_bytes`.
std::string shortened(std::string_view text, std::size_t min_bytes, std::mt19937& random, const char* iconv_name) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) starts.push_back(i);
  }
  const std::size_t from = starts[random() % (starts.size() / 3 + 1)];
  for (const std::size_t end : starts) {
    if (end <= from) continue;
    const std::string_view piece = text.substr(from, end - from);
    if (written_as(piece, iconv_name).size() >= min_bytes) return std::string(piece);
  }
  return std::string(text);
}

bool has_japanese(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

TEST(Encoding, IsRightForThreeThousandGeneratedTextsOfThirtyBytesAndMore) {
  std::mt19937 random(20240401);
  std::size_t cases = 0;
  while (cases < 3000) {
    const Spelling& spelling = kSpellings[cases % kSpellings.size()];
    const std::size_t min_bytes = std::array<std::size_t, 3>{30, 300, 3000}[random() % 3];
    std::string text = some_text(random, min_bytes * 2, spelling.iconv_name);
    if (min_bytes == 30) text = shortened(text, min_bytes, random, spelling.iconv_name);
    if (!has_japanese(text)) continue;
    ++cases;
    const std::string bytes = written_as(text, spelling.iconv_name);
    const Decoded decoded = decode(bytes);
    ASSERT_EQ(name_of(decoded.encoding), name_of(spelling.encoding)) << cases << ": " << text;
    ASSERT_EQ(decoded.text, text) << cases;
    ASSERT_EQ(decoded.undecodable, 0U);
  }
}

TEST(Encoding, ReadsPlainAsciiAndNothingAsUtf8) {
  EXPECT_EQ(detect_encoding(""), Encoding::kUtf8);
  EXPECT_EQ(detect_encoding("Subject: hello, world\r\nA0B0C0 10203040\r\n"), Encoding::kUtf8);
  EXPECT_EQ(decode("").text, "");
}

TEST(Encoding, ReadsAllTwoByteCharactersOfCp932AsTheCLibraryDoes) {
  iconv_t converter = iconv_open("UTF-8", "CP932");
  std::size_t compared = 0;
  for (unsigned lead = 0x81; lead <= 0xFC; ++lead) {
    if (lead >= 0xA0 && lead <= 0xDF) continue;
    for (unsigned trail = 0x40; trail <= 0xFC; ++trail) {
      std::string bytes{static_cast<char>(lead), static_cast<char>(trail)};
      std::array<char, 8> out{};
      char* from = bytes.data();
      char* to = out.data();
      std::size_t from_left = 2;
      std::size_t to_left = out.size();
      iconv(converter, nullptr, nullptr, nullptr, nullptr);
      const bool known = trail != 0x7F && iconv(converter, &from, &from_left, &to, &to_left) != static_cast<std::size_t>(-1);
      const Decoded decoded = decode(bytes, Encoding::kCp932);
      EXPECT_EQ(decoded.undecodable == 0, known) << std::hex << lead << trail;
      if (known) {
        EXPECT_EQ(decoded.text, std::string(out.data(), out.size() - to_left)) << std::hex << lead << trail;
        ++compared;
      }
    }
  }
  iconv_close(converter);
  EXPECT_GT(compared, 9000U);
}

TEST(Encoding, ReadsHalfWidthKanaOfMail) {
  const std::string kana_escape = "\x1B(I6CU\x1B(B and \x1B$BF|K\\\x1B(B";
  EXPECT_EQ(decode(kana_escape).text, "ｶﾃﾕ and 日本");
  EXPECT_EQ(decode(kana_escape).encoding, Encoding::kIso2022Jp);
  EXPECT_EQ(decode("\x1B$B-!\x1B(B", Encoding::kIso2022Jp).text, "①");  // NEC row 13, as CP50220 has it.
  EXPECT_EQ(decode("\x0E" "6C" "\x0F" "A", Encoding::kIso2022Jp).text, "ｶﾃA");
}

TEST(Encoding, ReadsHalfWidthKanaTablesAsCp932) {
  const std::string text = "01101,\"060  \",\"0600000\",\"ﾎﾂｶｲﾄﾞｳ\",\"ｻﾂﾎﾟﾛｼﾁﾕｳｵｳｸ\",\"北海道\",\"札幌市中央区\"\r\n";
  const Decoded decoded = decode(written_as(text, "CP932"));
  EXPECT_EQ(decoded.encoding, Encoding::kCp932);
  EXPECT_EQ(decoded.text, text);
}

TEST(Encoding, DropsByteOrderMarks) {
  for (const Spelling& spelling : kSpellings) {
    if (spelling.encoding != Encoding::kUtf8 && spelling.encoding != Encoding::kUtf16Le && spelling.encoding != Encoding::kUtf16Be) continue;
    const Decoded decoded = decode(written_as("\xEF\xBB\xBFtext", spelling.iconv_name));
    EXPECT_EQ(decoded.text, "text");
    EXPECT_EQ(decoded.encoding, spelling.encoding);
  }
}

TEST(Encoding, SaysWhereBytesAreNoCharacter) {
  const Decoded decoded = decode("\xEF\xBB\xBF" "予算\xFF案\xE3\x81", Encoding::kUtf8);
  EXPECT_EQ(decoded.text, "予算\uFFFD案\uFFFD\uFFFD");
  EXPECT_EQ(decoded.undecodable, 3U);
  EXPECT_THAT(decoded.undecodable_at, testing::ElementsAre(9, 13, 14));
  EXPECT_EQ(decode("\x82", Encoding::kCp932).undecodable, 1U);
  EXPECT_EQ(decode(std::string("\x42\x30\x00\xD8", 4), Encoding::kUtf16Le).text, "あ\uFFFD");
  EXPECT_EQ(decode("\xA4", Encoding::kEucJp).text, "\uFFFD");
}

TEST(Encoding, StaysUtf8WhereAFewBytesAreBroken) {
  std::string text;
  for (const std::string_view sentence : kSentences) text += sentence;
  text[text.size() / 2] = '\xFF';
  const Decoded decoded = decode(text);
  EXPECT_EQ(decoded.encoding, Encoding::kUtf8);
  EXPECT_GE(decoded.undecodable, 1U);
}

TEST(Encoding, StaysUtf8WhereTheLookEndsInsideACharacter) {
  std::string text(256 * 1024 - 1, 'a');
  EXPECT_EQ(detect_encoding(text + "あいう"), Encoding::kUtf8);
  text += 'b';
  EXPECT_EQ(detect_encoding(text + "あいう"), Encoding::kUtf8);
}

TEST(Encoding, ReportsCharactersOfTheOfficeItself) {
  const Decoded decoded = decode("\xF0\x40\x8E\x73\xF0\x40\xF9\xFC", Encoding::kCp932);
  EXPECT_EQ(decoded.text, "\uE000市\uE000\uE757");
  EXPECT_EQ(decoded.private_use, 3U);
  EXPECT_THAT(decoded.private_use_characters, testing::ElementsAre(U'\uE000', U'\uE757'));
}

TEST(Encoding, ReadsTheThreeByteCharactersOfEuc) {
  EXPECT_EQ(decode("\x8F\xB0\xA1", Encoding::kEucJp).text, "丂");
}

TEST(EncodeCp932, WritesWhatItReads) {
  for (const std::string_view sentence : kSentences) {
    const EncodedCp932 encoded = encode_cp932(sentence);
    EXPECT_TRUE(encoded.missing.empty());
    EXPECT_EQ(decode(encoded.bytes, Encoding::kCp932).text, sentence);
  }
  EXPECT_EQ(encode_cp932("①㈱髙﨑ⅰ纊∵≒").bytes, written_as("①㈱髙﨑ⅰ纊∵≒", "CP932"));
}

TEST(EncodeCp932, AcceptsBothFormsOfTheWaveDashClass) {
  const EncodedCp932 encoded = encode_cp932("〜～‖∥−－—―¢￠£￡¬￢");
  EXPECT_TRUE(encoded.missing.empty());
  EXPECT_EQ(decode(encoded.bytes, Encoding::kCp932).text, "～～∥∥－－――￠￠￡￡￢￢");
}

TEST(EncodeCp932, ListsWhatItCannotHoldInsteadOfAQuestionMark) {
  const EncodedCp932 encoded = encode_cp932("𠮷野家の鷗と鷗😀?");
  ASSERT_EQ(encoded.missing.size(), 3U);
  EXPECT_EQ(encoded.missing[0].character, U'𠮷');
  EXPECT_EQ(encoded.missing[0].first_at, 0U);
  EXPECT_EQ(encoded.missing[1].character, U'鷗');
  EXPECT_EQ(encoded.missing[1].count, 2U);
  EXPECT_EQ(encoded.missing[2].character, U'😀');
  EXPECT_EQ(decode(encoded.bytes, Encoding::kCp932).text, "〓野家の〓と〓〓?");
}

TEST(Encoding, KnowsTheNamesThatFilesDeclare) {
  EXPECT_EQ(encoding_named("Shift_JIS"), Encoding::kCp932);
  EXPECT_EQ(encoding_named("x-sjis"), Encoding::kCp932);
  EXPECT_EQ(encoding_named("EUC-JP"), Encoding::kEucJp);
  EXPECT_EQ(encoding_named("ISO-2022-JP"), Encoding::kIso2022Jp);
  EXPECT_EQ(encoding_named("latin-1"), std::nullopt);
  for (const Spelling& spelling : kSpellings) EXPECT_EQ(encoding_named(name_of(spelling.encoding)), spelling.encoding);
}

}  // namespace
}  // namespace sekisho::text
