#include "worker/extract_readers.h"

#include <algorithm>

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include "base/limits.h"
#include "worker/extract_ocr.h"
#include "worker/extract_type.h"

namespace sekisho::worker {
namespace {

void say_nothing(void*, const char*, ...) {}

Outcome read_as(const DocumentType& type, std::string_view bytes, const Request& request, ExtractOutput& output) {
  switch (type.kind) {
    case DocumentKind::kEmpty: return cannot_read("empty_file", "0 bytes");
    case DocumentKind::kPdf: return read_pdf(bytes, request, output);
    case DocumentKind::kDocx: return read_docx(bytes, request, output);
    case DocumentKind::kText:
    case DocumentKind::kMarkdown: return read_text(bytes, type.kind, request, output);
    case DocumentKind::kCsv:
    case DocumentKind::kTsv: return read_table(bytes, type.kind, request, output);
    case DocumentKind::kHtml: return read_html(bytes, request, output);
    case DocumentKind::kXlsx: return read_xlsx(bytes, request, output);
    case DocumentKind::kPptx: return read_pptx(bytes, request, output);
    case DocumentKind::kOdt:
    case DocumentKind::kOds:
    case DocumentKind::kOdp: return read_odf(bytes, type.kind, request, output);
    case DocumentKind::kMail: return read_mail(bytes, request, output);
    case DocumentKind::kArchive: return read_archive(bytes, request, output);
    case DocumentKind::kRtf: return read_rtf(bytes, request, output);
    case DocumentKind::kLaw:
    case DocumentKind::kXml: return read_xml_document(bytes, type.kind, request, output);
    case DocumentKind::kJson: return read_json(bytes, request, output);
    case DocumentKind::kAozora: return read_aozora(bytes, request, output);
    case DocumentKind::kXls: return read_xls(bytes, request, output);
    case DocumentKind::kDoc: return read_doc(bytes, request, output);
    case DocumentKind::kPpt: return read_ppt(bytes, request, output);
    case DocumentKind::kMessage: return read_message(bytes, request, output);
    case DocumentKind::kPicture: return read_picture(bytes, request, output);
    case DocumentKind::kUnsupported: break;
  }
  if (type.name == "ooxml_encrypted") return cannot_read("encrypted", "an office document with a password");
  return cannot_read("unsupported", type.name);
}

}  // namespace

void prepare_readers(Task task) {
  xmlInitParser();
  xmlSetGenericErrorFunc(nullptr, say_nothing);
  prepare_pdf(task);
  prepare_ocr();
}

Outcome read_document(std::string_view bytes, const Request& request, ExtractOutput& output) {
  if (bytes.size() > limits::kDocumentBytes) return cannot_read("too_large", "more bytes than a document may have");
  const DocumentType type = document_type(bytes, request.file_name);
  Outcome outcome = read_as(type, bytes, request, output);
  if (outcome) outcome->pages = std::min(outcome->pages, static_cast<std::int64_t>(limits::kDocumentPages));
  return outcome;
}

}  // namespace sekisho::worker
