#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "main/client_ask.h"
#include "main/remote.h"

namespace sekisho::main {

struct SearchOptions : ClientFlags {
  std::string query;
  std::vector<std::string> shelves;  ///< Names or ids; empty: all that may be read.
  std::size_t limit = 10;
  bool explain = false;
};

/// The answer of POST /api/v1/search for a person.
[[nodiscard]] std::string search_words(const Json& answer, const LevelNames& level_name);

[[nodiscard]] int run_search(const SearchOptions& options);

}  // namespace sekisho::main
