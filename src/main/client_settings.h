#pragma once

#include <filesystem>
#include <string>

#include "http/client.h"
#include "main/trouble.h"

namespace sekisho::main {

/// Which server the command line talks to, and as whom.
struct ClientSettings {
  http::ServerUrl server;
  std::string key;      ///< sk-sekisho-…
  std::string ca_file;  ///< Empty: the system's certificates.
};

/// What the person has set; empty is not set. The environment goes before the file.
struct SettingsSources {
  std::string url;             ///< SEKISHO_URL
  std::string key;             ///< SEKISHO_KEY
  std::string ca_file;         ///< --ca or SEKISHO_CA
  std::filesystem::path file;  ///< ~/.config/sekisho/cli.toml with `url`, `key`, `ca`
};

/// From this process's environment; `ca_file` is what --ca said.
[[nodiscard]] SettingsSources settings_sources(std::string ca_file);

/// Refused: a file that others may read (it holds a key) or that does not follow the form, no key at all, and http:// beyond
/// this machine, which would show the key and every answer to the network.
[[nodiscard]] Try<ClientSettings> resolve_settings(const SettingsSources& sources);

}  // namespace sekisho::main
