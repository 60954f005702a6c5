#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "main/outcome.h"

namespace sekisho::main {

struct ServeOptions {
  std::filesystem::path data = "var";
  std::string listen = "127.0.0.1:8080";  ///< ADDRESS:PORT; port 0: any free one.
  std::string model;                      ///< A catalog name or a GGUF file; empty: the catalog's default.
  bool no_model = false;                  ///< For filling shelves without answering.
  std::string embedding;                  ///< Of what searches by meaning, likewise; empty: the catalog's, if it is there; "none".
  std::string certificate, key;           ///< PEM; needed beyond loopback.
  std::vector<std::string> hosts;         ///< Names that requests may use.
  std::filesystem::path port_file;        ///< Gets the port once it listens; empty: none.
  std::filesystem::path witness;          ///< Gets a copy of every checkpoint of the audit log; empty: what the policy says.
  bool welcome = false;                   ///< Print the address, the first administrator's link and a question to try.
  bool exact = true;                      ///< Bitwise the same alone or in company (docs/INFERENCE).
  bool one_subject = false;               ///< A worker serves one person under one label, and ends before the next (model/local_engine.h).
  std::int64_t context_tokens = 4096;
  std::int64_t sequences = 4;
};

/// Runs the server until SIGTERM or SIGINT. SIGHUP reloads the policy (main/office.h). Errors in words on standard error.
[[nodiscard]] int serve(ServeOptions options);

}  // namespace sekisho::main
