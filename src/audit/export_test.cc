#include "audit/export.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

#include "audit/chain.h"
#include "store/test_folder.h"

namespace sekisho::audit {
namespace {

ReadLine line_of(Entry entry) { return parse_line(to_line(entry, 7, crypto::sha256("before")).text).value(); }

Entry release() {
  return {.kind = "release.answer", .time_ms = 1'752'543'720'000, .actor_name = "佐伯\"美和\"", .subjects = {"turn1", "p2"}, .label = EntryLabel{"機密性2", {{"総務課"}}},
          .outcome = Outcome::kAllowed, .details = Json::object({{"destinations", Json::array({"screen"})}})};
}

TEST(EntryFilter, AdmitsEverythingWhereNothingIsAsked) { EXPECT_TRUE(EntryFilter{}.admits(line_of(release()))); }

TEST(EntryFilter, HoldsEachConditionAgainstTheEntry) {
  const ReadLine line = line_of(release());
  EXPECT_TRUE((EntryFilter{.kind = "release"}.admits(line)));
  EXPECT_FALSE((EntryFilter{.kind = "account"}.admits(line)));
  EXPECT_TRUE((EntryFilter{.actor = "美和"}.admits(line)));
  EXPECT_FALSE((EntryFilter{.actor = "工藤"}.admits(line)));
  EXPECT_TRUE((EntryFilter{.outcome = "allowed"}.admits(line)));
  EXPECT_FALSE((EntryFilter{.outcome = "denied"}.admits(line)));
  EXPECT_TRUE((EntryFilter{.level = "機密性2"}.admits(line)));
  EXPECT_FALSE((EntryFilter{.level = "機密性1"}.admits(line)));
  EXPECT_TRUE((EntryFilter{.subject = "p2"}.admits(line)));
  EXPECT_FALSE((EntryFilter{.subject = "p"}.admits(line)));
  EXPECT_TRUE((EntryFilter{.from_ms = 1'752'543'720'000, .to_ms = 1'752'543'720'001}.admits(line)));
  EXPECT_FALSE((EntryFilter{.to_ms = 1'752'543'720'000}.admits(line)));
  EXPECT_FALSE((EntryFilter{.level = "機密性2"}.admits(line_of({.kind = "sign_in"})))) << "without a label";
}

TEST(LogExport, WritesTheLinesOfTheLogAsTheyAre) {
  const ReadLine line = line_of(release());
  const std::string bytes = export_entry(LogForm::kJsonLines, line).bytes;
  EXPECT_EQ(parse_line(bytes.substr(0, bytes.size() - 1)).value().hash, line.hash);
  EXPECT_EQ(export_head(LogForm::kJsonLines).bytes, "");
}

TEST(LogExport, WritesARowForSpreadsheets) {
  ::setenv("TZ", "Asia/Tokyo", 1);
  ::tzset();
  const std::string row = export_entry(LogForm::kCsvUtf8, line_of(release())).bytes;
  EXPECT_TRUE(row.starts_with("\"7\",\"2025-07-15 10:42:00\",\"佐伯\"\"美和\"\"\",\"release.answer\",\"turn1 p2\",\"機密性2\",\"allowed\",")) << row;
  EXPECT_TRUE(row.ends_with("\"\r\n"));
  EXPECT_TRUE(export_head(LogForm::kCsvUtf8).bytes.starts_with("\xEF\xBB\xBF\"番号\""));
}

TEST(LogExport, LeavesNoFormulaInACell) {
  Entry entry = release();
  entry.actor_name = "=HYPERLINK(\"http://example.invalid\")";
  EXPECT_NE(export_entry(LogForm::kCsvUtf8, line_of(entry)).bytes.find("\"'=HYPERLINK"), std::string::npos);
}

TEST(LogExport, CountsWhatCp932CannotHold) {
  Entry entry = release();
  entry.actor_name = "髙橋𠮷男";
  const ExportedPiece piece = export_entry(LogForm::kCsvCp932, line_of(entry));
  EXPECT_EQ(piece.missing, 1U);
  EXPECT_NE(piece.bytes.find("\xFB\xFC\x8B\xB4\x81\xAC\x92\x6A"), std::string::npos) << "髙橋〓男";
  EXPECT_TRUE(export_head(LogForm::kCsvCp932).bytes.starts_with("\"\x94\xD4\x8D\x86\""));
}

TEST(LogExport, WritesTheWholeLogPieceByPiece) {
  const store::TestFolder folder;
  const FakeClock clock;
  {
    const auto chain = Chain::open(folder.path(), clock, {.segment_bytes = 50'000}).value();
    for (int i = 0; i < 700; ++i) ASSERT_TRUE(chain->append(i % 2 == 0 ? release() : Entry{.kind = "sign_in"}));
  }
  LogExport log = LogExport::open(folder.path(), LogForm::kJsonLines, {.kind = "release"}).value();
  std::size_t pieces = 0;
  std::size_t lines = 0;
  for (std::string piece = log.next().value(); !piece.empty(); piece = log.next().value(), ++pieces) {
    lines += static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
  }
  EXPECT_EQ(lines, 350U);
  EXPECT_EQ(log.entries(), 350);
  EXPECT_GT(pieces, 1U);
  EXPECT_EQ(LogExport::open(folder / "missing", LogForm::kCsvUtf8, {}).error().code, ErrorCode::kUnavailable);
}

TEST(LogExport, KnowsItsForms) {
  EXPECT_EQ(log_form_named("csv").value(), LogForm::kCsvUtf8);
  EXPECT_EQ(log_form_named("csv-cp932").value(), LogForm::kCsvCp932);
  EXPECT_EQ(log_form_named("jsonl").value(), LogForm::kJsonLines);
  EXPECT_FALSE(log_form_named("docx"));
}

}  // namespace
}  // namespace sekisho::audit
