#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "chat/conversation.h"
#include "gate/policy.h"
#include "text/encoding.h"

/// Conversations and answers as files that leave Sekisho, with sources, label, model and time in them. Whoever calls has been admitted
/// to gate::Destination::exported(). Threads: pure.
namespace sekisho::chat {

enum class ExportForm {
  kMarkdown,
  kDocx,
  kCsvUtf8,   ///< With a byte order mark, so that Excel knows.
  kCsvCp932,  ///< What it cannot hold becomes 〓 and is told.
};
/// "md", "docx", "csv", "csv-cp932". Errors: kInvalid.
[[nodiscard]] Result<ExportForm> export_form_named(std::string_view name);

struct ExportedFile {
  std::string bytes;
  std::string media_type;
  std::string extension;                   ///< "docx".
  std::vector<text::Unencodable> missing;  ///< Characters that are not in it.
};

/// One turn in words: what every form is made of.
struct ExportTurn {
  std::string question;
  std::string answer;  ///< Markdown; each sentence with its sources "[1]", or "【要確認】".
  std::vector<std::pair<std::string, std::string>> facts;  ///< 「格付」, 「モデル」, 「作成」, 「照合」, 「状態」.
  std::vector<std::string> sources;                        ///< 「出典1：旅費規則　第4条　3ページ（書架　例規集）」
};
struct ExportTalk {
  std::string title;
  std::string level;  ///< The name of the highest level in it.
  std::string made;   ///< When it was written out.
  std::vector<ExportTurn> turns;
};
[[nodiscard]] ExportTalk export_talk(std::string title, const gate::Label& label, const std::vector<StoredTurn>& turns, const gate::Policy& policy,
                                     std::int64_t now_ms);

/// The whole conversation, a row a turn in CSV.
[[nodiscard]] ExportedFile export_file(const ExportTalk& talk, ExportForm form);
/// One answer; in CSV its tables, where it has some.
[[nodiscard]] ExportedFile export_answer_file(const ExportTalk& talk, ExportForm form);

/// export_docx.cc
[[nodiscard]] std::string docx_of(const ExportTalk& talk);

}  // namespace sekisho::chat
