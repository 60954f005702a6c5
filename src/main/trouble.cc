#include "main/trouble.h"

#include <iostream>

#include "base/json.h"
#include "main/plain_text.h"

namespace sekisho::main {

tl::unexpected<Trouble> trouble(const Error& error) { return trouble(Trouble{error.code, in_japanese(error), kExitFailed}); }

tl::unexpected<Trouble> wrong_use(std::string words) { return trouble(Trouble{ErrorCode::kInvalid, std::move(words), kExitUsage}); }

std::string trouble_json(const Trouble& value) {
  return Json::object({{"error", Json::object({{"code", name_of(value.code)}, {"message", value.words}})}}).dump() + "\n";
}

int give_up(const Trouble& value, bool json) {
  if (json) {
    std::cout << trouble_json(value) << std::flush;
  } else {
    std::cerr << printable(value.words) << "\n";
  }
  return value.exit;
}

}  // namespace sekisho::main
