#include "main/client_settings.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#define TOML_EXCEPTIONS 0  // As everywhere: the two kinds do not mix in one program.
#include <toml++/toml.h>

namespace sekisho::main {
namespace {

constexpr const char* kDefaultUrl = "http://127.0.0.1:8080";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

struct FromFile {
  std::string url, key, ca;
};

Try<FromFile> parse_file(const std::string& text, const std::string& name) {
  FromFile values;
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return wrong_use(fmt::format("{}の{}行目が、TOMLとして読めません。（{}）", name, parsed.error().source().begin.line, parsed.error().description()));
  }
  for (const auto& [key, node] : parsed.table()) {
    std::string* const target = key == "url" ? &values.url : key == "key" ? &values.key : key == "ca" ? &values.ca : nullptr;
    const auto value = node.value<std::string>();
    if (target == nullptr || !node.is_string() || !value) {
      return wrong_use(fmt::format("{}: {}は使えません。url、key、caを文字列で書いてください。", name, key.str()));
    }
    *target = *value;
  }
  return values;
}

Try<FromFile> read_file(const std::filesystem::path& path) {
  struct stat status {};
  if (path.empty() || ::stat(path.c_str(), &status) != 0) return FromFile{};
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0 || status.st_uid != ::geteuid()) {
    return wrong_use(fmt::format("{}には鍵があるのに、ほかの利用者も読めます。chmod 600 '{}' を実行し、鍵を作り直してください。", path.string(), path.string()));
  }
  std::ifstream in(path);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in) return wrong_use(path.string() + "を読めません。");
  return parse_file(text, path.string());
}

bool is_key(const std::string& key) {
  return std::all_of(key.begin(), key.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

std::string first_of(const std::string& first, const std::string& second, const std::string& otherwise) {
  return !first.empty() ? first : !second.empty() ? second : otherwise;
}

}  // namespace

SettingsSources settings_sources(std::string ca_file) {
  const std::string config = variable("XDG_CONFIG_HOME");
  const std::string home = variable("HOME");
  SettingsSources sources{variable("SEKISHO_URL"), variable("SEKISHO_KEY"), std::move(ca_file), {}};
  if (sources.ca_file.empty()) sources.ca_file = variable("SEKISHO_CA");
  if (!config.empty()) {
    sources.file = std::filesystem::path(config) / "sekisho/cli.toml";
  } else if (!home.empty()) {
    sources.file = std::filesystem::path(home) / ".config/sekisho/cli.toml";
  }
  return sources;
}

Try<ClientSettings> resolve_settings(const SettingsSources& sources) {
  FromFile file;
  if (sources.url.empty() || sources.key.empty()) {
    auto read = read_file(sources.file);
    if (!read) return trouble(read.error());
    file = *std::move(read);
  }
  const std::string url = first_of(sources.url, file.url, kDefaultUrl);
  ClientSettings settings{{}, first_of(sources.key, file.key, ""), first_of(sources.ca_file, file.ca, "")};
  auto server = http::parse_server_url(url);
  if (!server) return wrong_use(fmt::format("サーバーのアドレス「{}」が読めません。http://127.0.0.1:8080 のように書いてください。（{}）", url, server.error().detail));
  settings.server = *std::move(server);
  if (!settings.server.tls && !settings.server.is_loopback()) {
    return wrong_use(fmt::format("{} では、鍵と回答が暗号化されずに送られます。https:// のアドレスを使ってください。", url));
  }
  if (settings.key.empty()) {
    return wrong_use(fmt::format("鍵がありません。サーバーのある機械で sekisho admin key create 名前 を実行し、鍵を環境変数SEKISHO_KEY又は{}に書いてください。",
                                 sources.file.empty() ? "~/.config/sekisho/cli.toml" : sources.file.string()));
  }
  if (!is_key(settings.key)) return wrong_use("鍵に、使えない文字があります。鍵を写し直してください。");
  return settings;
}

}  // namespace sekisho::main
