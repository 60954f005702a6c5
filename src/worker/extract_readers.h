#pragma once

#include <string_view>

#include "worker/extract_output.h"
#include "worker/extract_type.h"

/// One reader a format. Each takes the whole document and sends its text to `output` in reading order; what a reader
/// cannot make out it notes, and it fails only where nothing at all can be read. Hostile input costs time and memory
/// within the limits of base/limits.h, or the worker's life. Threads: one a process.
namespace sekisho::worker {

/// What must be done before the seal closes the file system, and silences the libraries: their complaints quote the document.
void prepare_readers();
/// Of them poppler's part: character converters, no fonts of the system.
void prepare_pdf();

/// Finds out the type and calls the reader for it. Codes of failure: as process/extract_protocol.h lists them.
[[nodiscard]] Outcome read_document(std::string_view bytes, const Request& request, ExtractOutput& output);

/// PDF: paragraphs per page, larger type as headings, spaces of typesetting removed, page numbers and ruby left out.
[[nodiscard]] Outcome read_pdf(std::string_view bytes, const Request& request, ExtractOutput& output);

/// docx: insertions in, deletions, comments, headers and footers out, ruby out, numbering written out, tables as rows of
/// cells separated by tabs, pages where Word last broke them.
[[nodiscard]] Outcome read_docx(std::string_view bytes, const Request& request, ExtractOutput& output);

/// Plain text and Markdown. Lines of a wrapped text are joined; a form feed begins a page.
[[nodiscard]] Outcome read_text(std::string_view bytes, DocumentKind kind, const Request& request, ExtractOutput& output);

/// CSV and TSV. Where there is a header, each record becomes one line of 「列名: 値」 pairs, so that a passage cut anywhere
/// still says what its figures are (a question names columns, and a search hit must show them); else cells and tabs.
[[nodiscard]] Outcome read_table(std::string_view bytes, DocumentKind kind, const Request& request, ExtractOutput& output);

/// HTML: headings, lists, tables; scripts, styles and what is hidden left out. Nothing is ever fetched.
[[nodiscard]] Outcome read_html(std::string_view bytes, const Request& request, ExtractOutput& output);

}  // namespace sekisho::worker
