#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "main/client_ask.h"
#include "main/remote.h"

namespace sekisho::main {

/// GET /api/v1/shelves for a person.
[[nodiscard]] std::string shelves_words(const Json& shelves, const LevelNames& level_name);

struct CreateShelfOptions : ClientFlags {
  std::string name;
  std::string level;                 ///< Number or name.
  std::vector<std::string> readers;  ///< Groups: a member of any may read.
};

[[nodiscard]] int list_shelves(const ClientFlags& flags);
[[nodiscard]] int create_shelf(const CreateShelfOptions& options);
[[nodiscard]] int show_shelf(const ClientFlags& flags, std::string_view name_or_id);
/// On a terminal it asks first, unless `sure`.
[[nodiscard]] int delete_shelf(const ClientFlags& flags, std::string_view name_or_id, bool sure);

}  // namespace sekisho::main
