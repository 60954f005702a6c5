#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::http {

/// One header line. Names compare without regard to case (RFC 9110 §5.1).
struct Header {
  std::string name;
  std::string value;
};

/// The header lines of a message, in their order.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> lines) : lines_(lines) {}

  void add(std::string_view name, std::string_view value);
  /// Replaces every line of that name by one.
  void set(std::string_view name, std::string_view value);
  /// Adds the line only where there is none of that name.
  void set_default(std::string_view name, std::string_view value);

  /// The first line of that name.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  /// Whether a comma-separated list header (Connection, Accept-Encoding, …) holds `token`, parameters aside.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;

  [[nodiscard]] auto begin() const { return lines_.begin(); }
  [[nodiscard]] auto end() const { return lines_.end(); }

 private:
  std::vector<Header> lines_;
};

/// Whether two ASCII texts are the same but for case.
[[nodiscard]] bool same_ignoring_case(std::string_view a, std::string_view b);

}  // namespace sekisho::http
