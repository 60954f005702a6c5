#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gate/dlp.h"

/// Made cases for the search for personal data: every number, name, address and date in it is invented.
namespace sekisho::gate {

struct DlpCase {
  std::string text;
  std::vector<Finding> truth;  ///< What a careful reader would find; empty in a case that only looks like personal data.
  std::string form;            ///< How it is disguised, or what kind of decoy it is: "全角", "一行に一桁", …
  std::string around;          ///< What it stands in: "見出し", "CSV", "文中", …
};

/// Case number `number` of the world `seed`: the same for the same two. About two in five are decoys.
[[nodiscard]] DlpCase make_case(std::uint64_t seed, std::uint64_t number);

/// The disguises of numbers, by name.
[[nodiscard]] std::vector<std::string_view> disguises();

}  // namespace sekisho::gate
