#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::crypto {

/// Bytes that must not linger or be shown: overwritten with zero when destroyed or moved from; cannot be printed,
/// copied or compared by accident. Threads: like a plain value.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size) : bytes_(size) {}
  /// Takes a secret out of a string, which is zeroed.
  [[nodiscard]] static SecretBytes take(std::string&& text);

  ~SecretBytes();
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  bool operator==(const SecretBytes&) const = delete;

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] unsigned char* data() { return bytes_.data(); }
  [[nodiscard]] const unsigned char* data() const { return bytes_.data(); }
  /// Borrowed: valid while this object lives and is not moved.
  [[nodiscard]] std::string_view reveal() const;

 private:
  void wipe() noexcept;
  std::vector<unsigned char> bytes_;
};

/// A secret does not compile into a stream.
std::ostream& operator<<(std::ostream&, const SecretBytes&) = delete;

/// Compares in a time that depends on the lengths alone.
[[nodiscard]] bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace sekisho::crypto
