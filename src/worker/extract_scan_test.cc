#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "worker/extract_gif.h"
#include "worker/testing/documents.h"
#include "worker/testing/scans.h"

/// Pages and pictures whose text has to be recognised, through the real program in its real seal.
namespace sekisho::worker {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr double kErrors_max = 0.05;  ///< Measured: 0 to 0.02 (docs/benchmarks.md).

const std::vector<std::string> kNotice{
    "霧ヶ原町職員旅費規則の改正について（通知）", "　このことについて、次のとおり改正し、令和８年４月１日から施行する。", "　宿泊料の額は、一夜につき次に掲げる額を上限とする。",
    "　ア　東京都の区域内　１９，０００円", "　イ　政令指定都市の区域内　１３，０００円", "　ウ　その他の地域　１１，０００円", "　職員は、帰庁した日から七日以内に精算書を総務課長に提出し",
    "なければならない。期限までに提出がないときは、概算払の額を返納させる", "ものとする。この通知に関する問合せは、総務課人事係（内線２１３）まで。"};

std::string text_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

/// A page with the first lines of it.
std::string notice(double line_height = 1.6, std::size_t lines = kNotice.size()) {
  std::string content;
  double y = 740;
  for (std::size_t i = 0; i < lines; ++i) {
    const std::string& line = kNotice[i];
    content += shown(line, 70, y, 11);
    y -= 11 * line_height;
  }
  return pdf_of({content});
}

std::string vertical_notice() {
  std::string content;
  double x = 500;
  for (const std::string& line : kNotice) {
    content += shown(line, x, 780, 11, 'V');
    x -= 20;
  }
  return pdf_of({content});
}

struct Found {
  double errors = 1;
  std::int64_t confidence = -1;
};

/// How well the scan of the notice is read.
Found errors_of(std::string_view bytes, const std::string& name, std::size_t lines = kNotice.size()) {
  const Told told = read_by_worker(bytes, name);
  EXPECT_EQ(told.ended, "exit 0");
  EXPECT_TRUE(told.seal.sealed());
  if (told.pages.size() != 1) return {};
  const Found found{character_errors(text_of({kNotice.begin(), kNotice.begin() + static_cast<std::ptrdiff_t>(lines)}), told.text()), told.pages[0].confidence};
  fmt::print("[   CER    ] {:.4f}, {} % sure: {}\n", found.errors, found.confidence, name);
  return found;
}

TEST(ExtractScan, ReadsAPageOfAPdfThatIsAPictureAndSaysHowSureItIs) {
  const std::string pdf = scanned_pdf({scan_of(notice())});
  const Told told = read_by_worker(pdf, "通知.pdf");
  ASSERT_EQ(told.pages.size(), 1U);
  EXPECT_LE(character_errors(text_of(kNotice), told.text()), kErrors_max) << told.text();
  EXPECT_GE(told.pages[0].confidence, 80);
  EXPECT_TRUE(told.noted("ocr", 1));
  EXPECT_EQ(told.end->kind, "pdf");
  // Lines of a paragraph are joined and figures in full width stay together, as in a text.
  EXPECT_THAT(told.text(), HasSubstr("返納させるものとする。"));
  EXPECT_THAT(told.text(), HasSubstr("13,000円"));
}

TEST(ExtractScan, LeavesPagesThatHaveTextAsTheyAre) {
  const Told told = read_by_worker(notice(), "通知.pdf");
  ASSERT_EQ(told.pages.size(), 1U);
  EXPECT_EQ(told.pages[0].confidence, -1);
  EXPECT_FALSE(told.noted("ocr"));
}

TEST(ExtractScan, ReadsPicturesOfEachFormat) {
  for (const std::string format : {"png", "jpeg", "tiff", "bmp", "gif", "webp"}) {
    const std::string bytes = scan_of(notice(1.6, 3), {.format = format});
    ASSERT_FALSE(bytes.empty()) << format;
    EXPECT_LE(errors_of(bytes, "通知." + format, 3).errors, kErrors_max) << format;
  }
}

TEST(ExtractScan, FindsOutWhichWayUpThePageLies) {
  for (const int quarters : {1, 2}) EXPECT_LE(errors_of(scan_of(notice(), {.quarters = quarters}), "通知.png").errors, kErrors_max) << quarters;
}

TEST(ExtractScan, ReadsVerticalWritingWhicheverWayItLies) {
  EXPECT_LE(errors_of(scan_of(vertical_notice()), "縦書き.png").errors, kErrors_max);
  EXPECT_LE(errors_of(scan_of(vertical_notice(), {.quarters = 1}), "縦書き.png").errors, kErrors_max);
}

TEST(ExtractScan, ReadsThroughSkewDustShadowAndStamps) {
  EXPECT_LE(errors_of(scan_of(notice(), {.skew_degrees = 2}), "斜め.png").errors, kErrors_max);
  EXPECT_LE(errors_of(scan_of(vertical_notice(), {.skew_degrees = 2}), "斜め.png").errors, kErrors_max);
  EXPECT_LE(errors_of(scan_of(notice(), {.dust = 0.003}), "汚れ.png").errors, kErrors_max);
  EXPECT_LE(errors_of(scan_of(notice(), {.shadow = true}), "影.jpeg").errors, kErrors_max);
  EXPECT_LE(errors_of(scan_of(notice(), {.stamp = true}), "公印.png").errors, kErrors_max);
  EXPECT_LE(errors_of(scan_of(notice(1.05)), "詰め.png").errors, kErrors_max);
  EXPECT_LE(errors_of(scan_of(notice(), {.dots_an_inch = 400}), "細かい.png").errors, kErrors_max);
}

TEST(ExtractScan, ReadsThePagesOfATiff) {
  const Told told = read_by_worker(tiff_of({scan_of(notice()), scan_of(notice(), {.quarters = 2})}), "通知.tif");
  ASSERT_EQ(told.pages.size(), 2U);
  EXPECT_EQ(told.pages[1].number, 2);
  EXPECT_LE(character_errors(text_of(kNotice), told.pages[1].text), kErrors_max);
  EXPECT_EQ(told.end->pages, 2);
}

TEST(ExtractScan, SaysThatAPageCouldNotBeMadeOutInsteadOfGuessing) {
  const Told told = read_by_worker(scanned_pdf({picture_without_text(), scan_of(notice())}), "写真.pdf");
  ASSERT_TRUE(told.end.has_value());
  EXPECT_TRUE(told.noted("ocr_unread", 1) || told.noted("empty_page", 1));
  ASSERT_EQ(told.pages.size(), 1U);
  EXPECT_EQ(told.pages[0].number, 2);
}

TEST(ExtractScan, WarnsWhereItIsNotSure) {
  const Told told = read_by_worker(scan_of(notice(), {.dots_an_inch = 55}), "粗い.png");
  ASSERT_TRUE(told.end.has_value());
  EXPECT_TRUE(told.noted("ocr_low", 1) || told.noted("ocr_unread", 1)) << told.text();
}

TEST(ExtractScan, MarksThePassageOnThePicture) {
  for (const std::string name : {"通知.pdf", "通知.png"}) {
    const std::string scan = scan_of(notice(1.6, 4), {.quarters = 2});
    const std::string bytes = name.ends_with("pdf") ? scanned_pdf({scan}) : scan;
    const auto marked = draw_by_worker(bytes, {.file_name = name, .password = "", .page = 1, .marked = kNotice[2]});
    const auto unmarked = draw_by_worker(bytes, {.file_name = name, .password = "", .page = 1, .marked = "この文は、どこにも書かれていない別のもの。"});
    ASSERT_TRUE(marked && unmarked) << name;
    EXPECT_NE(*marked, *unmarked) << name;
    EXPECT_FALSE(draw_by_worker(bytes, {.file_name = name, .password = "", .page = 2, .marked = ""}).has_value());
  }
}

// --- What pictures can do wrong

std::string failure_of(std::string_view bytes, const std::string& name) {
  const Told told = read_by_worker(bytes, name);
  EXPECT_EQ(told.ended, "exit 0") << name;
  return told.failure ? told.failure->code : told.end ? "read" : "nothing";
}

std::string png_head(std::uint32_t width, std::uint32_t height) {
  std::string png = scan_of(pdf_of({""}), {.dots_an_inch = 72});
  const auto put = [&](std::size_t at, std::uint32_t value) {
    for (int i = 0; i < 4; ++i) png[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (24 - 8 * i) & 0xFF);
  };
  put(16, width);
  put(20, height);
  return png;
}

TEST(ExtractScan, RefusesPicturesOfMoreDotsThanAnyPaperHas) {
  EXPECT_EQ(failure_of(png_head(100'000, 100'000), "爆弾.png"), "bomb");
  EXPECT_EQ(failure_of(png_head(29'000, 29'000), "爆弾.png"), "bomb");
  std::string bmp = scan_of(pdf_of({""}), {.dots_an_inch = 72, .format = "bmp"});
  bmp.replace(18, 8, std::string("\xA0\x86\x01\0\xA0\x86\x01\0", 8));
  EXPECT_EQ(failure_of(bmp, "爆弾.bmp"), "bomb");
  std::string gif = scan_of(pdf_of({""}), {.dots_an_inch = 72, .format = "gif"});
  gif.replace(6, 4, "\xFF\xFF\xFF\xFF");
  EXPECT_EQ(failure_of(gif, "爆弾.gif"), "bomb");
}

TEST(ExtractScan, GivesAReasonForPicturesThatAreCutOffOrLie) {
  for (const std::string format : {"png", "jpeg", "tiff", "bmp", "gif", "webp"}) {
    const std::string bytes = scan_of(notice(), {.dots_an_inch = 72, .format = format});
    for (const std::size_t size : {std::size_t{12}, std::size_t{40}, bytes.size() / 3}) {
      const std::string outcome = failure_of(std::string_view(bytes).substr(0, size), "切れた." + format);
      EXPECT_THAT(outcome, ::testing::AnyOf("damaged", "read")) << format << " cut at " << size;  // JPEG and TIFF show what is left.
    }
  }
  EXPECT_EQ(failure_of(std::string(500, '\x07'), "嘘.png"), "damaged");
  EXPECT_EQ(failure_of("", "空.png"), "empty_file");
  EXPECT_EQ(failure_of("\x89PNG\r\n\x1A\n", "頭だけ.png"), "damaged");
  EXPECT_EQ(failure_of(std::string("\0\0\0\x18" "ftypheic\0\0\0\0mif1heic", 24), "写真.heic"), "unsupported");
  EXPECT_EQ(read_by_worker("これは文章です。", "嘘.png").text(), "これは文章です。");
  EXPECT_LE(errors_of(scan_of(notice()), "嘘.docx").errors, kErrors_max);
}

TEST(ExtractScan, ReadsPicturesThatLieInOtherDocuments) {
  const Told told = read_by_worker(zip_of({{"一.png", scan_of(notice())}, {"二.png", png_head(100'000, 100'000)}, {"三.txt", "ただの文。"}}), "束.zip");
  ASSERT_EQ(told.pages.size(), 2U);
  EXPECT_LE(character_errors(text_of(kNotice), told.pages[0].text), kErrors_max);
  EXPECT_GE(told.pages[0].confidence, 80);
  EXPECT_EQ(told.pages[1].confidence, -1);
  EXPECT_TRUE(told.noted("inner_unread"));
}

TEST(ExtractGif, TakesTheFirstPictureAlone) {
  const std::string gif = scan_of(pdf_of({""}), {.dots_an_inch = 36, .format = "gif"});
  const auto first = first_gif_picture(gif + gif.substr(13));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->bytes.back(), ';');
  EXPECT_LE(first->bytes.size(), gif.size());
  EXPECT_FALSE(first_gif_picture(gif.substr(0, gif.size() / 2)).has_value());
  EXPECT_FALSE(first_gif_picture("GIF89a").has_value());
}

}  // namespace
}  // namespace sekisho::worker
