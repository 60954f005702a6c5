#include "gate/toml.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/limits.h"

namespace sekisho::gate {
namespace {

const toml::table& table_of(const void* table) { return *static_cast<const toml::table*>(table); }
const toml::node& node_of(const void* node) { return *static_cast<const toml::node*>(node); }

const toml::table& no_table() {
  static const toml::table kNone;
  return kNone;
}

}  // namespace

struct Toml::State {
  toml::table table;
  std::string what;
  std::optional<Error> error;
};

Toml::Toml(std::unique_ptr<State> state) : state_(std::move(state)) {}
Toml::Toml(Toml&&) noexcept = default;
Toml::~Toml() = default;

Result<Toml> Toml::parse(std::string_view text, std::string_view what) {
  toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return fail(ErrorCode::kInvalid, fmt::format("{}, line {}: {}", what, parsed.error().source().begin.line, parsed.error().description()));
  }
  return Toml(std::make_unique<State>(State{std::move(parsed).table(), std::string(what), std::nullopt}));
}

TomlFields Toml::root() { return {*state_, &state_->table, ""}; }

const std::optional<Error>& Toml::error() const { return state_->error; }

void TomlFields::reject(std::string_view key, std::string_view why) {
  if (state_->error) return;
  const toml::node* node = table_of(table_).get(key);
  const auto line = (node != nullptr ? node->source() : table_of(table_).source()).begin.line;
  state_->error = Error{ErrorCode::kInvalid, fmt::format("{}, line {}: {}{}: {}", state_->what, line, path_, key, why)};
}

void TomlFields::finish() {
  for (const auto& [key, node] : table_of(table_)) {
    if (!asked_.contains(std::string(key.str()))) reject(key.str(), "unknown");
  }
  if (!missing_.empty()) reject(missing_, "missing");
}

bool TomlFields::has(std::string_view key) {
  asked_.emplace(key);
  return table_of(table_).contains(key);
}

const void* TomlFields::take(std::string_view key) {
  if (!has(key)) {
    if (missing_.empty()) missing_ = key;
    return nullptr;
  }
  return table_of(table_).get(key);
}

std::string TomlFields::text(std::string_view key) {
  const void* node = take(key);
  if (node == nullptr) return {};
  if (const auto* value = node_of(node).as_string(); value != nullptr && !value->get().empty()) return value->get();
  reject(key, "must be text");
  return {};
}

std::vector<std::string> TomlFields::texts(std::string_view key) {
  const void* node = take(key);
  if (node == nullptr) return {};
  std::vector<std::string> texts;
  if (const toml::array* list = node_of(node).as_array()) {
    for (const toml::node& item : *list) {
      if (item.as_string() != nullptr && !item.as_string()->get().empty()) texts.push_back(item.as_string()->get());
    }
    if (texts.size() == list->size() && !texts.empty()) return texts;
  }
  reject(key, "must be a list of texts, at least one");
  return {};
}

std::int64_t TomlFields::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  const void* node = take(key);
  if (node == nullptr) return min;
  if (const auto* value = node_of(node).as_integer(); value != nullptr && value->get() >= min && value->get() <= max) return value->get();
  reject(key, fmt::format("must be a whole number from {} to {}", min, max));
  return min;
}

bool TomlFields::flag(std::string_view key) {
  const void* node = take(key);
  if (node == nullptr) return false;
  if (const auto* value = node_of(node).as_boolean()) return value->get();
  reject(key, "must be true or false");
  return false;
}

TomlFields TomlFields::table(std::string_view key) {
  const void* node = take(key);
  const std::string path = fmt::format("{}{}.", path_, key);
  if (node == nullptr) return {*state_, &no_table(), path};
  if (const toml::table* value = node_of(node).as_table()) return {*state_, value, path};
  reject(key, "must be a table");
  return {*state_, &no_table(), path};
}

std::vector<TomlFields> TomlFields::tables(std::string_view key) {
  std::vector<TomlFields> all;
  const void* node = take(key);
  if (node == nullptr) return all;
  const toml::array* list = node_of(node).as_array();
  if (list == nullptr || list->empty() || !list->is_homogeneous(toml::node_type::table)) {
    reject(key, "must be a list of tables, at least one");
    return all;
  }
  for (const toml::node& item : *list) all.push_back({*state_, item.as_table(), fmt::format("{}{}.", path_, key)});
  return all;
}

std::optional<std::string> TomlFields::text_if(std::string_view key) { return has(key) ? std::optional(text(key)) : std::nullopt; }
std::optional<std::vector<std::string>> TomlFields::texts_if(std::string_view key) { return has(key) ? std::optional(texts(key)) : std::nullopt; }
std::optional<std::int64_t> TomlFields::integer_if(std::string_view key, std::int64_t min, std::int64_t max) {
  return has(key) ? std::optional(integer(key, min, max)) : std::nullopt;
}
std::vector<TomlFields> TomlFields::tables_if(std::string_view key) { return has(key) ? tables(key) : std::vector<TomlFields>(); }

std::vector<std::string> TomlFields::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, node] : table_of(table_)) keys.emplace_back(key.str());
  return keys;
}

Result<std::string> read_policy_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(limits::kPolicyBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || !in.is_open()) return fail(ErrorCode::kUnavailable, "cannot read " + path + ": " + std::strerror(errno));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > limits::kPolicyBytes) return fail(ErrorCode::kTooLarge, fmt::format("{}: more than {} bytes", path, limits::kPolicyBytes));
  return text;
}

}  // namespace sekisho::gate
