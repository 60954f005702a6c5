#pragma once

#include <string_view>

#include "worker/extract_output.h"
#include "worker/extract_type.h"

/// One reader a format. Each takes the whole document and sends its text to `output` in reading order; what a reader
/// cannot make out it notes, and it fails only where nothing at all can be read. Hostile input costs time and memory
/// within the limits of base/limits.h, or the worker's life. Threads: one a process.
namespace sekisho::worker {

/// What a worker is started for.
enum class Task { kRead, kDraw };

/// What must be done before the seal closes the file system, and silences the libraries: their complaints quote the document.
void prepare_readers(Task task);
/// Of them poppler's part: character converters; fonts of the system for drawing alone.
void prepare_pdf(Task task);

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

/// xlsx: a sheet a page, cells as they are displayed (extract_grid.h makes lines of them), text boxes after them; hidden rows, columns
/// and sheets left out and noted, furigana, formulas and links to other files left out.
[[nodiscard]] Outcome read_xlsx(std::string_view bytes, const Request& request, ExtractOutput& output);

/// pptx: a slide a page, title first, then from above; tables as rows; the speaker's notes below 「ノート」. Hidden slides are left out and noted.
[[nodiscard]] Outcome read_pptx(std::string_view bytes, const Request& request, ExtractOutput& output);

/// odt, ods, odp, as their Microsoft relatives.
[[nodiscard]] Outcome read_odf(std::string_view bytes, DocumentKind kind, const Request& request, ExtractOutput& output);

/// A mail (RFC 5322 and MIME): head, then its text, then what is attached, each through its own reader (extract_inner.h).
[[nodiscard]] Outcome read_mail(std::string_view bytes, const Request& request, ExtractOutput& output);

/// A zip archive: its members in order of their names, each through its own reader.
[[nodiscard]] Outcome read_archive(std::string_view bytes, const Request& request, ExtractOutput& output);

/// RTF: text, tables, headings by outline level; CP932 and \u; pictures and objects left out.
[[nodiscard]] Outcome read_rtf(std::string_view bytes, const Request& request, ExtractOutput& output);

/// XML: a law of e-Gov (kLaw) with a line for each article, paragraph and item, without its table of contents; any other as 「名前: 値」.
[[nodiscard]] Outcome read_xml_document(std::string_view bytes, DocumentKind kind, const Request& request, ExtractOutput& output);

/// JSON, or a JSON value a line: objects of plain values as one line of 「名前: 値」.
[[nodiscard]] Outcome read_json(std::string_view bytes, const Request& request, ExtractOutput& output);

/// A text of 青空文庫: without ruby, headings by its notes, missing characters (外字) by their code or description.
[[nodiscard]] Outcome read_aozora(std::string_view bytes, const Request& request, ExtractOutput& output);

/// xls (BIFF8), as xlsx.
[[nodiscard]] Outcome read_xls(std::string_view bytes, const Request& request, ExtractOutput& output);

/// doc (Word 97 and later): text and tables' cells, without formats.
[[nodiscard]] Outcome read_doc(std::string_view bytes, const Request& request, ExtractOutput& output);

/// ppt (PowerPoint 97 and later): the texts of its slides in order.
[[nodiscard]] Outcome read_ppt(std::string_view bytes, const Request& request, ExtractOutput& output);

/// A picture (PNG, JPEG, TIFF with its pages, BMP, WebP, GIF): the text that is recognised in it.
[[nodiscard]] Outcome read_picture(std::string_view bytes, const Request& request, ExtractOutput& output);

/// msg (Outlook), as mail.
[[nodiscard]] Outcome read_message(std::string_view bytes, const Request& request, ExtractOutput& output);

/// HTML: headings, lists, tables; scripts, styles and what is hidden left out. Nothing is ever fetched.
[[nodiscard]] Outcome read_html(std::string_view bytes, const Request& request, ExtractOutput& output);

}  // namespace sekisho::worker
