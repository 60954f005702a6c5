#include "main/remote.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "main/client_settings.h"
#include "store/disk_error.h"

namespace sekisho::main {

Try<Json> find_shelf(const Json& shelves, std::string_view name_or_id) {
  const Json* items = shelves.find("items");
  const Json* found = nullptr;
  std::string ids;
  if (items != nullptr && items->as_array() != nullptr) {
    for (const Json& shelf : *items->as_array()) {
      if (shelf.text_or("id") == name_or_id) return shelf;
      if (shelf.text_or("name") != name_or_id) continue;
      found = &shelf;
      ids += (ids.empty() ? "" : "、") + shelf.text_or("id");
    }
  }
  if (found == nullptr) {
    return trouble(Trouble{ErrorCode::kDenied, fmt::format("書架「{}」は、見つからないか、読む権限がありません。sekisho shelf list で確かめてください。", name_or_id)});
  }
  if (ids != found->text_or("id")) return wrong_use(fmt::format("「{}」という書架は、一つではありません。名前の代わりにidを指定してください: {}", name_or_id, ids));
  return *found;
}

Try<Remote> Remote::open(const ClientFlags& flags, std::optional<std::int64_t> patience_ms) {
  auto settings = resolve_settings(settings_sources(flags.ca_file));
  if (!settings) return trouble(settings.error());
  http::ClientOptions options;
  options.server = settings->server;
  options.ca_file = settings->ca_file;
  options.headers.add("Authorization", "Bearer " + settings->key);
  if (patience_ms) options.connect_timeout_ms = options.silence_timeout_ms = *patience_ms;
  const std::string address = (options.server.tls ? "https://" : "http://") + options.server.authority();
  auto client = http::Client::create(std::move(options));
  if (!client) return trouble(client.error());
  return Remote(*std::move(client), address);
}

Trouble Remote::explain(const Error& error) const {
  if (error.detail.find(store::kDiskIsFull) != std::string::npos) {
    return {error.code, fmt::format("サーバーのディスクに空きがありません。サーバーの運用担当者に知らせてください。（{}）", error.detail)};
  }
  switch (error.code) {
    case ErrorCode::kUnavailable:
      return {error.code, fmt::format("サーバー {} は、今は答えられません。動いているか、SEKISHO_URLが正しいかを確かめてください。（{}）", address_, error.detail)};
    case ErrorCode::kUnauthorized:
      return {error.code, fmt::format("鍵が違うか、取り消されています。SEKISHO_KEYを確かめてください。（{}）", error.detail)};
    default: return {error.code, in_japanese(error)};
  }
}

Try<Json> Remote::told(Result<Json> answer) const {
  if (!answer) return trouble(explain(answer.error()));
  return *std::move(answer);
}

Try<Json> Remote::get(std::string_view target) { return told(client_.request(http::Method::kGet, target)); }
Try<Json> Remote::post(std::string_view target, const Json* body) { return told(client_.request(http::Method::kPost, target, body)); }
Try<Json> Remote::remove(std::string_view target) { return told(client_.request(http::Method::kDelete, target)); }

Try<Json> Remote::shelf(std::string_view name_or_id) {
  auto shelves = get("/api/v1/shelves");
  if (!shelves) return trouble(shelves.error());
  return find_shelf(*shelves, name_or_id);
}

Try<std::vector<std::string>> Remote::shelf_ids(const std::vector<std::string>& names_or_ids) {
  std::vector<std::string> ids;
  if (names_or_ids.empty()) return ids;
  auto shelves = get("/api/v1/shelves");
  if (!shelves) return trouble(shelves.error());
  for (const std::string& name : names_or_ids) {
    auto shelf = find_shelf(*shelves, name);
    if (!shelf) return trouble(shelf.error());
    ids.push_back(shelf->text_or("id"));
  }
  return ids;
}

void Remote::learn_levels() {
  if (std::exchange(asked_levels_, true)) return;
  const auto session = get("/api/v1/session");
  const Json* levels = session ? session->find("levels") : nullptr;
  if (levels != nullptr && levels->as_array() != nullptr) levels_ = *levels->as_array();
}

std::string Remote::level_name(std::int64_t level) {
  learn_levels();
  for (const Json& known : levels_) {
    if (known.int_or("value") == level) return known.text_or("name");
  }
  return fmt::format("格付{}", level);
}

Try<std::int64_t> Remote::level_number(std::string_view number_or_name) {
  std::int64_t number = 0;
  const char* const end = number_or_name.data() + number_or_name.size();
  const auto parsed = std::from_chars(number_or_name.data(), end, number);
  if (parsed.ec == std::errc() && parsed.ptr == end) return number;
  learn_levels();
  std::string names;
  for (const Json& known : levels_) {
    if (known.text_or("name") == number_or_name || known.text_or("short") == number_or_name) return known.int_or("value");
    names += (names.empty() ? "" : "、") + known.text_or("name");
  }
  return wrong_use(fmt::format("格付「{}」はありません。使える格付: {}", number_or_name, names));
}

}  // namespace sekisho::main
