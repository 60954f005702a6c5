#include <algorithm>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "text/encoding.h"
#include "text/utf8.h"
#include "worker/extract_compound.h"
#include "worker/extract_inner.h"
#include "worker/extract_lines.h"
#include "worker/extract_mail_lines.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

/// A property of [MS-OXPROPS] as text, in whichever of the two string types it is kept.
std::string text_property(const CompoundFile& file, std::size_t storage, std::string_view id) {
  if (const auto wide = file.stream(storage, fmt::format("__substg1.0_{}001F", id))) return from_utf16(*wide);
  const auto narrow = file.stream(storage, fmt::format("__substg1.0_{}001E", id));
  return narrow ? text::decode(*narrow).text : std::string();
}

std::string without_ends(std::string text) {
  while (text.ends_with('\0')) text.pop_back();
  return text;
}

/// 100 ns since 1601 → 「2024年7月15日 10:05」 in Japan's time.
std::string japanese_time(std::uint64_t filetime) {
  constexpr std::uint64_t kPerSecond = 10'000'000;
  constexpr std::uint64_t k1970_s = 11'644'473'600;
  constexpr std::uint64_t kJapan_s = 9 * 3'600;
  if (filetime / kPerSecond < k1970_s) return {};
  const auto seconds = static_cast<std::time_t>(filetime / kPerSecond - k1970_s + kJapan_s);
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return {};
  return fmt::format("{}年{}月{}日 {}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min);
}

/// When it was sent, or came.
std::string date_of(const CompoundFile& file, std::size_t storage) {
  const auto properties = file.stream(storage, "__properties_version1.0");
  if (!properties) return {};
  const std::size_t head = storage == CompoundFile::kRoot ? 32 : 24;
  std::uint64_t came = 0;
  for (std::size_t at = head; at + 16 <= properties->size(); at += 16) {
    const std::uint32_t tag = u32_at(*properties, at);
    if (tag == 0x00390040) return japanese_time(u64_at(*properties, at + 8));
    if (tag == 0x0E060040) came = u64_at(*properties, at + 8);
  }
  return japanese_time(came);
}

struct Attachment {
  std::size_t storage = 0;
  std::string name;
};

std::vector<Attachment> attachments_of(const CompoundFile& file, std::size_t storage) {
  std::vector<Attachment> found;
  std::vector<std::size_t> children = file.children(storage);
  std::sort(children.begin(), children.end(), [&](std::size_t a, std::size_t b) { return file.entry(a).name < file.entry(b).name; });
  for (const std::size_t child : children) {
    if (!file.entry(child).is_storage || !file.entry(child).name.starts_with("__attach_version1.0_")) continue;
    std::string name = without_ends(text_property(file, child, "3707"));
    if (name.empty()) name = without_ends(text_property(file, child, "3704"));
    if (name.empty()) name = without_ends(text_property(file, child, "3001"));
    found.push_back({.storage = child, .name = name.empty() ? "名前のない添付" : name});
  }
  return found;
}

End read_storage(const CompoundFile& file, std::size_t storage, ExtractOutput& output);

/// False: stop reading altogether.
bool read_attachment(const CompoundFile& file, const Attachment& attachment, ExtractOutput& output) {
  const std::string label = fmt::format("添付「{}」", attachment.name);
  if (const auto message = file.find(attachment.storage, "__substg1.0_3701000D")) {
    const auto inner = output.inner(label);
    if (inner == nullptr) {
      output.note(output.pages(), "inner_unread", attachment.name + " (too_large: documents within documents)");
      return output.wants_more();
    }
    inner->ends_at(read_storage(file, *message, *inner).pages);
    return output.wants_more();
  }
  const auto content = file.stream(attachment.storage, "__substg1.0_37010102");
  if (content) return read_inner(*content, attachment.name, label, output);
  output.note(output.pages(), "inner_unread", attachment.name + " (unsupported: no bytes)");
  return output.wants_more();
}

End read_storage(const CompoundFile& file, std::size_t storage, ExtractOutput& output) {
  const std::vector<Attachment> attachments = attachments_of(file, storage);
  MailHead head{.subject = without_ends(text_property(file, storage, "0037")), .from = without_ends(text_property(file, storage, "0C1A")), .to = without_ends(text_property(file, storage, "0E04")),
                .copies = without_ends(text_property(file, storage, "0E03")), .date = date_of(file, storage), .attachments = {}};
  const std::string address = without_ends(text_property(file, storage, "5D01"));
  if (!address.empty() && head.from.find(address) == std::string::npos) head.from += fmt::format(" <{}>", address);
  for (const Attachment& attachment : attachments) head.attachments.push_back(attachment.name);
  bool more = output.page(1, mail_lines(head));
  const std::string body = without_ends(text_property(file, storage, "1000"));
  const auto html = file.stream(storage, "__substg1.0_10130102");
  const auto wrapped = file.stream(storage, "__substg1.0_10090102");
  if (!without_outer_space(body).empty()) {
    static_cast<void>(read_text(body, DocumentKind::kText, {.file_name = "", .encoding = "utf-8", .password = ""}, output));
  } else if (html) {
    static_cast<void>(read_html(*html, {}, output));
  } else if (wrapped) {
    if (!read_rtf(unpacked_rtf(*wrapped), {}, output)) output.note(1, "damaged", "the text cannot be unpacked");
  }
  output.ends_at(1);
  more = more && output.wants_more();
  for (std::size_t i = 0; i < attachments.size() && more; ++i) more = read_attachment(file, attachments[i], output);
  return End{.kind = "msg", .encoding = "", .title = std::string(text::first_characters(head.subject, 200)), .pages = std::max<std::int64_t>(1, output.pages())};
}

}  // namespace

Outcome read_message(std::string_view bytes, const Request& request, ExtractOutput& output) {
  static_cast<void>(request);
  const auto file = CompoundFile::open(bytes);
  if (!file) return tl::unexpected(file.error());
  if (!file->find(CompoundFile::kRoot, "__properties_version1.0")) return cannot_read("damaged", "no message");
  End end = read_storage(*file, CompoundFile::kRoot, output);
  if (output.characters() == 0) output.note(0, "empty_page", "no text");
  return end;
}

}  // namespace sekisho::worker
