#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "process/extract_protocol.h"
#include "process/sandbox.h"

/// Documents made for tests, and the real sekisho-extract to read them.
namespace sekisho::worker::testing {

/// What the worker said about one document.
struct Told {
  process::SealReport seal;
  std::vector<process::extract::Page> pages;
  std::vector<process::extract::Note> notes;
  std::optional<process::extract::End> end;
  std::optional<process::extract::Note> failure;
  std::string ended;  ///< How the process ended: "exit 0".

  [[nodiscard]] std::string text() const;  ///< Of all pages.
  [[nodiscard]] bool noted(std::string_view code, std::int64_t page = -1) const;
};

/// Starts sekisho-extract in its seal, as the server does, and collects all it says.
[[nodiscard]] Told read_by_worker(std::string_view bytes, const std::string& file_name, const std::string& encoding = "",
                                  const std::string& password = "");

/// The picture of a page that sekisho-extract draws in its seal, or why there is none.
[[nodiscard]] tl::expected<std::string, process::extract::Note> draw_by_worker(std::string_view bytes, const process::extract::ImageRequest& request);

/// Reads in this process and without a seal, for thousands of documents that must end no process.
[[nodiscard]] Told read_here(std::string_view bytes, const std::string& file_name, const std::string& password = "");

/// testing/locked.pdf: one page 「秘密の会議は三時から。」 in 128-bit RC4, user password "secret" (made with pypdf from pdf_of).
[[nodiscard]] std::string locked_pdf();

/// A zip archive; members are deflated. `first` stands before them and is not.
[[nodiscard]] std::string zip_of(const std::map<std::string, std::string>& members, const std::pair<std::string, std::string>& first = {});

/// A workbook of one or more sheets: the content of each one's <worksheet>, by its name; `parts` adds or replaces members.
[[nodiscard]] std::string xlsx_of(const std::vector<std::pair<std::string, std::string>>& sheets, std::map<std::string, std::string> parts = {});
/// A presentation with these shapes (p:sp, p:graphicFrame) on its slides.
[[nodiscard]] std::string pptx_of(const std::vector<std::string>& slides, std::map<std::string, std::string> parts = {});
/// A text box with a paragraph a line; `placeholder` is "title", "body" or "".
[[nodiscard]] std::string shape(const std::vector<std::string>& paragraphs, std::string_view placeholder = "", int x = 0, int y = 0);
/// An OpenDocument: "text", "spreadsheet" or "presentation", the content of its office:body's child, and automatic styles.
[[nodiscard]] std::string odf_of(const std::string& type, std::string_view content, std::string_view styles = "");
/// testing/office.doc and testing/office.xls: documents of ours that LibreOffice 7.4 saved in these formats.
[[nodiscard]] std::string office_file(const std::string& name);
/// An OLE2 compound file with these streams; storages are written "folder/stream".
[[nodiscard]] std::string compound_of(const std::map<std::string, std::string>& streams);

/// A docx with this inside w:body, and further parts ("word/styles.xml", …).
[[nodiscard]] std::string docx_of(std::string_view body, std::map<std::string, std::string> parts = {});
/// <w:p><w:r><w:t>text</w:t></w:r></w:p>
[[nodiscard]] std::string paragraph(std::string_view text, std::string_view style = "");

/// A PDF with these content streams as its pages. The fonts /H and /V are MS-Mincho in 90ms-RKSJ, horizontal and vertical,
/// not embedded: the reader needs the tables of poppler-data. The table of /G is broken: A to Z read as rare kanji. `trailer` goes into the trailer dictionary.
[[nodiscard]] std::string pdf_of(const std::vector<std::string>& contents, std::string_view trailer = "");
/// The operators that show CP932 text at a place: points, origin at the lower left.
[[nodiscard]] std::string shown(std::string_view utf8, double x, double y, double size = 10.5, char font = 'H');

}  // namespace sekisho::worker::testing
