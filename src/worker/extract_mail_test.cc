#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "base/limits.h"
#include "text/encoding.h"
#include "worker/extract_mime.h"
#include "worker/testing/documents.h"

namespace sekisho::worker {
namespace {

using testing::docx_of;
using testing::paragraph;
using testing::read_by_worker;
using testing::read_here;
using testing::Told;
using testing::zip_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string cp932(std::string_view utf8) { return text::encode_cp932(utf8).bytes; }

std::string base64(std::string_view bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned value = 0;
    for (std::size_t k = 0; k < 3; ++k) value = value << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += i + k <= bytes.size() ? kLetters[value >> (18 - 6 * k) & 63] : '=';
    if (out.size() % 76 == 0) out += "\r\n";
  }
  return out;
}

/// 「会議」 in ISO-2022-JP.
constexpr std::string_view kMeeting = "\x1B$B2q5D\x1B(B";

std::string multipart(std::string_view type, const std::vector<std::string>& parts, std::string_view head = "From: a@example.jp\r\nSubject: test\r\nMIME-Version: 1.0\r\n") {
  static int made = 0;
  const std::string boundary = fmt::format("=_{}_b", ++made);
  std::string mail = fmt::format("{}Content-Type: multipart/{}; boundary=\"{}\"\r\n\r\n", head, type, boundary);
  for (const std::string& part : parts) mail += "--" + boundary + "\r\n" + part + "\r\n";
  return mail + "--" + boundary + "--\r\n";
}
std::string attachment(std::string_view disposition, std::string_view bytes, std::string_view type = "application/octet-stream") {
  return fmt::format("Content-Type: {}\r\nContent-Disposition: {}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}", type, disposition, base64(bytes));
}
std::string body(std::string_view text) { return "Content-Type: text/plain; charset=utf-8\r\n\r\n" + std::string(text); }

TEST(ExtractMime, DecodesNamesInEveryWayOfWriting) {
  struct Case {
    std::string field;
    const char* name;
  };
  const Case cases[] = {{"attachment; filename=plain.pdf", "plain.pdf"},
                        {"attachment; filename=\"with space; and.pdf\"", "with space; and.pdf"},
                        {"attachment; filename=\"=?ISO-2022-JP?B?" + base64(kMeeting) + "?=.pdf\"", "会議.pdf"},
                        {"attachment; filename*=UTF-8''%E4%BC%9A%E8%AD%B0%20100%25.pdf", "会議 100%.pdf"},
                        {"attachment; filename*=Shift_JIS'ja'%89%EF%8Bc.pdf", "会議.pdf"},
                        {"attachment;\r\n filename*0*=UTF-8''%E4%BC%9A;\r\n filename*1*=%E8%AD%B0;\r\n filename*2=\"100%25.pdf\"", "会議100%25.pdf"},
                        {"attachment; filename=\"" + cp932("会議の資料です") + ".pdf\"", "会議の資料です.pdf"},
                        {"attachment", ""}};
  for (const Case& c : cases) {
    const std::string bytes = "Content-Disposition: " + c.field + "\r\n\r\n";
    std::string_view rest = bytes;
    EXPECT_EQ(MimeHeader::take(rest).parameter("content-disposition", "filename"), c.name) << c.field;
  }
}

TEST(ExtractMime, JoinsEncodedWordsAndCutCharacters) {
  EXPECT_EQ(decoded_words("=?UTF-8?Q?Re:_=E4=BC=9A?= =?UTF-8?Q?=E8=AD=B0?= (3)"), "Re: 会議 (3)");
  const std::string whole = "会議の件";
  EXPECT_EQ(decoded_words("=?UTF-8?B?" + base64(whole.substr(0, 4)) + "?=\r\n =?UTF-8?B?" + base64(whole.substr(4)) + "?="), "会議の件");
  EXPECT_EQ(decoded_words(kMeeting), "会議");
  for (const std::string broken : {"=?", "=?UTF-8?", "=?UTF-8?B?", "=?UTF-8?X?abc?=", "=?UTF-8?B?%%%?=", "=?x?Q?=?="}) static_cast<void>(decoded_words(broken));
}

/// A set of mails with every part that must come out.
TEST(ExtractMail, ReadsEveryPartOfItsSet) {
  struct Case {
    std::string name;
    std::string mail;
    std::vector<std::string> pages;
    std::vector<std::string> labels;
  };
  const std::string jis = fmt::format("Received: by mx\r\nFrom: =?ISO-2022-JP?B?{}?= <kaigi@example.jp>\r\nTo: b@example.jp\r\nSubject: =?iso-2022-jp?B?{}?=\r\nDate: Mon, 15 Jul 2024 10:05:00 +0900\r\n"
                                      "Content-Type: text/plain; charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit\r\n\r\n{}\r\n", base64(kMeeting), base64(kMeeting), kMeeting);
  const std::string docx = docx_of(paragraph("添付した文書"));
  const std::string inner = "From: c@example.jp\r\nSubject: =?UTF-8?B?" + base64("元の便り") + "?=\r\nMIME-Version: 1.0\r\n\r\n元の本文\r\n";
  const std::vector<Case> cases{
      {"本文だけ", jis, {"会議\n差出人: 会議 <kaigi@example.jp>\n宛先: b@example.jp\n日時: 2024年7月15日 10:05\n会議"}, {""}},
      {"文とHTMLの二通り", multipart("alternative", {body("平文です"), "Content-Type: text/html; charset=utf-8\r\n\r\n<p>HTMLです</p>"}), {"test\n差出人: a@example.jp\n平文です"}, {""}},
      {"HTMLだけ", multipart("alternative", {body(" "), "Content-Type: text/html; charset=utf-8\r\n\r\n<p>HTMLです</p><img src=\"http://example.com/track.gif\">"}), {"test\n差出人: a@example.jp\nHTMLです"}, {""}},
      {"添付", multipart("mixed", {body("送ります"), attachment("attachment; filename*=UTF-8''%E6%96%87%E6%9B%B8.docx", docx), attachment("attachment; filename=\"b.csv\"", cp932("課,内線\r\n総務課,0210\r\n税務課,0220\r\n"))}),
       {"test\n差出人: a@example.jp\n添付: 文書.docx、b.csv\n送ります", "添付した文書", "課: 総務課 / 内線: 0210\n課: 税務課 / 内線: 0220"}, {"", "添付「文書.docx」", "添付「b.csv」"}},
      {"入れ子", multipart("mixed", {multipart("alternative", {body("外の本文")}, ""), "Content-Type: message/rfc822\r\n\r\n" + inner}),
       {"test\n差出人: a@example.jp\n添付: 転送.eml\n外の本文", "元の便り\n差出人: c@example.jp\n元の本文"}, {"", "添付「転送.eml」"}},
      {"quoted-printable", "From: a@example.jp\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=E4=BC=9A=\r\n=E8=AD=B0=3D1\r\n", {"差出人: a@example.jp\n会議=1"}, {""}},
      {"飾りの絵", multipart("related", {body("本文"), "Content-Type: image/png\r\nContent-ID: <logo>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64("\x89PNG\r\n\x1A\n")}), {"test\n差出人: a@example.jp\n本文"}, {""}},
  };
  for (const Case& c : cases) {
    const Told told = read_here(c.mail, "便り.eml");
    ASSERT_TRUE(told.end.has_value()) << c.name << ": " << told.failure->detail;
    EXPECT_EQ(told.end->kind, "mail") << c.name;
    std::vector<std::string> pages;
    std::vector<std::string> labels;
    std::int64_t last = 0;
    for (const process::extract::Page& page : told.pages) {  // One page may come in several messages.
      if (!pages.empty() && page.number == last && labels.back() == page.label) {
        pages.back() += "\n" + page.text;
      } else {
        pages.push_back(page.text);
        labels.push_back(page.label);
      }
      last = page.number;
    }
    EXPECT_EQ(pages, c.pages) << c.name;
    EXPECT_EQ(labels, c.labels) << c.name;
  }
}

TEST(ExtractMail, IsKnownByItsHeaderAndATextThatSpeaksOfMailIsNone) {
  EXPECT_EQ(read_by_worker("Return-Path: <a@example.jp>\r\nFrom: a@example.jp\r\nTo: b@example.jp\r\nSubject: x\r\n\r\n本文です", "名前のないもの").end->kind, "mail");
  EXPECT_EQ(read_here("From: 総務課\nTo: 各課\n\n通知します", "覚え.txt").end->kind, "text");
}

TEST(ExtractMail, EndsCyclesBombsAndWhatCannotBeRead) {
  std::string deep = "From: a@example.jp\r\nMIME-Version: 1.0\r\n\r\n底";
  for (int i = 0; i < 30; ++i) deep = multipart("mixed", {body(fmt::format("層{}", i)), "Content-Type: message/rfc822\r\n\r\n" + deep}, fmt::format("From: a@example.jp\r\nSubject: {}\r\nMIME-Version: 1.0\r\n", i));
  const Told told = read_here(deep, "深.eml");
  ASSERT_TRUE(told.end.has_value());
  EXPECT_TRUE(told.noted("inner_unread"));
  EXPECT_THAT(told.text(), HasSubstr("層29"));
  EXPECT_THAT(told.text(), ::testing::Not(HasSubstr("底")));

  const Told mixed = read_here(multipart("mixed", {body("本文"), attachment("attachment; filename=\"a.jtd\"", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + std::string(600, '\0')), attachment("attachment; filename=\"b.txt\"", "残りは読める")}), "混.eml");
  EXPECT_THAT(mixed.text(), HasSubstr("残りは読める"));
  ASSERT_TRUE(mixed.noted("inner_unread"));
  EXPECT_THAT(mixed.notes[0].detail, HasSubstr("a.jtd (unsupported: ichitaro"));

  std::vector<std::string> many(1'500, attachment("attachment; filename=\"a.txt\"", "小さい"));
  EXPECT_TRUE(read_here(multipart("mixed", many), "多.eml").end.has_value());
}

// --- zip

/// zip_of with a member's name replaced, byte by byte, as old tools wrote it.
std::string renamed(std::string archive, std::string_view from, std::string_view to) {
  EXPECT_EQ(from.size(), to.size());
  for (std::size_t at = archive.find(from); at != std::string::npos; at = archive.find(from, at + to.size())) archive.replace(at, from.size(), to);
  return archive;
}

TEST(ExtractArchive, ReadsMembersInOrderWithCp932Names) {
  const std::string name = cp932("総務/報告.docx");
  const std::string bytes = renamed(zip_of({{std::string(name.size(), 'A'), docx_of(paragraph("報告の本文"))}, {"B/", ""}, {"__MACOSX/._x", "junk"}, {"Z.txt", "最後の文"}}), std::string(name.size(), 'A'), name);
  const Told told = read_by_worker(bytes, "書庫.zip");
  ASSERT_EQ(told.pages.size(), 2U) << (told.failure ? told.failure->detail : "");
  EXPECT_EQ(told.pages[0].text, "最後の文");  // By name: Latin letters come first.
  EXPECT_EQ(told.pages[0].label, "「Z.txt」");
  EXPECT_EQ(told.pages[1].text, "報告の本文");
  EXPECT_EQ(told.pages[1].label, "「総務/報告.docx」");
  EXPECT_EQ(told.end->kind, "zip");
  EXPECT_EQ(told.end->pages, 2);
}

TEST(ExtractArchive, BoundsArchivesWithinArchives) {
  std::string archive = zip_of({{"底.txt", "底の文"}});
  for (int i = 0; i < 3; ++i) archive = zip_of({{"内.zip", archive}});
  EXPECT_EQ(read_here(archive, "三.zip").text(), "底の文");
  for (int i = 0; i < 3; ++i) archive = zip_of({{"内.zip", archive}});
  const Told deep = read_here(archive, "六.zip");
  EXPECT_EQ(deep.text(), "");
  EXPECT_TRUE(deep.noted("inner_unread"));
  EXPECT_TRUE(deep.noted("empty_page"));
}

TEST(ExtractArchive, RefusesABombAndReadsTheRestBesideABrokenMember) {
  EXPECT_EQ(read_here(zip_of({{"弾.txt", std::string(64 * limits::kMiB, ' ')}}), "弾.zip").failure->code, "bomb");
  const Told told = read_here(zip_of({{"a.pdf", "%PDF-1.4 broken"}, {"b.txt", "無事な文"}}), "混.zip");
  EXPECT_EQ(told.text(), "無事な文");
  EXPECT_TRUE(told.noted("inner_unread"));
}

}  // namespace
}  // namespace sekisho::worker
