#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "process/frame.h"

/// What the server and `sekisho-extract` say to each other. One document, then the worker ends. Payloads are JSON.
namespace sekisho::process::extract {

enum class MessageType : std::uint16_t {
  kExtract = 1,  ///< server → worker: Request, once. The document is on kInputFd.
  kDraw = 2,     ///< server → worker, instead of kExtract where it was started with the argument "draw": ImageRequest, once.
  kSealed = 20,  ///< worker → server: SealReport, before kExtract is read.
  kPage = 21,    ///< Page, in order.
  kNote = 22,    ///< {"page":n,"code":…,"detail":…}: something could not be read (page 0: the whole document).
  kEnd = 23,     ///< End: the last message of a success.
  kImage = 25,   ///< The answer to kDraw: the bytes of a PNG, not JSON.
  kFailed = 24,  ///< {"code":…,"detail":…}: the document cannot be read at all.
};

struct Request {
  std::string file_name;      ///< For the extension only; never opened.
  std::string encoding;       ///< "" = find out; else "utf-8", "cp932", "euc-jp", "iso-2022-jp", "utf-16le", "utf-16be".
  std::string password;
};

/// The picture of one page that is wanted.
struct ImageRequest {
  std::string file_name;  ///< As in Request.
  std::string password;
  std::int64_t page = 1;
  std::string marked;     ///< A passage of the document: its words on the page are marked. "" = none.
};

/// One page (PDF), or one section of a format without pages: docx and text count as one page a 'page', CSV as one a table, a sheet or slide as
/// one. Documents within a document (attachments, members of an archive) have the pages after it.
struct Page {
  std::int64_t number = 1;        ///< From 1.
  std::string label;              ///< "" or what a person calls it: 「シート「歳出」」, 「スライド3」, 「添付「報告.xlsx」／シート「表」」.
  std::string text;               ///< UTF-8, paragraphs separated by one line break, headings on a line of their own.
  std::vector<std::int64_t> heading_lines;  ///< Indices of lines (from 0) that the format itself marks as headings.
  std::vector<std::int64_t> heading_levels; ///< Of each, from 1.
  std::int64_t confidence = -1;   ///< Of text that was recognised in a picture (OCR): 0 to 100, of its characters on average. -1: it was text already.
};

/// Codes of kNote and kFailed: what the page says in Japanese is made from these.
///   empty_page, image_only (a picture, and this machine has no OCR or it took too long), ocr (recognised in a picture; its confidence in detail),
///   ocr_low (the same with little confidence), ocr_unread (a picture in which nothing could be made out),
///   garbled (text layer unreadable), encrypted, damaged, too_large,
///   bomb (unpacks to more than allowed), unsupported (kind named in detail: "ichitaro", "docuworks", "oasys", …),
///   empty_file, hidden_text, unmapped_characters, macros_ignored, truncated, comments_ignored, changes_accepted (tracked
///   changes were read as if accepted), hidden_sheets (their names in detail), hidden_rows, hidden_columns (how many), hidden_slides,
///   font_missing (a page cannot be drawn: it needs fonts that neither it nor the machine has),
///   inner_unread (a document within the document; its name and why in detail).
struct Note {
  std::int64_t page = 0;
  std::string code;
  std::string detail;
};

struct End {
  /// "pdf", "docx", "doc", "xlsx", "xls", "pptx", "ppt", "odt", "ods", "odp", "rtf", "text", "markdown", "aozora", "csv", "html", "mail", "msg", "zip", "law", "xml", "json", "image".
  std::string kind;
  std::string encoding;    ///< Of text formats, as read.
  std::string title;       ///< From the document, or "".
  std::int64_t pages = 0;
};

[[nodiscard]] Json to_json(const Request& value);
[[nodiscard]] Json to_json(const ImageRequest& value);
[[nodiscard]] Json to_json(const Page& value);
[[nodiscard]] Json to_json(const Note& value);
[[nodiscard]] Json to_json(const End& value);
[[nodiscard]] Result<Request> request(const Json& json);
[[nodiscard]] Result<ImageRequest> image_request(const Json& json);
[[nodiscard]] Result<Page> page(const Json& json);
[[nodiscard]] Result<Note> note(const Json& json);
[[nodiscard]] Result<End> end(const Json& json);

}  // namespace sekisho::process::extract
