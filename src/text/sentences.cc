#include "text/sentences.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "text/utf8.h"

namespace sekisho::text {
namespace {

constexpr std::array<std::pair<char32_t, char32_t>, 5> kBrackets = {{{U'「', U'」'}, {U'『', U'』'}, {U'（', U'）'}, {U'(', U')'}, {U'【', U'】'}}};

/// Brackets open at once that are remembered; deeper ones protect nothing.
constexpr std::size_t kBracketDepth = 32;

char32_t closing_of(char32_t open) {
  for (const auto& [opening, closing] : kBrackets) {
    if (opening == open) return closing;
  }
  return 0;
}
bool is_closing(char32_t c) {
  for (const auto& [opening, closing] : kBrackets) {
    if (closing == c) return true;
  }
  return false;
}
bool is_wide_stop(char32_t c) { return c == U'。' || c == U'！' || c == U'？' || c == U'｡'; }
bool is_narrow_stop(char32_t c) { return c == U'．' || c == '!' || c == '?' || c == '.'; }

/// Cuts one line.
class LineCutter {
 public:
  LineCutter(const std::vector<Character>& line, std::vector<ByteRange>& to) : line_(line), to_(to) {}

  void run() {
    mark_bracketed();
    std::size_t begin = 0;
    for (std::size_t i = 0; i < line_.size(); ++i) {
      if (bracketed_[i] || !stops(i)) continue;
      std::size_t end = i + 1;
      while (end < line_.size() && !bracketed_[end] && (is_wide_stop(at(end)) || is_narrow_stop(at(end)) || is_closing(at(end)))) ++end;
      emit(begin, end);
      begin = end;
      i = end - 1;
    }
    emit(begin, line_.size());
  }

 private:
  [[nodiscard]] char32_t at(std::size_t i) const { return line_[i].value; }

  [[nodiscard]] bool stops(std::size_t i) const {
    if (is_wide_stop(at(i))) return true;
    if (!is_narrow_stop(at(i))) return false;
    return i + 1 == line_.size() || is_space(at(i + 1)) || is_closing(at(i + 1)) || (at(i) != U'．' && at(i) != '.' && is_narrow_stop(at(i + 1)));
  }

  /// Marks what lies inside brackets that close on the line, the closing bracket included.
  void mark_bracketed() {
    std::vector<int> steps(line_.size() + 1, 0);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < line_.size(); ++i) {
      if (closing_of(at(i)) != 0 && open.size() < kBracketDepth) open.push_back(i);
      if (!is_closing(at(i))) continue;
      const auto match = std::find_if(open.rbegin(), open.rend(), [&](std::size_t o) { return closing_of(at(o)) == at(i); });
      if (match == open.rend()) continue;
      ++steps[*match];
      --steps[i + 1];
      open.erase(std::next(match).base(), open.end());
    }
    bracketed_.assign(line_.size(), false);
    int depth = 0;
    for (std::size_t i = 0; i < line_.size(); ++i) {
      depth += steps[i];
      bracketed_[i] = depth > 0;
    }
  }

  void emit(std::size_t begin, std::size_t end) {
    while (begin < end && is_space(at(begin))) ++begin;
    while (end > begin && is_space(at(end - 1))) --end;
    if (begin < end) to_.push_back({line_[begin].begin, line_[end - 1].end()});
  }

  const std::vector<Character>& line_;
  std::vector<ByteRange>& to_;
  std::vector<bool> bracketed_;
};

}  // namespace

std::vector<ByteRange> sentences(std::string_view text) {
  std::vector<ByteRange> found;
  std::vector<Character> line;
  const auto cut = [&] {
    LineCutter(line, found).run();
    line.clear();
  };
  for_each_character(text, [&](const Character& c) {
    if (c.value == '\n' || c.value == '\r' || c.value == 0x2028 || c.value == 0x2029) return cut();
    line.push_back(c);
  });
  cut();
  return found;
}

}  // namespace sekisho::text
