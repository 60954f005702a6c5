#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "http/client.h"
#include "main/trouble.h"

namespace sekisho::main {

/// What every command that talks to a server takes.
struct ClientFlags {
  bool json = false;    ///< For programs: JSON on standard output.
  std::string ca_file;  ///< --ca
};

/// The shelf of GET /api/v1/shelves that `name_or_id` means. Trouble: none, or several of that name.
[[nodiscard]] Try<Json> find_shelf(const Json& shelves, std::string_view name_or_id);

/// The server, as one person's key sees it. Threads: one at a time.
class Remote {
 public:
  /// Reads the settings; talks to nobody yet. `patience_ms`: for a connection, and for silence.
  [[nodiscard]] static Try<Remote> open(const ClientFlags& flags, std::optional<std::int64_t> patience_ms = std::nullopt);

  [[nodiscard]] Try<Json> get(std::string_view target);
  [[nodiscard]] Try<Json> post(std::string_view target, const Json* body = nullptr);
  [[nodiscard]] Try<Json> remove(std::string_view target);

  [[nodiscard]] Try<Json> shelf(std::string_view name_or_id);
  /// Ids of the shelves named; each is looked up.
  [[nodiscard]] Try<std::vector<std::string>> shelf_ids(const std::vector<std::string>& names_or_ids);
  /// "機密性2". Asks the server once; a level it does not name is "格付5".
  [[nodiscard]] std::string level_name(std::int64_t level);
  /// The number of a level given as number or name.
  [[nodiscard]] Try<std::int64_t> level_number(std::string_view number_or_name);

  [[nodiscard]] http::Client& client() { return client_; }
  /// An error of client(), in words that say what to do.
  [[nodiscard]] Trouble explain(const Error& error) const;

 private:
  Remote(http::Client client, std::string address) : client_(std::move(client)), address_(std::move(address)) {}
  [[nodiscard]] Try<Json> told(Result<Json> answer) const;
  void learn_levels();

  http::Client client_;
  std::string address_;
  bool asked_levels_ = false;
  Json::Array levels_;
};

}  // namespace sekisho::main
