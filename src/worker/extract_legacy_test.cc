#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "worker/extract_biff.h"
#include "worker/extract_compound.h"
#include "worker/extract_mail_lines.h"
#include "worker/testing/documents.h"

namespace sekisho::worker {
namespace {

using testing::compound_of;
using testing::office_file;
using testing::read_by_worker;
using testing::read_here;
using testing::Told;
using ::testing::HasSubstr;

std::string little(std::uint64_t value, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += i < 8 ? static_cast<char>(value >> (8 * i) & 0xFF) : '\0';
  return out;
}
std::string wide(std::u16string_view text) {
  std::string out;
  for (const char16_t c : text) out += little(c, 2);
  return out;
}

// --- xls

TEST(ExtractXls, ReadsAWorkbookAsItIsShown) {
  const Told told = read_by_worker(office_file("office.xls"), "予算.xls");
  ASSERT_EQ(told.pages.size(), 1U);
  EXPECT_EQ(told.pages[0].label, "シート「歳出」");
  EXPECT_THAT(told.text(), HasSubstr("款: 総務費 / 予算額: 500円 / 執行日: 平成31年4月30日 / 備考: 備考0\n款: 総務費 / 予算額: 1,500円 / 執行日: 令和元年5月1日 / 備考: 備考1\n款: 民生費"));
  EXPECT_THAT(told.text(), HasSubstr("合計"));
  EXPECT_THAT(told.text(), ::testing::Not(HasSubstr("隠した行")));
  EXPECT_EQ(told.end->kind, "xls");
  EXPECT_TRUE(told.noted("hidden_sheets"));
  EXPECT_TRUE(told.noted("hidden_rows", 1));
}

std::string record(std::uint16_t type, std::string_view bytes) { return little(type, 2) + little(bytes.size(), 2) + std::string(bytes); }

TEST(ExtractXls, FollowsTextsOverTheBordersOfRecords) {
  // 「青葉町」 cut after 青: the rest begins with flags of its own, here as Latin letters for a second text.
  const std::string table = little(2, 4) + little(2, 4) + little(3, 2) + "\x01" + wide(u"青");
  const std::string rest = "\x01" + wide(u"葉町") + little(4, 2) + std::string(1, '\0') + "ab";
  const std::string stream = record(0xFC, table) + record(0x3C, rest) + record(0x3C, std::string(1, '\0') + "cd") + record(0x0A, "");
  BiffRecords records(stream, 0);
  BiffRecord found;
  ASSERT_TRUE(records.next(found));
  EXPECT_EQ(found.pieces.size(), 3U);
  BiffStrings strings(found, 8);
  EXPECT_EQ(strings.shared(), "青葉町");
  EXPECT_EQ(strings.shared(), "abcd");
  EXPECT_TRUE(strings.at_end());
  EXPECT_EQ(biff_packed_number(static_cast<std::uint32_t>(1234 << 2) | 2), 1234);
  EXPECT_EQ(biff_packed_number(static_cast<std::uint32_t>(1234 << 2) | 3), 12.34);
  EXPECT_EQ(biff_packed_number(static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(1.5) >> 32)), 1.5);
}

TEST(ExtractXls, SaysThatItHasAPasswordOrIsTooOld) {
  const std::string begin = record(0x809, little(0x0600, 2) + little(5, 2));
  EXPECT_EQ(read_here(compound_of({{"Workbook", begin + record(0x2F, "\x01\x00") + record(0x0A, "")}}), "鍵.xls").failure->code, "encrypted");
  EXPECT_EQ(read_here(compound_of({{"Workbook", record(0x809, little(0x0500, 2)) + record(0x0A, "")}}), "古.xls").failure->code, "unsupported");
}

// --- doc

TEST(ExtractDoc, ReadsHeadingsTablesAndLeavesHiddenTextOut) {
  const Told told = read_by_worker(office_file("office.doc"), "規程.doc");
  EXPECT_EQ(told.text(), "総則\nこの規程は、文書について定める。\n区分\t額\n一般\t300\n細則\n見える文");
  EXPECT_EQ(told.pages[0].heading_levels.size(), 2U);
  EXPECT_EQ(told.end->kind, "doc");
  EXPECT_EQ(told.end->title, "総則");
  EXPECT_TRUE(told.noted("hidden_text"));
}

TEST(ExtractDoc, SaysThatItHasAPassword) {
  std::string document(1'000, '\0');
  document.replace(0, 4, "\xEC\xA5\xC1\x00", 4);
  document[0x0B] = 1;
  EXPECT_EQ(read_here(compound_of({{"WordDocument", document}}), "鍵.doc").failure->code, "encrypted");
  document[0x0B] = 0;
  EXPECT_EQ(read_here(compound_of({{"WordDocument", document}}), "空.doc").failure->code, "damaged");
}

// --- ppt

std::string atom(std::uint16_t type, std::string_view bytes, unsigned version = 0, unsigned instance = 0) { return little(instance << 4 | version, 2) + little(type, 2) + little(bytes.size(), 4) + std::string(bytes); }

TEST(ExtractPpt, ReadsSlidesOfTheLastSavingWithTheirNotes) {
  const auto persist = [](std::uint32_t object, std::uint32_t id) { return atom(0x03F3, little(object, 4) + little(0, 4) + little(0, 4) + little(id, 4) + little(0, 4)); };
  const auto said = [](std::uint32_t kind, std::u16string_view text) { return atom(0x0F9F, little(kind, 4)) + atom(0x0FA0, wide(text)); };
  const std::string list = atom(0x0FF0, persist(2, 256) + said(1, u"一つ目\r二つ目") + said(0, u"事業の概要") + persist(3, 257), 0xF, 0) + atom(0x0FF0, persist(4, 300), 0xF, 2);
  const std::string document = atom(0x03E8, list, 0xF);
  const std::string old_slide = atom(0x03EE, said(0, u"古い版"), 0xF);
  const std::string slide = atom(0x03EE, atom(0xF00D, said(4, u"図の中の文"), 0xF), 0xF);
  const std::string hidden = atom(0x03EE, atom(0x03F9, std::string(10, '\0') + little(4, 2) + std::string(4, '\0')) + said(0, u"隠れた一枚"), 0xF);
  const std::string notes = atom(0x03F0, atom(0x03F1, little(256, 4) + little(0, 4)) + said(2, u"ここで図を見せる"), 0xF);
  std::string stream = document;
  const auto place = [&](const std::string& object) { stream += object; return stream.size() - object.size(); };
  const std::size_t old_at = place(old_slide);
  const std::size_t first_directory = place(atom(0x1772, little(1U << 20 | 2, 4) + little(old_at, 4)));
  const std::size_t first_edit = place(atom(0x0FF5, little(0, 8) + little(0, 4) + little(first_directory, 4) + little(0, 12)));
  const std::size_t slide_at = place(slide), hidden_at = place(hidden), notes_at = place(notes);
  const std::size_t directory = place(atom(0x1772, little(3U << 20 | 2, 4) + little(slide_at, 4) + little(hidden_at, 4) + little(notes_at, 4)));
  const std::size_t edit = place(atom(0x0FF5, little(0, 8) + little(first_edit, 4) + little(directory, 4) + little(0, 12)));
  const std::string user = atom(0x0FF6, little(20, 4) + little(0xE391C05F, 4) + little(edit, 4) + little(0, 8));
  const Told told = read_by_worker(compound_of({{"PowerPoint Document", stream}, {"Current User", user}}), "説明.ppt");
  EXPECT_EQ(told.text(), "事業の概要\n一つ目\n二つ目\n図の中の文\nノート\nここで図を見せる");
  EXPECT_EQ(told.pages[0].label, "スライド1");
  EXPECT_TRUE(told.noted("hidden_slides", 2));
  EXPECT_EQ(told.end->kind, "ppt");
  const std::string locked = atom(0x0FF6, little(20, 4) + little(0xF3D1C4DF, 4) + little(edit, 4) + little(0, 8));
  EXPECT_EQ(read_here(compound_of({{"PowerPoint Document", stream}, {"Current User", locked}}), "鍵.ppt").failure->code, "encrypted");
}

// --- msg

std::map<std::string, std::string> message(const std::string& folder, std::u16string_view subject, std::u16string_view text) {
  return {{folder + "__substg1.0_0037001F", wide(subject)}, {folder + "__substg1.0_1000001F", wide(text)}, {folder + "__substg1.0_0C1A001F", wide(u"佐伯")}, {folder + "__substg1.0_0E04001F", wide(u"山田")}};
}

TEST(ExtractMessage, ReadsTheHeadTheTextAndWhatIsAttached) {
  std::map<std::string, std::string> parts = message("", u"会議の件", u"資料を送ります。");
  // 2024-07-15 01:05 UTC.
  parts["__properties_version1.0"] = std::string(32, '\0') + little(0x00390040, 4) + little(0, 4) + little((11'644'473'600ULL + 1'721'005'500ULL) * 10'000'000, 8);
  parts["__attach_version1.0_#00000000/__substg1.0_3707001F"] = wide(u"内線.csv");
  parts["__attach_version1.0_#00000000/__substg1.0_37010102"] = "課,内線\n総務課,0210\n税務課,0220\n";
  parts.merge(message("__attach_version1.0_#00000001/__substg1.0_3701000D/", u"元の便り", u"元の本文"));
  parts["__attach_version1.0_#00000001/__substg1.0_3001001F"] = wide(u"元の便り");
  const Told told = read_by_worker(compound_of(parts), "便り.msg");
  EXPECT_EQ(told.text(), "会議の件\n差出人: 佐伯\n宛先: 山田\n日時: 2024年7月15日 10:05\n添付: 内線.csv、元の便り\n資料を送ります。\n課: 総務課 / 内線: 0210\n課: 税務課 / 内線: 0220\n元の便り\n差出人: 佐伯\n宛先: 山田\n元の本文");
  EXPECT_EQ(told.end->kind, "msg");
  EXPECT_EQ(told.end->pages, 3);
  EXPECT_EQ(told.pages.back().label, "添付「元の便り」");
}

TEST(ExtractMessage, UnpacksATextThatIsKeptAsRtf) {
  // The example of [MS-OXRTFCP] 4.1.1.
  const std::string packed("\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0", 49);
  EXPECT_EQ(unpacked_rtf(packed), "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
  for (std::size_t size = 0; size < packed.size(); ++size) static_cast<void>(unpacked_rtf(packed.substr(0, size)));
}

TEST(ExtractCompound, EndsChainsThatLoop) {
  std::string bytes = compound_of({{"Workbook", std::string(3'000, 'x')}});
  // Every entry of the table points to sector 1.
  for (std::size_t at = bytes.size() - 512; at + 4 <= bytes.size(); at += 4) bytes.replace(at, 4, little(1, 4));
  const auto file = CompoundFile::open(bytes);
  if (file) static_cast<void>(file->stream(CompoundFile::kRoot, "Workbook"));
  EXPECT_FALSE(CompoundFile::open(bytes.substr(0, 100)).has_value());
}

}  // namespace
}  // namespace sekisho::worker
