#include "base/json.h"

#include <algorithm>
#include <cmath>
#include <exception>

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

namespace sekisho {
namespace {

/// Builds a Json from Boost.JSON's parsing events and refuses what the strict form forbids.
struct Builder {
  static constexpr std::size_t max_object_size = 1'000'000;
  static constexpr std::size_t max_array_size = 1'000'000;
  static constexpr std::size_t max_key_size = 64 * limits::kKiB;
  static constexpr std::size_t max_string_size = limits::kJsonBytes * 64;

  using error_code = boost::json::error_code;

  struct Frame {
    bool is_object;
    Json::Array items;
    Json::Object members;
    std::string key;
  };

  std::vector<Frame> frames;
  Json root;
  std::string text;  ///< The string or key that is arriving in parts.
  std::string problem;

  bool refuse(error_code& ec, std::string why) {
    problem = std::move(why);
    ec = boost::json::error::syntax;
    return false;
  }
  bool put(Json value) {
    if (frames.empty()) {
      root = std::move(value);
    } else if (frames.back().is_object) {
      frames.back().members.emplace_back(std::move(frames.back().key), std::move(value));
    } else {
      frames.back().items.push_back(std::move(value));
    }
    return true;
  }
  bool has_duplicate_key() {
    const Json::Object& members = frames.back().members;
    if (members.size() < 2) return false;
    std::vector<std::string_view> keys;
    keys.reserve(members.size());
    for (const Json::Member& member : members) keys.push_back(member.first);
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    frames.push_back({true, {}, {}, {}});
    return true;
  }
  bool on_object_end(std::size_t, error_code& ec) {
    if (has_duplicate_key()) return refuse(ec, "the same key twice in one object");
    Json::Object members = std::move(frames.back().members);
    frames.pop_back();
    return put(Json(std::move(members)));
  }
  bool on_array_begin(error_code&) {
    frames.push_back({false, {}, {}, {}});
    return true;
  }
  bool on_array_end(std::size_t, error_code&) {
    Json::Array items = std::move(frames.back().items);
    frames.pop_back();
    return put(Json(std::move(items)));
  }
  bool on_key_part(boost::json::string_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_key(boost::json::string_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    frames.back().key = std::move(text);
    text.clear();
    return true;
  }
  bool on_string_part(boost::json::string_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_string(boost::json::string_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    std::string whole = std::move(text);
    text.clear();
    return put(Json(std::move(whole)));
  }
  bool on_number_part(boost::json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t value, boost::json::string_view, error_code&) { return put(Json(static_cast<long>(value))); }
  bool on_uint64(std::uint64_t value, boost::json::string_view, error_code&) { return put(Json(static_cast<double>(value))); }
  bool on_double(double value, boost::json::string_view, error_code& ec) {
    if (!std::isfinite(value)) return refuse(ec, "a number too large");
    return put(Json(value));
  }
  bool on_bool(bool value, error_code&) { return put(Json(value)); }
  bool on_null(error_code&) { return put(Json(nullptr)); }
  bool on_comment_part(boost::json::string_view, error_code&) { return true; }
  bool on_comment(boost::json::string_view, error_code&) { return true; }
};

/// Length in bytes of the valid UTF-8 sequence at `text[at]`, or 0.
std::size_t utf8_sequence(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(at + 1);
  const bool out_of_range = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                            (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
  return out_of_range ? 0 : length;
}

void write_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = utf8_sequence(text, i);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++i;
      continue;
    }
    if (length > 1) {
      out.append(text, i, length);
    } else if (byte == '"' || byte == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(byte));
    } else if (byte == '\n') {
      out += "\\n";
    } else if (byte == '\r') {
      out += "\\r";
    } else if (byte == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out.push_back(static_cast<char>(byte));
    }
    i += length;
  }
  out.push_back('"');
}

void write(std::string& out, const Json& json);

void write_array(std::string& out, const Json::Array& items) {
  out.push_back('[');
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out.push_back(',');
    write(out, items[i]);
  }
  out.push_back(']');
}

void write_object(std::string& out, const Json::Object& members) {
  out.push_back('{');
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out.push_back(',');
    write_string(out, members[i].first);
    out.push_back(':');
    write(out, members[i].second);
  }
  out.push_back('}');
}

void write(std::string& out, const Json& json) {
  if (const auto* text = json.as_string()) return write_string(out, *text);
  if (const auto* integer = json.as_int()) return void(out += fmt::format("{}", *integer));
  if (const auto* flag = json.as_bool()) return void(out += *flag ? "true" : "false");
  if (const auto* array = json.as_array()) return write_array(out, *array);
  if (const auto* object = json.as_object()) return write_object(out, *object);
  const auto number = json.as_number();
  out += number && std::isfinite(*number) ? fmt::format("{}", *number) : "null";
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

Result<Json> Json::parse(std::string_view text, std::size_t max_bytes) {
  if (text.size() > max_bytes) return fail(ErrorCode::kTooLarge, fmt::format("JSON: {} bytes, at most {}", text.size(), max_bytes));
  boost::json::parse_options options;
  options.max_depth = limits::kJsonDepth;
  boost::json::basic_parser<Builder> parser(options);
  boost::json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && used < text.size()) {
    return fail(ErrorCode::kInvalid, fmt::format("JSON: more text after the value, byte {}", used));
  }
  if (ec) {
    const std::string& problem = parser.handler().problem;
    return fail(ErrorCode::kInvalid, fmt::format("JSON: {}, byte {}", problem.empty() ? ec.message() : problem, used));
  }
  return std::move(parser.handler().root);
}

std::string Json::dump() const {
  std::string out;
  write(out, *this);
  return out;
}

std::optional<double> Json::as_number() const {
  if (const auto* integer = as_int()) return static_cast<double>(*integer);
  if (const auto* number = std::get_if<double>(&value_)) return *number;
  return std::nullopt;
}

const Json* Json::find(std::string_view key) const {
  const Object* object = as_object();
  if (object == nullptr) return nullptr;
  for (const Member& member : *object) {
    if (member.first == key) return &member.second;
  }
  return nullptr;
}

std::string Json::text_or(std::string_view key, std::string_view fallback) const {
  const Json* member = find(key);
  const std::string* text = member == nullptr ? nullptr : member->as_string();
  return text == nullptr ? std::string(fallback) : *text;
}

std::int64_t Json::int_or(std::string_view key, std::int64_t fallback) const {
  const Json* member = find(key);
  const std::int64_t* value = member == nullptr ? nullptr : member->as_int();
  return value == nullptr ? fallback : *value;
}

double Json::number_or(std::string_view key, double fallback) const {
  const Json* member = find(key);
  return member == nullptr ? fallback : member->as_number().value_or(fallback);
}

bool Json::bool_or(std::string_view key, bool fallback) const {
  const Json* member = find(key);
  const bool* value = member == nullptr ? nullptr : member->as_bool();
  return value == nullptr ? fallback : *value;
}

void Json::set(std::string key, Json value) { std::get<Object>(value_).emplace_back(std::move(key), std::move(value)); }

JsonReader::JsonReader(const Json& json, std::string path) : object_(json.as_object()), path_(std::move(path)) {
  if (object_ == nullptr) error_ = Error{ErrorCode::kInvalid, path_ + ": must be an object"};
}

void JsonReader::reject(std::string_view key, std::string_view why) {
  if (!error_) error_ = Error{ErrorCode::kInvalid, fmt::format("{}.{}: {}", path_, key, why)};
}

void JsonReader::reject_type(std::string_view key, std::string_view wanted) { reject(key, fmt::format("must be {}", wanted)); }

const Json* JsonReader::take(std::string_view key, bool required) {
  asked_.emplace_back(key);
  if (error_ || object_ == nullptr) return nullptr;
  for (const Json::Member& member : *object_) {
    if (member.first == key && !member.second.is_null()) return &member.second;
  }
  if (required) reject(key, "is missing");
  return nullptr;
}

bool JsonReader::has(std::string_view key) { return take(key, false) != nullptr; }
const Json* JsonReader::raw_if(std::string_view key) { return take(key, false); }
void JsonReader::ignore(std::string_view key) { asked_.emplace_back(key); }

bool JsonReader::check_text(std::string_view key, const std::string& text, TextRule rule) {
  const std::size_t characters = count_characters(text);
  if (characters < rule.min_characters) {
    reject(key, fmt::format("{} characters, at least {}", characters, rule.min_characters));
    return false;
  }
  if (characters > rule.max_characters && !error_) {
    error_ = Error{ErrorCode::kTooLarge, fmt::format("{}.{}: {} characters, at most {}", path_, key, characters, rule.max_characters)};
  }
  return !error_;
}

std::string JsonReader::text(std::string_view key, TextRule rule) {
  const Json* value = take(key, true);
  if (value == nullptr) return {};
  const std::string* text = value->as_string();
  if (text == nullptr) return reject_type(key, "a string"), std::string();
  return check_text(key, *text, rule) ? *text : std::string();
}

std::optional<std::string> JsonReader::text_if(std::string_view key, TextRule rule) {
  if (!has(key)) return std::nullopt;
  return text(key, rule);
}

std::int64_t JsonReader::integer(std::string_view key, IntRule rule) {
  const Json* value = take(key, true);
  if (value == nullptr) return 0;
  const std::int64_t* integer = value->as_int();
  if (integer == nullptr) return reject_type(key, "an integer"), 0;
  if (*integer < rule.min || *integer > rule.max) return reject(key, fmt::format("{} is not in {}..{}", *integer, rule.min, rule.max)), 0;
  return *integer;
}

std::optional<std::int64_t> JsonReader::integer_if(std::string_view key, IntRule rule) {
  if (!has(key)) return std::nullopt;
  return integer(key, rule);
}

std::optional<double> JsonReader::number_if(std::string_view key, NumberRule rule) {
  const Json* value = take(key, false);
  if (value == nullptr) return std::nullopt;
  const auto number = value->as_number();
  if (!number) return reject_type(key, "a number"), std::nullopt;
  if (*number < rule.min || *number > rule.max) return reject(key, fmt::format("{} is not in {}..{}", *number, rule.min, rule.max)), std::nullopt;
  return number;
}

std::optional<bool> JsonReader::boolean_if(std::string_view key) {
  const Json* value = take(key, false);
  if (value == nullptr) return std::nullopt;
  const bool* flag = value->as_bool();
  if (flag == nullptr) return reject_type(key, "true or false"), std::nullopt;
  return *flag;
}

std::vector<std::string> JsonReader::texts(std::string_view key, std::size_t max_items, TextRule rule) {
  const Json* value = take(key, true);
  if (value == nullptr) return {};
  const Json::Array* items = value->as_array();
  if (items == nullptr) return reject_type(key, "an array of strings"), std::vector<std::string>();
  if (items->size() > max_items) return reject(key, fmt::format("{} items, at most {}", items->size(), max_items)), std::vector<std::string>();
  std::vector<std::string> texts;
  for (const Json& item : *items) {
    const std::string* text = item.as_string();
    if (text == nullptr) return reject_type(key, "an array of strings"), std::vector<std::string>();
    if (!check_text(key, *text, rule)) return {};
    texts.push_back(*text);
  }
  return texts;
}

std::optional<std::vector<std::string>> JsonReader::texts_if(std::string_view key, std::size_t max_items, TextRule rule) {
  if (!has(key)) return std::nullopt;
  return texts(key, max_items, rule);
}

Result<void> JsonReader::finish() {
  if (!error_ && object_ != nullptr) {
    for (const Json::Member& member : *object_) {
      if (std::find(asked_.begin(), asked_.end(), member.first) == asked_.end()) {
        reject(member.first, "is not known here");
        break;
      }
    }
  }
  if (error_) return fail(*error_);
  return {};
}

}  // namespace sekisho
