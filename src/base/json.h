#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

namespace sekisho {

/// A JSON value. Objects keep the order of their members and never hold a key twice.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() : value_(nullptr) {}
  Json(std::nullptr_t) : value_(nullptr) {}
  Json(bool value) : value_(value) {}
  Json(int value) : value_(static_cast<std::int64_t>(value)) {}
  Json(unsigned value) : value_(static_cast<std::int64_t>(value)) {}
  Json(long value) : value_(static_cast<std::int64_t>(value)) {}
  Json(long long value) : value_(static_cast<std::int64_t>(value)) {}
  Json(unsigned long value) : value_(static_cast<std::int64_t>(value)) {}
  Json(double value) : value_(value) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  /// `Json::object({{"a", 1}, {"b", "x"}})`, `Json::array({1, 2})`.
  [[nodiscard]] static Json object(Object members = {}) { return Json(std::move(members)); }
  [[nodiscard]] static Json array(Array items = {}) { return Json(std::move(items)); }

  /// Strict RFC 8259. Errors: kInvalid (syntax, invalid UTF-8, a key twice, deeper than limits::kJsonDepth; with the
  /// byte offset), kTooLarge (more than `max_bytes`).
  [[nodiscard]] static Result<Json> parse(std::string_view text, std::size_t max_bytes = limits::kJsonBytes);
  /// Compact text; doubles that are not finite become null, bytes that are not UTF-8 become U+FFFD.
  [[nodiscard]] std::string dump() const;

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  [[nodiscard]] const bool* as_bool() const { return std::get_if<bool>(&value_); }
  [[nodiscard]] const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&value_); }
  [[nodiscard]] const std::string* as_string() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const Array* as_array() const { return std::get_if<Array>(&value_); }
  [[nodiscard]] const Object* as_object() const { return std::get_if<Object>(&value_); }
  /// An integer or a double, as a double.
  [[nodiscard]] std::optional<double> as_number() const;

  /// The member `key`, or nullptr where this is no object or has none.
  [[nodiscard]] const Json* find(std::string_view key) const;
  /// The member as text, integer or number, or the fallback where it is missing or of another type.
  [[nodiscard]] std::string text_or(std::string_view key, std::string_view fallback = "") const;
  [[nodiscard]] std::int64_t int_or(std::string_view key, std::int64_t fallback = 0) const;
  [[nodiscard]] double number_or(std::string_view key, double fallback = 0) const;
  [[nodiscard]] bool bool_or(std::string_view key, bool fallback = false) const;

  /// Appends a member. This must be an object that lacks `key`.
  void set(std::string key, Json value);

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value_;
};

/// What a member must fulfil; the defaults admit everything reasonable.
struct JsonTextRule {
  std::size_t min_characters = 0;
  std::size_t max_characters = 100'000;  ///< Unicode code points.
};
struct JsonIntRule {
  std::int64_t min = INT64_MIN;
  std::int64_t max = INT64_MAX;
};
struct JsonNumberRule {
  double min = -1e300;
  double max = 1e300;
};

/// Decodes one JSON object member by member, names the path of what is wrong, and refuses members that nobody asked for.
///
///     JsonReader reader(json, "$");
///     request.question = reader.text("question", {.max_characters = limits::kQuestionCharacters});
///     request.shelf = reader.text_if("shelf");
///     if (auto done = reader.finish(); !done) return fail(done.error());
///
/// After the first error every getter returns an empty value; finish() reports that first error.
class JsonReader {
 public:
  using TextRule = JsonTextRule;
  using IntRule = JsonIntRule;
  using NumberRule = JsonNumberRule;

  JsonReader(const Json& json, std::string path = "$");

  [[nodiscard]] bool has(std::string_view key);  ///< Present and not null; counts as asked for.
  std::string text(std::string_view key, TextRule rule = {});
  std::optional<std::string> text_if(std::string_view key, TextRule rule = {});
  std::int64_t integer(std::string_view key, IntRule rule = {});
  std::optional<std::int64_t> integer_if(std::string_view key, IntRule rule = {});
  std::optional<double> number_if(std::string_view key, NumberRule rule = {});
  std::optional<bool> boolean_if(std::string_view key);
  std::vector<std::string> texts(std::string_view key, std::size_t max_items, TextRule rule = {});
  std::optional<std::vector<std::string>> texts_if(std::string_view key, std::size_t max_items, TextRule rule = {});
  /// The raw member, for shapes that need their own decoder; nullptr where missing or null.
  const Json* raw_if(std::string_view key);
  /// Accepts and forgets a member.
  void ignore(std::string_view key);
  /// Records an error of the caller's own about `key`.
  void reject(std::string_view key, std::string_view why);

  [[nodiscard]] Result<void> finish();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  const Json* take(std::string_view key, bool required);
  void reject_type(std::string_view key, std::string_view wanted);
  bool check_text(std::string_view key, const std::string& text, TextRule rule);

  const Json::Object* object_ = nullptr;
  std::string path_;
  std::vector<std::string> asked_;
  std::optional<Error> error_;
};

}  // namespace sekisho
