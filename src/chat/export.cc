#include "chat/export.h"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

#include "chat/markdown_blocks.h"
#include "text/utf8.h"

namespace sekisho::chat {
namespace {

using Row = std::vector<std::string>;

constexpr std::string_view kBom = "\xEF\xBB\xBF";

std::string time_text(std::int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{}年{}月{}日 {}:{:02}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min);
}

/// The byte at which a UTF-16 offset is.
std::size_t byte_of_utf16(std::string_view text, std::int64_t offset) {
  std::int64_t units = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (units >= offset) return at;
    const text::Character character = text::character_at(text, at);
    units += character.value > 0xFFFF ? 2 : 1;
    at = character.end();
  }
  return text.size();
}

std::string mark_of(const Json& claim) {
  std::string mark;
  if (const Json* sources = claim.find("sources"); sources != nullptr && sources->as_array() != nullptr) {
    for (const Json& source : *sources->as_array()) mark += fmt::format("[{}]", source.dump());
  }
  if (claim.text_or("check") == "needed") mark += "【要確認】";
  return mark;
}

/// The answer with the marks of its sentences, put where no table and no emphasis breaks.
std::string marked_answer(const StoredTurn& turn) {
  std::string answer = turn.answer;
  if (turn.claims.as_array() == nullptr) return answer;
  std::vector<std::pair<std::size_t, std::string>> marks;
  for (const Json& claim : *turn.claims.as_array()) {
    const std::string_view head = std::string_view(answer).substr(0, byte_of_utf16(answer, claim.int_or("end")));
    const std::size_t last = head.find_last_not_of(" \t\r\n|");
    marks.emplace_back(last == std::string_view::npos ? head.size() : last + 1, mark_of(claim));
  }
  std::stable_sort(marks.begin(), marks.end(), [](const auto& left, const auto& right) { return left.first > right.first; });
  for (const auto& [at, mark] : marks) answer.insert(at, mark);
  return answer;
}

std::string source_line(const Json& source) {
  std::string line = fmt::format("出典{}：{}", source.int_or("number"), source.text_or("document_name"));
  if (const std::string path = source.text_or("path"); !path.empty()) line += "　" + path;
  if (const std::int64_t page = source.int_or("page"); page > 0) line += fmt::format("　{}ページ", page);
  return line + fmt::format("（書架　{}）", source.text_or("shelf_name"));
}

std::string state_text(const StoredTurn& turn) {
  if (turn.state == "done") return turn.summary.bool_or("not_found") ? "資料には見当たりません" : "回答済み";
  if (turn.state == "running") return "回答中";
  return turn.state == "stopped" ? "停止（途中まで）" : "失敗（途中まで）";
}

ExportTurn export_turn(const StoredTurn& turn, const gate::Policy& policy) {
  ExportTurn out{turn.question, marked_answer(turn), {}, {}};
  const std::int64_t created = turn.summary.int_or("created_ms", turn.created_ms);
  out.facts = {{"状態", state_text(turn)},
               {"格付", policy.rule(turn.label.level()).name},
               {"モデル", turn.summary.text_or("model")},
               {"作成", time_text(created)}};
  if (turn.mode == Mode::kNone) {
    out.facts.emplace_back("照合", "資料を使わずに答えました（出典なし）");
  } else {
    out.facts.emplace_back("照合", fmt::format("裏付けあり {}文、要確認 {}文", turn.summary.int_or("supported"), turn.summary.int_or("needs_check")));
  }
  if (turn.sources.as_array() != nullptr) {
    for (const Json& source : *turn.sources.as_array()) out.sources.push_back(source_line(source));
  }
  return out;
}

std::string markdown_of(const ExportTalk& talk) {
  std::string text = fmt::format("# {}\n\n- 格付：{}\n- 書き出し：{}\n", talk.title, talk.level, talk.made);
  for (std::size_t i = 0; i < talk.turns.size(); ++i) {
    const ExportTurn& turn = talk.turns[i];
    text += fmt::format("\n## 問{}\n\n{}\n\n### 答\n\n{}\n\n", i + 1, turn.question, turn.answer);
    for (const auto& [name, value] : turn.facts) text += fmt::format("- {}：{}\n", name, value);
    for (const std::string& source : turn.sources) text += "- " + source + "\n";
  }
  return text;
}

/// A cell of CSV. What a spreadsheet would take for a formula becomes text (OWASP, CSV injection); numbers stay numbers.
std::string cell(std::string text) {
  const bool formula = !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  const bool number = text.size() > 1 && text.find_first_not_of("0123456789.,", 1) == std::string::npos;
  if (formula && !(number && (text.front() == '-' || text.front() == '+'))) text.insert(text.begin(), '\'');
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string csv_line(const Row& row) {
  std::string line;
  for (const std::string& text : row) (line += line.empty() ? "" : ",") += cell(text);
  return line + "\r\n";
}

std::string joined(const std::vector<std::string>& lines) { return fmt::format("{}", fmt::join(lines, "\n")); }

std::string fact(const ExportTurn& turn, std::string_view name) {
  const auto found = std::find_if(turn.facts.begin(), turn.facts.end(), [&](const auto& one) { return one.first == name; });
  return found == turn.facts.end() ? "" : found->second;
}

std::string csv_of_turns(const ExportTalk& talk) {
  std::string csv = csv_line({"番号", "題名", "質問", "回答", "状態", "格付", "モデル", "作成", "照合", "出典"});
  for (std::size_t i = 0; i < talk.turns.size(); ++i) {
    const ExportTurn& turn = talk.turns[i];
    csv += csv_line({std::to_string(i + 1), talk.title, turn.question, turn.answer, fact(turn, "状態"), fact(turn, "格付"), fact(turn, "モデル"),
                     fact(turn, "作成"), fact(turn, "照合"), joined(turn.sources)});
  }
  return csv;
}

std::string plain(const std::string& markdown) {
  std::string text;
  for (const MarkdownRun& run : markdown_runs(markdown)) text += run.text;
  return text;
}

/// The tables of one answer, and under them what every export says; empty where there is no table.
std::string csv_of_tables(const ExportTurn& turn) {
  std::string csv;
  for (const MarkdownBlock& block : markdown_blocks(turn.answer)) {
    if (block.kind != MarkdownBlock::Kind::kTable) continue;
    if (!csv.empty()) csv += "\r\n";
    for (Row row : block.rows) {
      for (std::string& text : row) text = plain(text);
      csv += csv_line(row);
    }
  }
  if (csv.empty()) return csv;
  csv += "\r\n";
  for (const auto& [name, value] : turn.facts) csv += csv_line({name, value});
  for (const std::string& source : turn.sources) csv += csv_line({source});
  return csv;
}

ExportedFile csv_file(const std::string& csv, ExportForm form) {
  if (form == ExportForm::kCsvUtf8) return {std::string(kBom) + csv, "text/csv; charset=utf-8", "csv", {}};
  text::EncodedCp932 encoded = text::encode_cp932(csv);
  return {std::move(encoded.bytes), "text/csv; charset=windows-31j", "csv", std::move(encoded.missing)};
}

}  // namespace

Result<ExportForm> export_form_named(std::string_view name) {
  if (name == "md") return ExportForm::kMarkdown;
  if (name == "docx") return ExportForm::kDocx;
  if (name == "csv") return ExportForm::kCsvUtf8;
  if (name == "csv-cp932") return ExportForm::kCsvCp932;
  return fail(ErrorCode::kInvalid, "form: must be md, docx, csv or csv-cp932");
}

ExportTalk export_talk(std::string title, const gate::Label& label, const std::vector<StoredTurn>& turns, const gate::Policy& policy,
                       std::int64_t now_ms) {
  ExportTalk talk{std::move(title), policy.rule(label.level()).name, time_text(now_ms), {}};
  for (const StoredTurn& turn : turns) talk.turns.push_back(export_turn(turn, policy));
  return talk;
}

ExportedFile export_file(const ExportTalk& talk, ExportForm form) {
  if (form == ExportForm::kMarkdown) return {markdown_of(talk), "text/markdown; charset=utf-8", "md", {}};
  if (form == ExportForm::kDocx) return {docx_of(talk), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx", {}};
  return csv_file(csv_of_turns(talk), form);
}

ExportedFile export_answer_file(const ExportTalk& talk, ExportForm form) {
  const bool csv = form == ExportForm::kCsvUtf8 || form == ExportForm::kCsvCp932;
  if (!csv || talk.turns.empty()) return export_file(talk, form);
  const std::string tables = csv_of_tables(talk.turns.front());
  return tables.empty() ? export_file(talk, form) : csv_file(tables, form);
}

}  // namespace sekisho::chat
