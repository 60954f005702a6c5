#include "chat/markdown_blocks.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace sekisho::chat {
namespace {

using Kind = MarkdownBlock::Kind;

constexpr std::string_view kSpaces = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// "| a | b |" as cells; "\|" is no border.
std::vector<std::string> cells_of(std::string_view line) {
  line = trimmed(line);
  if (line.starts_with('|')) line.remove_prefix(1);
  if (line.ends_with('|') && !line.ends_with("\\|")) line.remove_suffix(1);
  std::vector<std::string> cells(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      cells.back() += line[++i];
    } else if (line[i] == '|') {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  for (std::string& cell : cells) cell = trimmed(cell);
  return cells;
}

bool is_table_rule(std::string_view line) {
  line = trimmed(line);
  return line.find('-') != std::string_view::npos && line.find('|') != std::string_view::npos && line.find_first_not_of("|-: \t") == std::string_view::npos;
}

std::optional<MarkdownBlock> heading_of(std::string_view line) {
  const std::size_t marks = line.find_first_not_of('#');
  if (marks == 0 || marks == std::string_view::npos || marks > 6 || line[marks] != ' ') return std::nullopt;
  return MarkdownBlock{Kind::kHeading, static_cast<int>(marks), "", std::string(trimmed(line.substr(marks))), {}};
}

std::optional<MarkdownBlock> item_of(std::string_view line) {
  const std::size_t indent = line.find_first_not_of(" \t");
  if (indent == std::string_view::npos) return std::nullopt;
  std::string_view rest = line.substr(indent);
  MarkdownBlock item{Kind::kItem, static_cast<int>(std::min<std::size_t>(indent / 2, 5)), "・", "", {}};
  if (rest.size() > 1 && (rest[0] == '-' || rest[0] == '*' || rest[0] == '+') && rest[1] == ' ') {
    item.text = trimmed(rest.substr(2));
    return item;
  }
  const std::size_t digits = rest.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos || digits > 4 || digits + 1 >= rest.size()) return std::nullopt;
  if ((rest[digits] != '.' && rest[digits] != ')') || rest[digits + 1] != ' ') return std::nullopt;
  item.marker = std::string(rest.substr(0, digits)) + ".";
  item.text = trimmed(rest.substr(digits + 2));
  return item;
}

class Cutter {
 public:
  explicit Cutter(std::string_view markdown) : lines_(lines_of(markdown)) {}

  std::vector<MarkdownBlock> cut() {
    while (at_ < lines_.size()) {
      const std::string_view line = lines_[at_];
      if (trimmed(line).empty()) {
        end_paragraph();
        ++at_;
      } else if (trimmed(line).starts_with("```")) {
        end_paragraph();
        code();
      } else if (line.find('|') != std::string_view::npos && at_ + 1 < lines_.size() && is_table_rule(lines_[at_ + 1])) {
        end_paragraph();
        table();
      } else if (auto block = heading_of(line)) {
        put(*std::move(block));
      } else if (auto item = item_of(line)) {
        put(*std::move(item));
      } else {
        if (!paragraph_.empty()) paragraph_ += '\n';
        paragraph_ += trimmed(line);
        ++at_;
      }
    }
    end_paragraph();
    return std::move(blocks_);
  }

 private:
  void put(MarkdownBlock block) {
    end_paragraph();
    blocks_.push_back(std::move(block));
    ++at_;
  }
  void end_paragraph() {
    if (!paragraph_.empty()) blocks_.push_back({Kind::kParagraph, 0, "", std::exchange(paragraph_, {}), {}});
  }
  /// Up to its end mark, or, where an answer broke off inside, to the end.
  void code() {
    MarkdownBlock block{Kind::kCode, 0, "", "", {}};
    for (++at_; at_ < lines_.size() && !trimmed(lines_[at_]).starts_with("```"); ++at_) {
      if (!block.text.empty()) block.text += '\n';
      block.text += lines_[at_];
    }
    ++at_;
    blocks_.push_back(std::move(block));
  }
  void table() {
    MarkdownBlock block{Kind::kTable, 0, "", "", {cells_of(lines_[at_])}};
    const std::size_t width = block.rows.front().size();
    for (at_ += 2; at_ < lines_.size() && lines_[at_].find('|') != std::string_view::npos; ++at_) {
      block.rows.push_back(cells_of(lines_[at_]));
      std::vector<std::string>& row = block.rows.back();
      for (std::size_t extra = width; extra < row.size(); ++extra) row[width - 1] += " " + row[extra];
      row.resize(width);
    }
    blocks_.push_back(std::move(block));
  }

  const std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  std::string paragraph_;
  std::vector<MarkdownBlock> blocks_;
};

}  // namespace

std::vector<MarkdownBlock> markdown_blocks(std::string_view markdown) { return Cutter(markdown).cut(); }

std::vector<MarkdownRun> markdown_runs(std::string_view text) {
  std::vector<MarkdownRun> runs;
  const auto add = [&](std::string_view part, bool bold, bool code) {
    if (!part.empty()) runs.push_back({std::string(part), bold, code});
  };
  while (!text.empty()) {
    const std::size_t open = std::min(text.find("**"), text.find('`'));
    if (open == std::string_view::npos) break;
    const std::string_view mark = text[open] == '`' ? "`" : "**";
    const std::size_t close = text.find(mark, open + mark.size());
    if (close == std::string_view::npos) break;
    add(text.substr(0, open), false, false);
    add(text.substr(open + mark.size(), close - open - mark.size()), mark == "**", mark == "`");
    text.remove_prefix(close + mark.size());
  }
  add(text, false, false);
  return runs;
}

}  // namespace sekisho::chat
