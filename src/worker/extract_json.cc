#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/json.h"
#include "base/limits.h"
#include "text/encoding.h"
#include "text/utf8.h"
#include "worker/extract_decode.h"
#include "worker/extract_lines.h"
#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kJsonBytes = 64 * limits::kMiB;
constexpr std::size_t kLinesAtOnce = 2'000;
constexpr int kHeadings = 4;  ///< Deeper names are no headings.

bool is_scalar(const Json& value) { return value.as_array() == nullptr && value.as_object() == nullptr; }

std::string scalar(const Json& value) {
  if (const std::string* text = value.as_string()) return *text;
  return value.is_null() ? std::string() : value.dump();
}

/// Makes lines of a value: objects of plain values become one line of 「名前: 値 / 名前: 値」, others a heading with what they hold.
class JsonLines {
 public:
  explicit JsonLines(ExtractOutput& output) : output_(output) {}

  void value(const Json& value, const std::string& name, int level) {
    if (!more_) return;
    if (const Json::Object* members = value.as_object()) {
      object(*members, name, level);
    } else if (const Json::Array* items = value.as_array()) {
      array(*items, name, level);
    } else {
      add(name.empty() ? scalar(value) : name + ": " + scalar(value), 0);
    }
  }
  bool finish() {
    send();
    return more_;
  }

 private:
  void add(std::string text, int level) {
    std::replace(text.begin(), text.end(), '\t', ' ');
    lines_.push_back({.text = std::move(text), .level = level <= kHeadings ? level : 0});
    if (lines_.size() >= kLinesAtOnce) send();
  }
  void send() {
    more_ = more_ && output_.page(1, lines_);
    lines_.clear();
  }

  void object(const Json::Object& members, const std::string& name, int level) {
    const bool plain = std::all_of(members.begin(), members.end(), [](const auto& member) { return is_scalar(member.second); });
    if (plain && level > 1) {
      std::string line;
      for (const auto& [key, item] : members) {
        const std::string text = scalar(item);
        if (!text.empty()) line += fmt::format("{}{}: {}", line.empty() ? "" : " / ", key, text);
      }
      add(name.empty() ? line : name + ": " + line, 0);
      return;
    }
    if (!name.empty()) add(name, level);
    for (const auto& [key, item] : members) value(item, key, level + (name.empty() ? 0 : 1));
  }

  void array(const Json::Array& items, const std::string& name, int level) {
    if (std::all_of(items.begin(), items.end(), is_scalar)) {
      std::string line;
      for (const Json& item : items) line.append(line.empty() ? "" : "、").append(scalar(item));
      add(name.empty() ? line : name + ": " + line, 0);
      return;
    }
    if (!name.empty()) add(name, level);
    for (const Json& item : items) value(item, "", std::max(level + 1, 2));
  }

  ExtractOutput& output_;
  std::vector<Line> lines_;
  bool more_ = true;
};

}  // namespace

Outcome read_json(std::string_view bytes, const Request& request, ExtractOutput& output) {
  if (bytes.size() > kJsonBytes) return cannot_read("too_large", "JSON of more than 64 MiB");
  const text::Decoded decoded = decode_document(bytes, request, "", output);
  JsonLines reader(output);
  if (const auto whole = Json::parse(decoded.text, kJsonBytes)) {
    reader.value(*whole, "", 1);
  } else {
    // A value a line.
    std::string_view rest = decoded.text;
    for (bool first = true; !rest.empty(); first = false) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = without_outer_space(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line.empty()) continue;
      const auto value = Json::parse(line);
      if (!value && first) return cannot_read("damaged", whole.error().detail);
      if (!value) {
        output.note(0, "damaged", "a line is no JSON");
        break;
      }
      reader.value(*value, "", 2);
    }
  }
  if (reader.finish() && output.characters() == 0) output.note(0, "empty_page", "no text");
  return End{.kind = "json", .encoding = std::string(name_of(decoded.encoding)), .title = "", .pages = 1};
}

}  // namespace sekisho::worker
