#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "main/remote.h"

namespace sekisho::main {

/// The files that `paths` mean, folders walked in the order of names where `recursive`; names that begin with '.' inside
/// folders, and links, are left out. Trouble: something that is not there, a folder without `recursive`, a folder that
/// cannot be read, nothing at all.
[[nodiscard]] Try<std::vector<std::filesystem::path>> files_of(const std::vector<std::string>& paths, bool recursive);

struct AddOptions : ClientFlags {
  std::string shelf;  ///< Name or id.
  std::vector<std::string> paths;
  bool recursive = false;
  bool wait = true;  ///< Until each is ready or failed.
  std::string password;  ///< Tried once on each document that turns out to have one. Only where it waits.
};

/// Uploads each file and reports on each, in the order given; goes on after a file that fails, and then exits 1.
[[nodiscard]] int add_documents(const AddOptions& options);

}  // namespace sekisho::main
