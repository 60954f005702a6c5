#pragma once

#include <string_view>

/// Check digits of public numbers. `digits` is ASCII digits alone; a wrong count is wrong. Threads: pure.
namespace sekisho::gate::dlp {

/// 個人番号, 12 digits (総務省令第85号第5条): weights 6 5 4 3 2 7 6 5 4 3 2 from the left, r = Σ mod 11, check = 0 where r ≤ 1, else 11 − r.
/// Of random numbers one in ten passes.
[[nodiscard]] bool is_my_number(std::string_view digits);
/// 法人番号, 13 digits, the check digit first: 9 − (Σ Pₙ·Qₙ mod 9), Qₙ 1 at odd and 2 at even places from the right.
[[nodiscard]] bool is_corporate_number(std::string_view digits);
/// 固定電話 (10 digits from 01 to 09), 050/070/080/090 (11 digits); not 0120, 0570, 0800: those are nobody's own.
[[nodiscard]] bool is_phone_number(std::string_view digits);

}  // namespace sekisho::gate::dlp
