#include "base/id.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <sys/random.h>

#include "base/check.h"

namespace sekisho {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kIdCharacters = 26;

}  // namespace

std::string random_id_text() {
  std::array<std::uint8_t, kIdCharacters> bytes{};
  CHECK(getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  std::string text(kIdCharacters, '0');
  std::transform(bytes.begin(), bytes.end(), text.begin(), [](std::uint8_t byte) { return kAlphabet[byte & 31]; });
  return text;
}

bool is_id_text(std::string_view text) {
  return text.size() == kIdCharacters && text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

}  // namespace sekisho
