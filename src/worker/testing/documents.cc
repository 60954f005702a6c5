#include "worker/testing/documents.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zip.h>

#include "base/limits.h"
#include "process/channel.h"
#include "process/spawn.h"
#include "text/encoding.h"
#include "worker/extract_readers.h"

namespace sekisho::worker::testing {
namespace {

using process::Frame;
using process::extract::MessageType;

void take(Told& told, const Frame& frame) {
  const auto json = Json::parse(frame.payload, limits::kFrameBytes);
  ASSERT_TRUE(json.has_value());
  switch (static_cast<MessageType>(frame.type)) {
    case MessageType::kPage: {
      auto page = process::extract::page(*json);
      ASSERT_TRUE(page.has_value()) << page.error().detail;
      told.pages.push_back(std::move(*page));
      break;
    }
    case MessageType::kNote: {
      auto note = process::extract::note(*json);
      ASSERT_TRUE(note.has_value()) << note.error().detail;
      told.notes.push_back(std::move(*note));
      break;
    }
    case MessageType::kEnd: {
      auto end = process::extract::end(*json);
      ASSERT_TRUE(end.has_value()) << end.error().detail;
      told.end = std::move(*end);
      break;
    }
    case MessageType::kFailed:
      told.failure = process::extract::Note{0, json->text_or("code"), json->text_or("detail")};
      break;
    default:
      FAIL() << "message of type " << frame.type;
  }
}

int file_with(std::string_view bytes) {
  const int fd = ::memfd_create("document", MFD_CLOEXEC);
  EXPECT_GE(fd, 0);
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t count = ::write(fd, bytes.data() + done, bytes.size() - done);
    EXPECT_GT(count, 0);
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  return fd;
}

constexpr std::int64_t kPatience_ms = 120'000;

std::string stream(std::string_view bytes) { return fmt::format("<< /Length {} >>\nstream\n{}\nendstream", bytes.size(), bytes); }

}  // namespace

std::string Told::text() const {
  std::string all;
  for (const auto& page : pages) all += (all.empty() ? "" : "\n") + page.text;
  return all;
}

bool Told::noted(std::string_view code, std::int64_t page) const {
  for (const auto& note : notes) {
    if (note.code == code && (page < 0 || note.page == page)) return true;
  }
  return false;
}

std::string locked_pdf() {
  std::ifstream file(SEKISHO_SOURCE_DIR "/src/worker/testing/locked.pdf", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

namespace {

/// A worker with the document, after its seal was proved; nullptr where that failed.
std::unique_ptr<process::Child> started(std::string_view bytes, const std::vector<std::string>& arguments, process::SealReport& seal) {
  const int fd = file_with(bytes);
  auto child = process::spawn({.program = SEKISHO_EXTRACT_PROGRAM, .arguments = arguments, .input_fd = fd});
  ::close(fd);
  EXPECT_TRUE(child.has_value());
  if (!child) return nullptr;
  const auto first = (*child)->channel().receive(kPatience_ms);
  EXPECT_TRUE(first && *first && (*first)->type == static_cast<std::uint16_t>(MessageType::kSealed));
  if (!first || !*first) return nullptr;
  const auto report = process::SealReport::from_json(*Json::parse((*first)->payload));
  EXPECT_TRUE(report.has_value());
  if (report) seal = *report;
  return std::move(*child);
}

}  // namespace

tl::expected<std::string, process::extract::Note> draw_by_worker(std::string_view bytes, const process::extract::ImageRequest& request) {
  process::SealReport seal;
  const auto child = started(bytes, {"draw"}, seal);
  if (child == nullptr) return tl::unexpected(process::extract::Note{0, "not_started", ""});
  EXPECT_TRUE(seal.sealed());
  EXPECT_TRUE(child->channel().send({.type = static_cast<std::uint16_t>(MessageType::kDraw), .id = 0, .payload = to_json(request).dump()}).has_value());
  const auto frame = child->channel().receive(kPatience_ms);
  if (!frame || !*frame) return tl::unexpected(process::extract::Note{0, child->wait(kPatience_ms).value_or("never"), ""});
  if ((*frame)->type == static_cast<std::uint16_t>(MessageType::kImage)) return (*frame)->payload;
  const auto json = Json::parse((*frame)->payload);
  return tl::unexpected(process::extract::Note{0, json->text_or("code"), json->text_or("detail")});
}

Told read_by_worker(std::string_view bytes, const std::string& file_name, const std::string& encoding, const std::string& password) {
  Told told;
  const auto child = started(bytes, {}, told.seal);
  if (child == nullptr) return told;
  process::Channel& channel = child->channel();
  const process::extract::Request request{.file_name = file_name, .encoding = encoding, .password = password};
  EXPECT_TRUE(channel.send({.type = static_cast<std::uint16_t>(MessageType::kExtract), .id = 0, .payload = to_json(request).dump()}).has_value());
  for (;;) {
    const auto frame = channel.receive(kPatience_ms);
    if (!frame || !*frame) break;
    take(told, **frame);
  }
  told.ended = child->wait(kPatience_ms).value_or("never");
  return told;
}

Told read_here(std::string_view bytes, const std::string& file_name, const std::string& password) {
  static const bool prepared = [] {
    prepare_readers(Task::kRead);
    return true;
  }();
  EXPECT_TRUE(prepared);
  Told told;
  ExtractOutput output({.page = [&](const Page& page) { told.pages.push_back(page); return true; }, .note = [&](const Note& note) { told.notes.push_back(note); return true; }});
  Outcome outcome = read_document(bytes, {.file_name = file_name, .encoding = "", .password = password}, output);
  if (outcome) told.end = std::move(*outcome);
  if (!outcome) told.failure = outcome.error();
  // What the server would refuse is a fault of the reader, whatever it was given.
  for (const Page& page : told.pages) EXPECT_TRUE(process::extract::page(*Json::parse(to_json(page).dump(), limits::kFrameBytes)).has_value()) << file_name;
  EXPECT_TRUE(std::is_sorted(told.pages.begin(), told.pages.end(), [](const Page& a, const Page& b) { return a.number < b.number; })) << file_name;
  for (const Note& note : told.notes) EXPECT_TRUE(process::extract::note(*Json::parse(to_json(note).dump())).has_value()) << file_name << " " << note.code;
  EXPECT_TRUE(!told.end || process::extract::end(*Json::parse(to_json(*told.end).dump())).has_value()) << file_name;
  return told;
}

std::string zip_of(const std::map<std::string, std::string>& members, const std::pair<std::string, std::string>& first) {
  zip_error_t error;
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  zip_source_keep(target);
  if (!first.first.empty()) {
    const zip_int64_t index = zip_file_add(archive, first.first.c_str(), zip_source_buffer(archive, first.second.data(), first.second.size(), 0), ZIP_FL_ENC_UTF_8);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
  }
  for (const auto& [name, content] : members) {
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  }
  EXPECT_EQ(zip_close(archive), 0);
  zip_stat_t stat;
  zip_source_stat(target, &stat);
  std::string bytes(stat.size, '\0');
  zip_source_open(target);
  zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

std::string docx_of(std::string_view body, std::map<std::string, std::string> parts) {
  parts.try_emplace("word/document.xml",
                    fmt::format(R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
                                R"(<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main")"
                                R"( xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006")"
                                R"( xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape")"
                                R"( xmlns:v="urn:schemas-microsoft-com:vml"><w:body>{}</w:body></w:document>)",
                                body));
  parts.try_emplace("[Content_Types].xml", R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>)");
  return zip_of(parts);
}

std::string paragraph(std::string_view text, std::string_view style) {
  const std::string properties = style.empty() ? "" : fmt::format(R"(<w:pPr><w:pStyle w:val="{}"/></w:pPr>)", style);
  return fmt::format("<w:p>{}<w:r><w:t>{}</w:t></w:r></w:p>", properties, text);
}

std::string pdf_of(const std::vector<std::string>& contents, std::string_view trailer) {
  std::vector<std::string> objects{"<< /Type /Catalog /Pages 2 0 R >>", ""};
  constexpr std::string_view kDescendants = "[5 0 R]";
  for (const char direction : {'H', 'V'}) {
    objects.push_back(fmt::format("<< /Type /Font /Subtype /Type0 /BaseFont /MS-Mincho /Encoding /90ms-RKSJ-{} /DescendantFonts {} >>", direction, kDescendants));
  }
  objects.push_back("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /MS-Mincho /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> "
                    "/FontDescriptor 6 0 R /DW 1000 /W [1 [500] 231 389 500] >>");
  objects.push_back("<< /Type /FontDescriptor /FontName /MS-Mincho /Flags 4 /FontBBox [0 -137 1000 859] /ItalicAngle 0 /Ascent 859 /Descent -137 "
                    "/CapHeight 709 /StemV 80 >>");
  objects.push_back(stream("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /G def /CMapType 2 def "
                           "1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <41> <5A> <46FB> endbfrange endcmap end end"));
  objects.push_back(fmt::format("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode {} 0 R >>", objects.size()));
  const std::string fonts = fmt::format("/H 3 0 R /V 4 0 R /G {} 0 R", objects.size());
  std::string kids;
  for (const std::string& content : contents) {
    objects.push_back(stream(content));
    objects.push_back(fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R /Resources << /Font << {} >> >> >>",
                                  objects.size(), fonts));
    kids += fmt::format("{} 0 R ", objects.size());
  }
  objects[1] = fmt::format("<< /Type /Pages /Kids [{}] /Count {} >>", kids, contents.size());
  std::string pdf = "%PDF-1.4\n";
  std::string table = fmt::format("xref\n0 {}\n0000000000 65535 f \n", objects.size() + 1);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    table += fmt::format("{:010} 00000 n \n", pdf.size());
    pdf += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  const std::size_t start = pdf.size();
  return pdf + table + fmt::format("trailer\n<< /Size {} /Root 1 0 R {} >>\nstartxref\n{}\n%%EOF\n", objects.size() + 1, trailer, start);
}

std::string shown(std::string_view utf8, double x, double y, double size, char font) {
  std::string hex;
  for (const char byte : text::encode_cp932(utf8).bytes) hex += fmt::format("{:02X}", static_cast<unsigned char>(byte));
  return fmt::format("BT /{} {} Tf {} {} Td <{}> Tj ET\n", font, size, x, y, hex);
}

}  // namespace sekisho::worker::testing
