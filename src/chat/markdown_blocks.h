#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sekisho::chat {

/// A stretch of text in one look.
struct MarkdownRun {
  std::string text;
  bool bold = false;
  bool code = false;
};

/// One block of an answer. Only what an answer is made of is told apart: the rest is a paragraph.
struct MarkdownBlock {
  enum class Kind { kParagraph, kHeading, kItem, kCode, kTable };
  Kind kind = Kind::kParagraph;
  int level = 0;       ///< Of a heading, from 1; of an item, how deep, from 0.
  std::string marker;  ///< Of an item: "・" or "1.".
  std::string text;    ///< Lines joined by "\n"; of a table empty.
  std::vector<std::vector<std::string>> rows;  ///< Of a table, its head first; every row as long as the head.
};

/// Cuts an answer into blocks. Accepts anything; nothing of the text is lost but the marks. Threads: pure.
[[nodiscard]] std::vector<MarkdownBlock> markdown_blocks(std::string_view markdown);
/// Takes **bold** and `code` apart.
[[nodiscard]] std::vector<MarkdownRun> markdown_runs(std::string_view text);

}  // namespace sekisho::chat
