#include "worker/extract_marks.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_set>

#include "text/utf8.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kGram = 4;  ///< Characters that must follow each other in both.

/// Without what lines and tables add or lose: spaces, tabs, separators of records.
std::u32string letters(std::string_view text) {
  std::u32string out;
  text::for_each_character(text, [&](const text::Character& c) {
    constexpr std::u32string_view kJoints = U"/:：・…";
    if (!text::is_space(c.value) && kJoints.find(c.value) == std::u32string_view::npos) out += c.value;
  });
  return out;
}

std::u32string grams_key(std::u32string_view text, std::size_t at) { return std::u32string(text.substr(at, kGram)); }

/// The stretch of `hits` that holds the most of them without being much longer than the passage.
std::pair<std::size_t, std::size_t> best_stretch(const std::vector<bool>& hits, std::size_t length) {
  const std::size_t width = std::min(hits.size(), length + length / 3 + 20);
  std::size_t inside = 0;
  std::size_t most = 0;
  std::pair<std::size_t, std::size_t> best{0, 0};
  for (std::size_t end = 0; end < hits.size(); ++end) {
    inside += hits[end] ? 1U : 0U;
    if (end >= width) inside -= hits[end - width] ? 1U : 0U;
    if (inside > most) {
      most = inside;
      best = {end >= width ? end - width + 1 : 0, end + 1};
    }
  }
  return best;
}

/// Words side by side on one line become one box.
void add(std::vector<Box>& boxes, const PdfWord& word) {
  const Box box{word.left, word.top, word.right, word.bottom};
  if (!boxes.empty()) {
    Box& last = boxes.back();
    const bool same_line = word.vertical ? std::fabs(last.left - box.left) < word.size * 0.5 && box.top - last.bottom < word.size * 2 && box.top >= last.top
                                         : std::fabs(last.top - box.top) < word.size * 0.5 && box.left - last.right < word.size * 2 && box.left >= last.left;
    if (same_line) {
      last = {std::min(last.left, box.left), std::min(last.top, box.top), std::max(last.right, box.right), std::max(last.bottom, box.bottom)};
      return;
    }
  }
  boxes.push_back(box);
}

}  // namespace

std::vector<Box> marked_boxes(const std::vector<PdfWord>& words, std::string_view passage) {
  const std::u32string wanted = letters(passage);
  std::u32string page;
  std::vector<std::size_t> begins;  // Of each word among the letters of the page.
  for (const PdfWord& word : words) {
    begins.push_back(page.size());
    page += letters(word.text);
  }
  begins.push_back(page.size());
  if (wanted.size() < kGram || page.size() < kGram) return {};
  std::unordered_set<std::u32string> grams;
  for (std::size_t i = 0; i + kGram <= wanted.size(); ++i) grams.insert(grams_key(wanted, i));
  std::vector<bool> hits(page.size(), false);
  for (std::size_t i = 0; i + kGram <= page.size(); ++i) {
    if (!grams.contains(grams_key(page, i))) continue;
    for (std::size_t k = 0; k < kGram; ++k) hits[i + k] = true;
  }
  const auto [first, last] = best_stretch(hits, wanted.size());
  std::vector<Box> boxes;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t from = std::max(begins[i], first);
    const std::size_t to = std::min(begins[i + 1], last);
    std::size_t hit = 0;
    for (std::size_t k = from; k < to; ++k) hit += hits[k] ? 1U : 0U;
    if (hit > 0 && hit * 2 >= begins[i + 1] - begins[i]) add(boxes, words[i]);
  }
  return boxes;
}

}  // namespace sekisho::worker
