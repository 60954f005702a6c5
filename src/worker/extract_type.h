#pragma once

#include <string>
#include <string_view>

namespace sekisho::worker {

enum class DocumentKind {
  kEmpty, kPdf, kDocx, kXlsx, kPptx, kOdt, kOds, kOdp, kText, kMarkdown, kAozora, kCsv, kTsv, kHtml, kMail, kRtf, kLaw, kXml, kJson, kArchive,
  kXls, kDoc, kPpt, kMessage, kPicture, kUnsupported
};

struct DocumentType {
  DocumentKind kind = DocumentKind::kUnsupported;
  /// Of kUnsupported: "ichitaro", "docuworks", "oasys", "doc", "xls", "ppt", "epub", "image", "archive", "program", "media",
  /// "ooxml_encrypted", "binary".
  std::string name;
};

/// Finds out what a document is: by its content first, by the extension of `file_name` where the content is plain text
/// or tells nothing. Never opens the members of an archive. Threads: pure.
[[nodiscard]] DocumentType document_type(std::string_view bytes, std::string_view file_name);

}  // namespace sekisho::worker
