#include "worker/extract_type.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "text/encoding.h"
#include "worker/extract_raster.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kLook = 64 * 1024;

struct Magic {
  std::string_view bytes;
  std::string_view name;
};
using namespace std::string_view_literals;
constexpr std::array kMagics = std::to_array<Magic>({{"MZ"sv, "program"},
                                                     {"\x7F" "ELF"sv, "program"},
                                                     {"7z\xBC\xAF\x27\x1C"sv, "archive"},
                                                     {"\x1F\x8B"sv, "archive"},
                                                     {"Rar!"sv, "archive"},
                                                     {"BZh"sv, "archive"},
                                                     {"\xFD" "7zXZ"sv, "archive"},
                                                     {"PK\x05\x06"sv, "archive"},
                                                     {"ID3"sv, "media"},
                                                     {"RIFF"sv, "media"},
                                                     {"GGUF"sv, "binary"},
                                                     {"SQLite format 3"sv, "binary"},
                                                     {"\x60\x0E"sv, "docuworks"}});

struct Extension {
  std::string_view extension;
  std::string_view name;
};
/// Formats of Japanese offices that are told by their extension where their bytes have no public signature.
constexpr std::array kOfficeExtensions = std::to_array<Extension>({{"jtd", "ichitaro"}, {"jtt", "ichitaro"}, {"jtdc", "ichitaro"}, {"jttc", "ichitaro"},
                                                                   {"jfw", "ichitaro"}, {"jvw", "ichitaro"}, {"juw", "ichitaro"}, {"xdw", "docuworks"},
                                                                   {"xbd", "docuworks"}, {"oas", "oasys"},   {"oa2", "oasys"},    {"oa3", "oasys"},
                                                                   {"doc", "doc"},       {"xls", "xls"},     {"ppt", "ppt"},      {"lzh", "archive"}});

std::string extension_of(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  std::string extension(dot == std::string_view::npos ? "" : file_name.substr(dot + 1));
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

bool is_picture_name(std::string_view extension) {
  constexpr std::array<std::string_view, 9> kPictures{"png", "jpg", "jpeg", "gif", "tif", "tiff", "bmp", "webp", "jfif"};
  return std::find(kPictures.begin(), kPictures.end(), extension) != kPictures.end();
}

std::string office_name(std::string_view extension) {
  for (const Extension& known : kOfficeExtensions) {
    if (known.extension == extension) return std::string(known.name);
  }
  return {};
}

std::string in_utf16(std::string_view ascii) {
  std::string wide;
  for (const char c : ascii) {
    wide += c;
    wide += '\0';
  }
  return wide;
}

/// Which format lies in an OLE2 container, by the names of its streams.
DocumentType compound_type(std::string_view bytes, std::string_view extension) {
  struct Stream {
    std::string_view name;
    DocumentKind kind;
    std::string_view format;
  };
  constexpr std::array kStreams = std::to_array<Stream>({{"EncryptedPackage", DocumentKind::kUnsupported, "ooxml_encrypted"},
                                                         {"__properties_version1.0", DocumentKind::kMessage, "msg"},
                                                         {"WordDocument", DocumentKind::kDoc, "doc"},
                                                         {"PowerPoint Document", DocumentKind::kPpt, "ppt"},
                                                         {"Workbook", DocumentKind::kXls, "xls"},
                                                         {"DocumentEditStyles", DocumentKind::kUnsupported, "ichitaro"},
                                                         {"DocumentViewStyles", DocumentKind::kUnsupported, "ichitaro"},
                                                         {"JSRV_SummaryInformation", DocumentKind::kUnsupported, "ichitaro"}});
  const std::string by_extension = office_name(extension);
  if (by_extension == "ichitaro") return {DocumentKind::kUnsupported, by_extension};
  for (const Stream& stream : kStreams) {
    if (bytes.find(in_utf16(stream.name)) != std::string_view::npos) return {stream.kind, std::string(stream.format)};
  }
  return {DocumentKind::kUnsupported, by_extension.empty() ? "binary" : by_extension};
}

/// Which format lies in a zip, by the names of its members as they stand in the central directory at its end.
DocumentType zip_type(std::string_view bytes) {
  if (bytes.substr(0, 128).find("mimetypeapplication/vnd.oasis.opendocument.") != std::string_view::npos) {
    const std::string_view head = bytes.substr(0, 128);
    if (head.find("spreadsheet") != std::string_view::npos) return {DocumentKind::kOds, "ods"};
    if (head.find("presentation") != std::string_view::npos) return {DocumentKind::kOdp, "odp"};
    if (head.find("opendocument.text") != std::string_view::npos) return {DocumentKind::kOdt, "odt"};
    return {DocumentKind::kUnsupported, "binary"};
  }
  if (bytes.substr(0, 128).find("mimetypeapplication/epub+zip") != std::string_view::npos) return {DocumentKind::kUnsupported, "epub"};
  constexpr std::size_t kDirectory = 4 * 1024 * 1024;  // Names of 20,000 members and more.
  const std::string_view tail = bytes.substr(bytes.size() > kDirectory ? bytes.size() - kDirectory : 0);
  if (tail.find("word/document") != std::string_view::npos) return {DocumentKind::kDocx, "docx"};
  if (tail.find("xl/workbook") != std::string_view::npos) return {DocumentKind::kXlsx, "xlsx"};
  if (tail.find("ppt/presentation") != std::string_view::npos) return {DocumentKind::kPptx, "pptx"};
  return {DocumentKind::kArchive, "zip"};
}

bool starts_with_no_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  return std::equal(lower.begin(), lower.end(), text.begin(), [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

bool contains_no_case(std::string_view text, std::string_view lower) {
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(),
                     [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; }) != text.end();
}

/// Whether the first lines are the header of a mail: fields that only mail has.
bool is_mail(std::string_view text, std::string_view extension) {
  constexpr std::array<std::string_view, 8> kFields{"from", "to", "subject", "date", "message-id", "mime-version", "received", "return-path"};
  std::size_t fields = 0;
  bool technical = false;
  for (std::size_t lines = 0; lines < 100 && !text.empty(); ++lines) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line == "\r") break;
    if (line[0] == ' ' || line[0] == '\t') continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.substr(0, colon).find_first_of(" \t") != std::string_view::npos) break;
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      if (colon != kFields[i].size() || !starts_with_no_case(line, kFields[i])) continue;
      ++fields;
      technical = technical || i >= 4;
    }
  }
  const bool named = extension == "eml" || extension == "mht" || extension == "mhtml";
  return named ? fields >= 1 : fields >= 3 && technical;
}

/// 青空文庫: notes ［＃…］ and ruby 《…》 in numbers, or the legend that explains them.
bool is_aozora(std::string_view text) {
  if (text.find("【テキスト中に現れる記号について】") != std::string_view::npos) return true;
  std::size_t ruby = 0;
  for (std::size_t at = text.find("《"); at != std::string_view::npos; at = text.find("《", at + 1)) ++ruby;
  return text.find("［＃") != std::string_view::npos && ruby >= 1;
}

DocumentType text_type(std::string_view bytes, std::string_view extension) {
  const text::Decoded decoded = text::decode(bytes.substr(0, kLook));
  std::size_t controls = 0;
  for (const char c : decoded.text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\x1A' && c != '\x1B') ++controls;
  }
  if ((controls + decoded.undecodable) * 10 > decoded.text.size()) return {DocumentKind::kUnsupported, "binary"};
  std::string_view text = decoded.text;
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  const bool is_html = starts_with_no_case(text, "<!doctype html") || starts_with_no_case(text, "<html") ||
                       (starts_with_no_case(text, "<") && contains_no_case(text.substr(0, 4096), "<html"));
  if (is_html) return {DocumentKind::kHtml, "html"};
  if (starts_with_no_case(text, "<?xml") || text.starts_with("<Law")) {
    return text.find("<Law ") != std::string_view::npos || text.find("<Law>") != std::string_view::npos ? DocumentType{DocumentKind::kLaw, "law"} : DocumentType{DocumentKind::kXml, "xml"};
  }
  if ((extension == "html" || extension == "htm" || extension == "xhtml") && text.find('<') != std::string_view::npos) return {DocumentKind::kHtml, "html"};
  if (is_mail(text, extension)) return {DocumentKind::kMail, "mail"};
  if (extension == "json" || extension == "jsonl" || extension == "geojson") return {DocumentKind::kJson, "json"};
  if (extension == "md" || extension == "markdown") return {DocumentKind::kMarkdown, "markdown"};
  if (extension == "csv") return {DocumentKind::kCsv, "csv"};
  if (extension == "tsv" || extension == "tab") return {DocumentKind::kTsv, "csv"};
  if (const std::string name = office_name(extension); name == "oasys" || name == "docuworks") return {DocumentKind::kUnsupported, name};
  if (is_aozora(text)) return {DocumentKind::kAozora, "aozora"};
  return {DocumentKind::kText, "text"};
}

}  // namespace

DocumentType document_type(std::string_view bytes, std::string_view file_name) {
  if (bytes.empty()) return {DocumentKind::kEmpty, ""};
  const std::string extension = extension_of(file_name);
  // Readers accept rubbish before the mark; a text that merely speaks of it is no PDF.
  const std::size_t mark = bytes.substr(0, 1024).find("%PDF-");
  if (mark == 0 || (mark != std::string_view::npos && extension == "pdf")) return {DocumentKind::kPdf, "pdf"};
  if (bytes.starts_with("PK\x03\x04")) return zip_type(bytes);
  if (bytes.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) return compound_type(bytes, extension);
  if (std::string format = ImageFile::format_of(bytes); !format.empty()) return {DocumentKind::kPicture, std::move(format)};
  if (bytes.substr(0, 12).ends_with("ftypheic") || bytes.substr(0, 12).ends_with("ftypmif1") || bytes.substr(0, 12).ends_with("ftypavif")) return {DocumentKind::kUnsupported, "image"};
  if (bytes.starts_with("{\\rtf")) return {DocumentKind::kRtf, "rtf"};
  for (const Magic& magic : kMagics) {
    // Two letters are no proof: a text may begin with MZ.
    const bool plain = magic.bytes.size() == 2 && bytes.substr(0, 512).find('\0') == std::string_view::npos;
    if (bytes.starts_with(magic.bytes) && !plain) return {DocumentKind::kUnsupported, std::string(magic.name)};
  }
  DocumentType type = text_type(bytes, extension);
  if (type.name == "binary") {
    if (const std::string name = office_name(extension); !name.empty()) type.name = name;
    // A PDF, docx or picture that lost its beginning is a broken one, not a foreign one; its reader says so.
    if (extension == "pdf") return {DocumentKind::kPdf, "pdf"};
    if (extension == "docx") return {DocumentKind::kDocx, "docx"};
    if (extension == "xlsx") return {DocumentKind::kXlsx, "xlsx"};
    if (extension == "pptx") return {DocumentKind::kPptx, "pptx"};
    if (is_picture_name(extension)) return {DocumentKind::kPicture, extension};
  }
  return type;
}

}  // namespace sekisho::worker
