#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "text/encoding.h"
#include "text/utf8.h"
#include "worker/extract_inner.h"
#include "worker/extract_lines.h"
#include "worker/extract_mail_lines.h"
#include "worker/extract_mime.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

constexpr int kPartDepth = 10;
constexpr std::size_t kParts = 1'000;

/// A part that is not made of parts.
struct Leaf {
  MimeHeader header;
  std::string_view body;
  std::string type;
  std::string name;  ///< Of an attachment.
  bool attached = false;
};

/// The leaves of a message in order; of alternatives the plainest that says something.
class MailParts {
 public:
  void take(std::string_view message, int depth) {
    std::string_view body = message;
    MimeHeader header = MimeHeader::take(body);
    take(std::move(header), body, depth);
  }

  void take(MimeHeader header, std::string_view body, int depth) {
    std::string type = header.value("content-type");
    if (type.empty()) type = "text/plain";
    if (type.starts_with("multipart/") && depth < kPartDepth) {
      const std::string boundary = header.parameter("content-type", "boundary");
      const std::vector<std::string_view> bodies = multipart_bodies(body, boundary, kParts);
      if (!bodies.empty()) {
        const std::size_t first = leaves.size();
        for (const std::string_view part : bodies) {
          if (leaves.size() < kParts) take(part, depth + 1);
        }
        if (type == "multipart/alternative") keep_plainest(first);
        return;
      }
    }
    add(std::move(header), body, std::move(type));
  }

  std::vector<Leaf> leaves;

 private:
  void add(MimeHeader header, std::string_view body, std::string type) {
    Leaf leaf{.header = std::move(header), .body = body, .type = std::move(type), .name = ""};
    leaf.name = leaf.header.parameter("content-disposition", "filename");
    if (leaf.name.empty()) leaf.name = leaf.header.parameter("content-type", "name");
    const bool is_text = leaf.type == "text/plain" || leaf.type == "text/html";
    leaf.attached = leaf.header.value("content-disposition") == "attachment" || !is_text || (!leaf.name.empty() && leaf.header.value("content-disposition") != "inline");
    if (leaf.attached && leaf.name.empty()) leaf.name = leaf.type == "message/rfc822" ? "転送.eml" : "名前のない添付";
    leaves.push_back(std::move(leaf));
  }

  /// Of a text and its HTML the text, unless it is empty.
  void keep_plainest(std::size_t first) {
    const auto begin = leaves.begin() + static_cast<std::ptrdiff_t>(first);
    const auto plain = std::find_if(begin, leaves.end(), [](const Leaf& leaf) {
      return !leaf.attached && leaf.type == "text/plain" && !without_outer_space(decoded_body(leaf.body, leaf.header.value("content-transfer-encoding"))).empty();
    });
    const bool has_plain = plain != leaves.end();
    leaves.erase(std::remove_if(begin, leaves.end(), [&](const Leaf& leaf) { return !leaf.attached && (leaf.type == "text/html") == has_plain; }), leaves.end());
  }
};

/// A picture that the text shows, not a paper that came with it.
bool is_ornament(const Leaf& leaf) {
  return leaf.type.starts_with("image/") && leaf.header.value("content-disposition") != "attachment" && !leaf.header.raw("content-id").empty();
}

/// The charset that the part declares, where its bytes agree.
std::string agreed_charset(const Leaf& leaf, std::string_view bytes) {
  const auto encoding = text::encoding_named(leaf.header.parameter("content-type", "charset"));
  return encoding && text::decode(bytes, *encoding).undecodable == 0 ? std::string(name_of(*encoding)) : std::string();
}

MailHead head_of(const MimeHeader& header, const std::vector<Leaf>& leaves) {
  MailHead head{.subject = header.text("subject"), .from = header.text("from"), .to = header.text("to"), .copies = header.text("cc"), .date = mail_date(header.raw("date"))};
  for (const Leaf& leaf : leaves) {
    if (leaf.attached && !is_ornament(leaf)) head.attachments.push_back(leaf.name);
  }
  return head;
}

}  // namespace

Outcome read_mail(std::string_view bytes, const Request& request, ExtractOutput& output) {
  std::string_view body = bytes;
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  const MimeHeader header = MimeHeader::take(body);
  if (header.fields() == 0) return cannot_read("damaged", "no header");
  MailParts parts;
  parts.take(header, body, 0);
  const MailHead head = head_of(header, parts.leaves);
  bool more = output.page(1, mail_lines(head));
  for (const Leaf& leaf : parts.leaves) {
    if (leaf.attached || !more) continue;
    const std::string text = decoded_body(leaf.body, leaf.header.value("content-transfer-encoding"));
    const Request how{.file_name = "", .encoding = request.encoding.empty() ? agreed_charset(leaf, text) : request.encoding, .password = ""};
    // A body that cannot be read is noted by its reader.
    static_cast<void>(leaf.type == "text/html" ? read_html(text, how, output) : read_text(text, DocumentKind::kText, how, output));
    more = output.wants_more();
  }
  output.ends_at(1);
  for (const Leaf& leaf : parts.leaves) {
    if (!leaf.attached || !more || is_ornament(leaf)) continue;
    const std::string content = decoded_body(leaf.body, leaf.header.value("content-transfer-encoding"));
    more = read_inner(content, leaf.type == "message/rfc822" && !leaf.name.ends_with(".eml") ? leaf.name + ".eml" : leaf.name, fmt::format("添付「{}」", leaf.name), output);
  }
  return End{.kind = "mail", .encoding = "", .title = std::string(text::first_characters(head.subject, 200)), .pages = std::max<std::int64_t>(1, output.pages())};
}

}  // namespace sekisho::worker
