#include "worker/extract_readers.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include "base/limits.h"
#include "worker/extract_type.h"

namespace sekisho::worker {
namespace {

void say_nothing(void*, const char*, ...) {}

}  // namespace

void prepare_readers() {
  xmlInitParser();
  xmlSetGenericErrorFunc(nullptr, say_nothing);
  prepare_pdf();
}

Outcome read_document(std::string_view bytes, const Request& request, ExtractOutput& output) {
  if (bytes.size() > limits::kDocumentBytes) return cannot_read("too_large", "more bytes than a document may have");
  const DocumentType type = document_type(bytes, request.file_name);
  switch (type.kind) {
    case DocumentKind::kEmpty: return cannot_read("empty_file", "0 bytes");
    case DocumentKind::kPdf: return read_pdf(bytes, request, output);
    case DocumentKind::kDocx: return read_docx(bytes, request, output);
    case DocumentKind::kText:
    case DocumentKind::kMarkdown: return read_text(bytes, type.kind, request, output);
    case DocumentKind::kCsv:
    case DocumentKind::kTsv: return read_table(bytes, type.kind, request, output);
    case DocumentKind::kHtml: return read_html(bytes, request, output);
    case DocumentKind::kUnsupported: break;
  }
  if (type.name == "ooxml_encrypted") return cannot_read("encrypted", "an office document with a password");
  return cannot_read("unsupported", type.name);
}

}  // namespace sekisho::worker
