#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sekisho::gate {

class TomlFields;

/// A TOML file being read. The first error is kept, with its line; whoever reads goes on and asks for it at the end.
class Toml {
 public:
  /// Reads text; `what` begins each error ("policy"). Errors: kInvalid, with line and reason.
  [[nodiscard]] static Result<Toml> parse(std::string_view text, std::string_view what);
  Toml(Toml&&) noexcept;
  ~Toml();

  [[nodiscard]] TomlFields root();
  /// The first thing that was wrong.
  [[nodiscard]] const std::optional<Error>& error() const;

 private:
  friend class TomlFields;
  struct State;
  explicit Toml(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// One table, read member by member; what nobody asked for is an error too. The Toml must outlive it.
class TomlFields {
 public:
  // A member that must be there; an empty value after an error.
  std::string text(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max);
  bool flag(std::string_view key);
  TomlFields table(std::string_view key);
  std::vector<TomlFields> tables(std::string_view key);
  // A member that may be missing.
  std::optional<std::string> text_if(std::string_view key);
  std::optional<std::vector<std::string>> texts_if(std::string_view key);
  std::optional<std::int64_t> integer_if(std::string_view key, std::int64_t min, std::int64_t max);
  std::vector<TomlFields> tables_if(std::string_view key);

  [[nodiscard]] std::vector<std::string> keys() const;
  /// An error of the reader's own about `key`, with its line.
  void reject(std::string_view key, std::string_view why);
  /// A misspelt key is named before the one that it should have been.
  void finish();

 private:
  friend class Toml;
  TomlFields(Toml::State& state, const void* table, std::string path) : state_(&state), table_(table), path_(std::move(path)) {}
  [[nodiscard]] bool has(std::string_view key);
  const void* take(std::string_view key);

  Toml::State* state_;
  const void* table_;  ///< toml::table, whose header stays in the .cc.
  std::string path_;
  std::set<std::string> asked_;
  std::string missing_;
};

/// The text of a file. Errors: kUnavailable, kTooLarge (limits::kPolicyBytes).
[[nodiscard]] Result<std::string> read_policy_file(const std::string& path);

}  // namespace sekisho::gate
