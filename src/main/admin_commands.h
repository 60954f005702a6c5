#pragma once

#include <string>
#include <vector>

#include "main/office.h"
#include "main/outcome.h"

namespace sekisho::main {

/// `sekisho admin …`: what the operator does at the server's own machine: the office's name, groups, people, keys, the policy, the link
/// for the first administrator. `arguments` follow the word `admin`; `input` is standard input (passwords).
/// Threads: safe from any; runs in the server while it runs (admin_socket.h), else in the command itself.
[[nodiscard]] Outcome run_admin(Office& office, const std::vector<std::string>& arguments, const std::string& input);

}  // namespace sekisho::main
