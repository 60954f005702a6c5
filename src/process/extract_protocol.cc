#include "process/extract_protocol.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/limits.h"

namespace sekisho::process::extract {
namespace {

constexpr std::size_t kPasswordCharacters = 1'024;
constexpr std::size_t kLabelCharacters = 1'000;
constexpr std::size_t kMarkedCharacters = 100'000;
constexpr std::size_t kDetailCharacters = 1'000;
constexpr std::size_t kCodeCharacters = 64;
constexpr std::int64_t kHeadingLevel_max = 9;
constexpr std::int64_t kPages = static_cast<std::int64_t>(limits::kDocumentPages);
constexpr std::int64_t kLines = static_cast<std::int64_t>(limits::kExtractPageCharacters);
constexpr std::array<std::string_view, 7> kEncodings{"", "utf-8", "cp932", "euc-jp", "iso-2022-jp", "utf-16le", "utf-16be"};

Json numbers_to_json(const std::vector<std::int64_t>& numbers) {
  Json::Array items;
  items.reserve(numbers.size());
  for (const std::int64_t number : numbers) items.emplace_back(number);
  return Json(std::move(items));
}

std::vector<std::int64_t> numbers(JsonReader& reader, std::string_view key, std::int64_t min, std::int64_t max) {
  std::vector<std::int64_t> result;
  const Json* raw = reader.raw_if(key);
  if (raw == nullptr) return result;
  const Json::Array* items = raw->as_array();
  if (items == nullptr) {
    reader.reject(key, "must be a list of integers");
    return result;
  }
  for (const Json& item : *items) {
    const std::int64_t* number = item.as_int();
    if (number == nullptr || *number < min || *number > max) {
      reader.reject(key, "holds something else than an integer in its range");
      return {};
    }
    result.push_back(*number);
  }
  return result;
}

template <typename T>
Result<T> finished(JsonReader& reader, T value) {
  if (auto done = reader.finish(); !done) return fail(done.error());
  return value;
}

}  // namespace

Json to_json(const Request& value) {
  return Json::object({{"file_name", value.file_name}, {"encoding", value.encoding}, {"password", value.password}});
}

Json to_json(const ImageRequest& value) {
  return Json::object({{"file_name", value.file_name}, {"password", value.password}, {"page", value.page}, {"marked", value.marked}});
}

Json to_json(const Page& value) {
  return Json::object({{"number", value.number},
                       {"label", value.label},
                       {"text", value.text},
                       {"heading_lines", numbers_to_json(value.heading_lines)},
                       {"heading_levels", numbers_to_json(value.heading_levels)},
                       {"confidence", value.confidence}});
}

Json to_json(const Note& value) { return Json::object({{"page", value.page}, {"code", value.code}, {"detail", value.detail}}); }

Json to_json(const End& value) {
  return Json::object({{"kind", value.kind}, {"encoding", value.encoding}, {"title", value.title}, {"pages", value.pages}});
}

Result<Request> request(const Json& json) {
  JsonReader reader(json);
  Request value;
  value.file_name = reader.text("file_name", {.max_characters = limits::kFileNameBytes});
  value.encoding = reader.text("encoding", {.max_characters = kCodeCharacters});
  value.password = reader.text("password", {.max_characters = kPasswordCharacters});
  if (std::find(kEncodings.begin(), kEncodings.end(), value.encoding) == kEncodings.end()) {
    reader.reject("encoding", "is none that we read");
  }
  return finished(reader, std::move(value));
}

Result<ImageRequest> image_request(const Json& json) {
  JsonReader reader(json);
  ImageRequest value;
  value.file_name = reader.text("file_name", {.max_characters = limits::kFileNameBytes});
  value.password = reader.text("password", {.max_characters = kPasswordCharacters});
  value.page = reader.integer("page", {.min = 1, .max = kPages});
  value.marked = reader.text("marked", {.max_characters = kMarkedCharacters});
  return finished(reader, std::move(value));
}

Result<Page> page(const Json& json) {
  JsonReader reader(json);
  Page value;
  value.number = reader.integer("number", {.min = 1, .max = kPages});
  value.label = reader.text("label", {.max_characters = kLabelCharacters});
  value.text = reader.text("text", {.max_characters = limits::kExtractPageCharacters});
  value.heading_lines = numbers(reader, "heading_lines", 0, kLines);
  value.heading_levels = numbers(reader, "heading_levels", 1, kHeadingLevel_max);
  value.confidence = reader.integer_if("confidence", {.min = -1, .max = 100}).value_or(-1);
  if (value.heading_lines.size() != value.heading_levels.size()) reader.reject("heading_levels", "must have one level a heading");
  if (!std::is_sorted(value.heading_lines.begin(), value.heading_lines.end())) reader.reject("heading_lines", "must be in order");
  const auto lines = 1 + std::count(value.text.begin(), value.text.end(), '\n');
  if (!value.heading_lines.empty() && value.heading_lines.back() >= lines) reader.reject("heading_lines", "names a line that is not there");
  return finished(reader, std::move(value));
}

Result<Note> note(const Json& json) {
  JsonReader reader(json);
  Note value;
  value.page = reader.integer("page", {.min = 0, .max = kPages + 1});
  value.code = reader.text("code", {.min_characters = 1, .max_characters = kCodeCharacters});
  value.detail = reader.text("detail", {.max_characters = kDetailCharacters});
  const bool plain = std::all_of(value.code.begin(), value.code.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  if (!plain) reader.reject("code", "must be a name in small letters");
  return finished(reader, std::move(value));
}

Result<End> end(const Json& json) {
  JsonReader reader(json);
  End value;
  value.kind = reader.text("kind", {.min_characters = 1, .max_characters = kCodeCharacters});
  value.encoding = reader.text("encoding", {.max_characters = kCodeCharacters});
  value.title = reader.text("title", {.max_characters = kLabelCharacters});
  value.pages = reader.integer("pages", {.min = 0, .max = kPages});
  return finished(reader, std::move(value));
}

}  // namespace sekisho::process::extract
