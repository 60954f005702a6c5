#include "gate/dlp_checks.h"

#include <algorithm>
#include <array>

namespace sekisho::gate::dlp {
namespace {

bool are_digits(std::string_view text, std::size_t count) {
  return text.size() == count && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int value(char digit) { return digit - '0'; }

}  // namespace

bool is_my_number(std::string_view digits) {
  constexpr std::array kWeights = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
  if (!are_digits(digits, kWeights.size() + 1)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < kWeights.size(); ++i) sum += kWeights[i] * value(digits[i]);
  const int rest = sum % 11;
  return value(digits.back()) == (rest <= 1 ? 0 : 11 - rest);
}

bool is_corporate_number(std::string_view digits) {
  constexpr std::size_t kDigits = 13;
  if (!are_digits(digits, kDigits)) return false;
  int sum = 0;
  for (std::size_t place = 1; place < kDigits; ++place) sum += value(digits[kDigits - place]) * (place % 2 == 1 ? 1 : 2);
  return value(digits.front()) == 9 - sum % 9;
}

bool is_phone_number(std::string_view digits) {
  if (!digits.starts_with('0') || digits.starts_with("00")) return false;
  if (digits.starts_with("0120") || digits.starts_with("0570") || digits.starts_with("0800")) return false;
  const bool mobile = digits.starts_with("050") || digits.starts_with("070") || digits.starts_with("080") || digits.starts_with("090");
  return are_digits(digits, mobile ? 11 : 10);
}

}  // namespace sekisho::gate::dlp
