#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/extract_marks.h"
#include "worker/extract_png.h"
#include "worker/testing/documents.h"

namespace sekisho::worker {
namespace {

using testing::draw_by_worker;
using testing::pdf_of;
using testing::shown;

PdfWord word(std::string text, double left, double top) {
  const double width = static_cast<double>(text.size()) * 3.5;
  return {.text = std::move(text), .left = left, .top = top, .right = left + width, .bottom = top + 10.5, .size = 10.5, .vertical = false};
}

TEST(ExtractMarks, FindThePassageAndNotWhatMerelySoundsLikeIt) {
  const std::vector<PdfWord> words{word("第一条　職員は、休暇を取得することができる。", 70, 100), word("第二条　任命権者は、", 70, 120), word("職員に研修を受けさせる", 180, 120), word("ものとする。", 70, 140), word("第三条　この規則は、", 70, 160)};
  const auto boxes = marked_boxes(words, "第二条　任命権者は、職員に研修を受けさせるものとする。");
  ASSERT_EQ(boxes.size(), 2U);
  EXPECT_EQ(boxes[0].top, 120);
  EXPECT_EQ(boxes[0].left, 70);
  EXPECT_GT(boxes[0].right, 180);
  EXPECT_EQ(boxes[1].top, 140);
  EXPECT_TRUE(marked_boxes(words, "全く別の文章である。").empty());
  EXPECT_TRUE(marked_boxes({}, "何か").empty());
}


TEST(ExtractImage, DrawsAPageAndMarksThePassage) {
  const std::string pdf = pdf_of({shown("第五条　職員は、休暇を取得することができる。", 70, 700), shown("二ページ目の文である。", 70, 700)});
  const auto plain = draw_by_worker(pdf, {.file_name = "規則.pdf", .password = "", .page = 1, .marked = ""});
  ASSERT_TRUE(plain.has_value()) << plain.error().code << plain.error().detail;
  EXPECT_TRUE(plain->starts_with("\x89PNG\r\n\x1A\n"));
  const auto marked = draw_by_worker(pdf, {.file_name = "規則.pdf", .password = "", .page = 1, .marked = "第五条　職員は、休暇を取得することができる。"});
  ASSERT_TRUE(marked.has_value());
  EXPECT_NE(*plain, *marked);
  const auto elsewhere = draw_by_worker(pdf, {.file_name = "規則.pdf", .password = "", .page = 2, .marked = "第五条　職員は、休暇を取得することができる。"});
  ASSERT_TRUE(elsewhere.has_value());
  EXPECT_EQ(*elsewhere, *draw_by_worker(pdf, {.file_name = "規則.pdf", .password = "", .page = 2, .marked = ""}));
}

TEST(ExtractImage, SaysWhyThereIsNone) {
  const auto code = [](std::string_view bytes, std::int64_t page, const std::string& password = "") {
    const auto image = draw_by_worker(bytes, {.file_name = "a.pdf", .password = password, .page = page, .marked = ""});
    return image ? std::string("drawn") : image.error().code;
  };
  EXPECT_EQ(code("ただの文", 1), "unsupported");
  EXPECT_EQ(code("%PDF-1.7\n" + std::string(500, 'x'), 1), "damaged");
  EXPECT_EQ(code(pdf_of({""}), 2), "unsupported");
  EXPECT_EQ(code(testing::locked_pdf(), 1), "encrypted");
  EXPECT_EQ(code(testing::locked_pdf(), 1, "secret"), "drawn");
  std::string huge = pdf_of({shown("大きな紙", 10, 10)});
  huge.replace(huge.find("[0 0 595 842]"), 13, "[0 0 9e9 9e9]");
  EXPECT_NE(code(huge, 1), "");
}

TEST(ExtractPng, HasNothingButWhatAPictureNeeds) {
  EXPECT_EQ(png_of({}), "");
  EXPECT_EQ(png_of({.width = 2, .height = 2, .dots = {1, 2, 3}}), "");
  const std::string png = png_of({.width = 2, .height = 1, .dots = {255, 0, 0, 0, 0, 255}});
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1A\n");
  EXPECT_EQ(png.substr(12, 4), "IHDR");
  EXPECT_EQ(png.substr(37, 4), "IDAT");
  EXPECT_EQ(png.substr(png.size() - 8, 4), "IEND");
}

}  // namespace
}  // namespace sekisho::worker
