#include "main/document_words.h"

#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace sekisho::main {
namespace {

using Words = std::pair<std::string_view, std::string_view>;

constexpr std::array<Words, 22> kNotes = {{
    {"empty_page", "文字がありません。"},
    {"image_only", "画像のため、文字として読めません。"},
    {"ocr", "画像から文字を読み取りました（OCR）。"},
    {"ocr_low", "画像から文字を読み取りましたが（OCR）、確からしさが低いため、原本と照らしてください。"},
    {"ocr_unread", "画像から文字を読み取れませんでした。"},
    {"garbled", "文字の情報が壊れているため、読めません。"},
    {"encrypted", "保護されているため、読めません。"},
    {"damaged", "壊れているため、読めません。"},
    {"too_large", "大きすぎるため、読めません。"},
    {"bomb", "圧縮を解くと大きくなりすぎるため、読んでいません。"},
    {"unsupported", "読み取れない種類の内容があります。"},
    {"hidden_text", "見えない文字がありました。内容を確かめてください。"},
    {"unmapped_characters", "外字があり、読みが分かりません。"},
    {"macros_ignored", "マクロは読みません。"},
    {"truncated", "長いため、途中までを読みました。"},
    {"comments_ignored", "コメントは読みません。"},
    {"changes_accepted", "変更履歴は、すべて反映したものとして読みました。"},
    {"hidden_sheets", "非表示のシートは読みません。"},
    {"hidden_rows", "非表示の行は読みません。"},
    {"hidden_columns", "非表示の列は読みません。"},
    {"hidden_slides", "非表示のスライドは読みません。"},
    {"inner_unread", "中の文書に、読めないものがあります。"},
}};

constexpr std::array<Words, 14> kErrors = {{
    {"encrypted", "パスワードで保護されています。PDFとzipは、画面でパスワードを入れるか、--password-stdin を付けて追加すると読めます。ほかは、保護を外したファイルを追加してください。"},
    {"damaged", "ファイルが壊れているため、開けません。元のファイルを確かめてください。"},
    {"corrupt", "ファイルが壊れているため、開けません。元のファイルを確かめてください。"},
    {"empty_file", "ファイルが空です。"},
    {"empty_page", "文字のあるページがありません。内容を確かめてください。"},
    {"image_only", "画像だけの文書のため、文字として読めません。文字の入ったPDF又はWord（docx）を追加してください。"},
    {"garbled", "文字の情報が壊れているため、読めません。Word（docx）があれば、そちらを追加してください。"},
    {"too_large", "文書が大きすぎるため、読めません。分けて追加してください。"},
    {"bomb", "圧縮を解くと大きくなりすぎるため、読むのを止めました。分けて追加してください。"},
    {"timeout", "読み取りに時間がかかりすぎたため、止めました。分けて追加してください。"},
    {"unsupported", "この種類の文書は読み取れません。Word（docx）又はPDFで保存し、追加し直してください。"},
    {"unavailable", "読み取りの仕組みが、今は動いていません。"},
    {"busy", "混み合っているため、読み取れませんでした。もう一度追加してください。"},
    {"conflict", "同じ文書が、既にあります。"},
}};

constexpr std::array<Words, 3> kPrograms = {{{"ichitaro", "一太郎"}, {"docuworks", "DocuWorks"}, {"oasys", "OASYS"}}};

constexpr std::size_t kPagesShown = 8;

template <std::size_t size>
std::string words_for(const std::array<Words, size>& table, std::string_view code, std::string_view otherwise) {
  for (const auto& [known, words] : table) {
    if (known == code) return std::string(words);
  }
  return fmt::format("{}（{}）", otherwise, code);
}

std::string pages_words(const std::vector<std::int64_t>& pages) {
  std::string text;
  for (std::size_t i = 0; i < pages.size() && i < kPagesShown; ++i) {
    if (pages[i] == 0) return "文書の全体";
    text += fmt::format("{}{}", i == 0 ? "" : "、", pages[i]);
  }
  return text + (pages.size() > kPagesShown ? fmt::format("ほか{}", pages.size() - kPagesShown) : "") + "ページ";
}

/// One line a kind of note, in the order in which they came.
std::string notes_words(const Json& document) {
  const Json* notes = document.find("notes");
  if (notes == nullptr || notes->as_array() == nullptr) return "";
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> kinds;
  for (const Json& note : *notes->as_array()) {
    const std::string code = note.text_or("code");
    auto kind = kinds.begin();
    while (kind != kinds.end() && kind->first != code) ++kind;
    if (kind == kinds.end()) kind = kinds.insert(kind, {code, {}});
    kind->second.push_back(note.int_or("page"));
  }
  std::string text;
  for (const auto& [code, pages] : kinds) text += fmt::format("      {}: {}\n", pages_words(pages), note_words(code));
  return text;
}

}  // namespace

bool is_settled(const Json& document) {
  const std::string state = document.text_or("state");
  return state == "ready" || state == "failed";
}

std::string document_error_words(const Json& error) {
  const std::string code = error.text_or("code");
  if (code == "unsupported") {
    const std::string detail = error.text_or("detail");
    for (const auto& [known, name] : kPrograms) {
      if (detail.find(known) != std::string::npos) return fmt::format("{}の文書は読み取れません。Word（docx）又はPDFで保存し、追加し直してください。", name);
    }
  }
  return words_for(kErrors, code, "読み取りの途中で失敗しました。");
}

std::string note_words(std::string_view code) { return words_for(kNotes, code, "読めない内容があります。"); }

std::string document_words(const Json& document) {
  const std::string name = document.text_or("name");
  const std::string state = document.text_or("state");
  if (state == "failed") {
    const Json* error = document.find("error");
    return fmt::format("  ✗ {}　{}\n", name, document_error_words(error == nullptr ? Json() : *error)) + notes_words(document);
  }
  if (state != "ready") return fmt::format("  … {}　{}\n", name, state == "reading" ? "読み取っています。" : "読み取りを待っています。");
  return fmt::format("  ✓ {}　{}か所（{}ページ）\n", name, document.int_or("passages"), document.int_or("pages")) + notes_words(document);
}

}  // namespace sekisho::main
