#include "worker/extract_ocr.h"

#include <stdio.h>  // fopencookie

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <leptonica/allheaders.h>
#include <omp.h>
#include <tesseract/baseapi.h>
#include <tesseract/ocrclass.h>

#include "text/utf8.h"
#include "worker/extract_lines.h"

namespace sekisho::worker {
namespace {

constexpr double kPointsPerInch = 72;
constexpr double kUnknown_dots_an_inch = 200;
constexpr float kWordLeastConfidence = 20;  ///< Less is dust.
constexpr int kSureConfidence = 86;     ///< Upright Japanese read along its lines is above it, read across them below.
constexpr double kClearLines = 2;       ///< Times by which lines must be clearer one way than the other to need no second look.
constexpr int kVerySureConfidence = 90;
constexpr int kSample_dots = 700;
constexpr int kBetter = 3;              ///< By which another way must be surer than the one in hand.

/// One way of reading a sheet.
struct Way {
  int quarters = 0;  ///< Turned clockwise.
  bool down = false; ///< 縦書き.
};

struct Heard {
  std::vector<PdfWord> words;  ///< In dots.
  int confidence = 0;
  double weight = 0;           ///< Grows with every character that is surely read.
  bool ran_out_of_time = false;
};

bool is_in_figure(char32_t c) { return (c >= U'0' && c <= U'9') || (c >= U'０' && c <= U'９') || c == U',' || c == U'.'; }

/// Marks that fill half of their field: the other half is theirs too, and no space.
bool closes(char32_t c) { return std::u32string_view(U"、。，．）」』】〕〉》").find(c) != std::u32string_view::npos; }
bool opens(char32_t c) { return std::u32string_view(U"（「『【〔〈《").find(c) != std::u32string_view::npos; }

void give_marks_their_field(PdfWord& word) {
  const double half = word.size * 0.45;
  if (closes(last_character(word.text))) (word.vertical ? word.bottom : word.right) += half;
  if (opens(first_character(word.text))) (word.vertical ? word.top : word.left) -= half;
  // So may a figure stand in the middle of a full field.
  const double quarter = word.size * 0.25;
  if (is_in_figure(last_character(word.text))) (word.vertical ? word.bottom : word.right) += quarter;
  if (is_in_figure(first_character(word.text))) (word.vertical ? word.top : word.left) -= quarter;
}

/// Figures set in full width have gaps between them like those of words and belong together.
bool joins_figures(const PdfWord& before, const PdfWord& word) {
  const double gap = word.vertical ? word.top - before.bottom : word.left - before.right;
  return is_in_figure(last_character(before.text)) && is_in_figure(first_character(word.text)) && gap < word.size;
}

/// Lines of one type have different heights by the letters that are in them: within a quarter of the middle one they are one size.
void even_sizes(std::vector<PdfWord>& words) {
  if (words.empty()) return;
  std::vector<double> sizes;
  for (const PdfWord& word : words) sizes.insert(sizes.end(), text::count_characters(word.text), word.size);
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  for (PdfWord& word : words) {
    if (std::fabs(word.size / *middle - 1) < 0.25) word.size = *middle;
  }
}

/// A word is as wide as its letters and, across the line, as the line: what stands in the corner of its field is in line too.
PdfWord word_at(const tesseract::ResultIterator& at, tesseract::PageIteratorLevel level, bool down) {
  int left = 0, top = 0, right = 0, bottom = 0;
  int line_left = 0, line_top = 0, line_right = 0, line_bottom = 0;
  at.BoundingBox(level, &left, &top, &right, &bottom);
  at.BoundingBox(tesseract::RIL_TEXTLINE, &line_left, &line_top, &line_right, &line_bottom);
  const std::unique_ptr<char[]> text(at.GetUTF8Text(level));
  (down ? left : top) = down ? line_left : line_top;
  (down ? right : bottom) = down ? line_right : line_bottom;
  PdfWord word{.text = text == nullptr ? "" : std::string(without_outer_space(text.get())),
               .left = static_cast<double>(left), .top = static_cast<double>(top), .right = static_cast<double>(right), .bottom = static_cast<double>(bottom),
               .size = static_cast<double>(std::max(1, down ? line_right - line_left : line_bottom - line_top)), .vertical = down};
  return word;
}

/// What tesseract found, line by line.
Heard heard_by(tesseract::TessBaseAPI& engine, bool down) {
  Heard heard;
  const std::unique_ptr<tesseract::ResultIterator> at(engine.GetIterator());
  if (at == nullptr) return heard;
  double sum = 0;
  std::size_t characters = 0;
  bool begins_line = true;
  do {
    begins_line = begins_line || at->IsAtBeginningOf(tesseract::RIL_TEXTLINE);
    if (at->Empty(tesseract::RIL_WORD)) continue;
    PdfWord word = word_at(*at, tesseract::RIL_WORD, down);
    const float confidence = at->Confidence(tesseract::RIL_WORD);
    const std::size_t count = text::count_characters(word.text);
    sum += confidence * static_cast<double>(count);
    characters += count;
    if (count == 0 || confidence < kWordLeastConfidence) continue;
    heard.weight += std::max(0.0, static_cast<double>(confidence) - 50) * static_cast<double>(count);
    if (!begins_line && !heard.words.empty() && joins_figures(heard.words.back(), word)) {
      PdfWord& before = heard.words.back();
      before.text += word.text;
      before.right = std::max(before.right, word.right);
      before.bottom = std::max(before.bottom, word.bottom);
    } else {
      heard.words.push_back(std::move(word));
    }
    begins_line = false;
  } while (at->Next(tesseract::RIL_WORD));
  heard.confidence = characters == 0 ? 0 : static_cast<int>(std::lround(sum / static_cast<double>(characters)));
  even_sizes(heard.words);
  for (PdfWord& word : heard.words) give_marks_their_field(word);
  return heard;
}

/// Standard error of the C library, which foreign libraries write to; our own log goes past it.
ssize_t swallow(void*, const char*, std::size_t size) { return static_cast<ssize_t>(size); }

std::unique_ptr<tesseract::TessBaseAPI> engine_for(const char* language, tesseract::PageSegMode mode) {
  auto engine = std::make_unique<tesseract::TessBaseAPI>();
  if (engine->Init(kOcrData, language, tesseract::OEM_LSTM_ONLY) != 0) return nullptr;
  engine->SetPageSegMode(mode);
  engine->SetVariable("tessedit_do_invert", "0");  // The sheet is black on white already.
  return engine;
}

}  // namespace

struct Recogniser::State {
  using Clock = std::chrono::steady_clock;

  std::unique_ptr<tesseract::TessBaseAPI> across;
  std::unique_ptr<tesseract::TessBaseAPI> down;
  Clock::time_point began = Clock::now();
  Clock::time_point page_ends;
  std::optional<Way> last;  ///< Of the page before: the next one is likely to be like it.

  /// `grey` as it lies, turned as `way` says.
  Heard hear(const Raster& grey, const Way& way) {
    const Raster upright = turned(grey, way.quarters);
    const auto left_ms = std::chrono::duration_cast<std::chrono::milliseconds>(page_ends - Clock::now()).count();
    Heard heard;
    heard.ran_out_of_time = left_ms <= 0;
    if (upright == nullptr || heard.ran_out_of_time) return heard;
    tesseract::TessBaseAPI& engine = way.down ? *down : *across;
    engine.SetImage(upright.get());
    engine.SetSourceResolution(static_cast<int>(kUnknown_dots_an_inch));
    tesseract::ETEXT_DESC watch;
    watch.set_deadline_msecs(static_cast<std::int32_t>(left_ms));
    if (engine.Recognize(&watch) == 0) heard = heard_by(engine, way.down);
    heard.ran_out_of_time = Clock::now() >= page_ends;
    engine.Clear();
    return heard;
  }

  /// Looks at a part of the sheet in each way that its lines allow.
  Way surest(const Sheet& sheet);
  /// What stands on the sheet, and how it was read.
  Heard read(const Sheet& sheet, Way& way);
};

Way Recogniser::State::surest(const Sheet& sheet) {
  const double clear = std::max(sheet.rows, sheet.columns) / std::max(1e-12, std::min(sheet.rows, sheet.columns));
  Way surest{.quarters = 0, .down = sheet.columns > sheet.rows};
  const Raster sample = sample_of(sheet.grey, kSample_dots);
  if (sample == nullptr) return surest;
  int most = hear(sample, surest).confidence;
  if (most >= kSureConfidence && clear >= kClearLines) return surest;
  const Way first = surest;
  for (int quarters = 0; quarters < 4; ++quarters) {
    for (const bool columns : {false, true}) {
      // Lines that run across in the picture are rows upright or upside down, or columns on their side.
      const bool fits = clear < kClearLines || (sheet.columns > sheet.rows) == (columns != (quarters % 2 == 1));
      if (!fits || (quarters == first.quarters && columns == first.down)) continue;
      const int confidence = hear(sample, {.quarters = quarters, .down = columns}).confidence;
      if (confidence < most + kBetter) continue;
      most = confidence;
      surest = {.quarters = quarters, .down = columns};
    }
    if (most >= kVerySureConfidence) break;
  }
  return surest;
}

Heard Recogniser::State::read(const Sheet& sheet, Way& way) {
  if (last) {
    way = *last;
    Heard heard = hear(sheet.grey, way);
    if (heard.confidence >= kSureConfidence) return heard;
  }
  way = surest(sheet);
  Heard heard = hear(sheet.grey, way);
  last = heard.confidence >= kSureConfidence ? std::optional(way) : std::nullopt;
  return heard;
}

Recogniser::Recogniser(std::unique_ptr<State> state) : state_(std::move(state)) {}
Recogniser::~Recogniser() = default;

std::unique_ptr<Recogniser> Recogniser::create() {
  auto state = std::make_unique<State>();
  state->across = engine_for("jpn", tesseract::PSM_SINGLE_BLOCK);
  state->down = engine_for("jpn_vert", tesseract::PSM_SINGLE_BLOCK_VERT_TEXT);
  if (state->across == nullptr || state->down == nullptr) return nullptr;
  return std::unique_ptr<Recogniser>(new Recogniser(std::move(state)));
}

bool Recogniser::is_out_of_time() const { return State::Clock::now() - state_->began > std::chrono::milliseconds(kOcrDocument_ms); }

Scan Recogniser::read(Raster picture, double dots_an_inch) {
  state_->page_ends = State::Clock::now() + std::chrono::milliseconds(kOcrPage_ms);
  const double stated = pixGetXRes(picture.get());
  if (dots_an_inch <= 0) dots_an_inch = stated >= 70 && stated <= 1'200 ? stated : kUnknown_dots_an_inch;
  Sheet sheet = sheet_of(std::move(picture));
  Scan scan;
  scan.has_ink = sheet.has_ink;
  if (sheet.grey == nullptr) return scan;
  scan.dots_a_point = dots_an_inch * sheet.scale / kPointsPerInch;
  Way way;
  Heard heard = state_->read(sheet, way);
  if (sheet.without_red != nullptr) {
    // A stamp hides letters, and red letters are letters: whichever way more is surely read.
    Heard other = state_->hear(sheet.without_red, way);
    if (other.weight > heard.weight) heard = std::move(other);
  }
  scan.upright = turned(sheet.picture, way.quarters);
  if (scan.upright == nullptr) return scan;
  scan.height = pixGetHeight(scan.upright.get()) / scan.dots_a_point;
  scan.confidence = heard.confidence;
  scan.ran_out_of_time = heard.ran_out_of_time;
  if (heard.confidence < kOcrLeastConfidence || heard.ran_out_of_time) return scan;
  scan.words = std::move(heard.words);
  for (PdfWord& word : scan.words) {
    for (double* edge : {&word.left, &word.top, &word.right, &word.bottom, &word.size}) *edge /= scan.dots_a_point;
  }
  return scan;
}

void prepare_ocr() {
  prepare_rasters();
  // The seal lets no thread begin, and one is faster (tesseract's documentation on OMP_THREAD_LIMIT).
  omp_set_max_active_levels(0);
  static FILE* const nowhere = fopencookie(nullptr, "w", {.read = nullptr, .write = swallow, .seek = nullptr, .close = nullptr});
  if (nowhere != nullptr) stderr = nowhere;
}

}  // namespace sekisho::worker
