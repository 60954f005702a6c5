#include "twin_world.h"

#include <chrono>
#include <thread>

#include <sys/socket.h>
#include <sys/time.h>

#include <fmt/format.h>

#include "api/access.h"
#include "api/respond.h"
#include "api/routes.h"
#include "base/check.h"
#include "base/log.h"
#include "fakes/tiny_engine.h"
#include "main/models.h"
#include "steady_random.h"

namespace sekisho::proof {
namespace {

constexpr std::int64_t kPatience_ms = 300'000;  // A machine that is ten times slower gets there, too.

template <typename T>
T value_of(Result<T> result) {
  if (!result) log_error("twin_world.cannot_be_made", {{"detail", result.error().detail}});
  CHECK(result.has_value());
  return *std::move(result);
}

std::string body_of(const model::Request& request) {
  if (const auto* generate = std::get_if<process::model::GenerateRequest>(&request.body)) {
    process::model::GenerateRequest same = *generate;
    same.seed = 0;  // Drawn from the machine where the asker names none; it tells nothing of anybody.
    return process::model::to_json(same).dump();
  }
  if (const auto* score = std::get_if<process::model::ScoreRequest>(&request.body)) return process::model::to_json(*score).dump();
  if (const auto* embed = std::get_if<process::model::EmbedRequest>(&request.body)) return process::model::to_json(*embed).dump();
  return "count";
}

bool has_line(std::string_view head, std::string_view line) { return head.find(line) != std::string_view::npos; }

}  // namespace

Result<model::RequestId> CountingEngine::start(model::Request request, model::Listener listener) {
  const std::string body = request.actor + body_of(request);
  work_.with([&](Work& work) {
    ++work.requests;
    work.bytes += body.size();
    for (const char c : body) work.hash = mixed(work.hash, static_cast<unsigned char>(c));
  });
  return engine_.start(std::move(request), std::move(listener));
}

std::string CountingEngine::told() {
  return work_.with([](Work& work) {
    const Work now = std::exchange(work, {});
    return fmt::format("{} requests, {} bytes, {:016x}", now.requests, now.bytes, now.hash);
  });
}

World::World() {
  office_ = value_of(main::Office::open(folder_.path(), {.clock = &clock_}));
  model::TinyModel tiny;
  tiny.name = "script:ok";
  local_ = value_of(model::LocalEngine::open(model::tiny_engine(folder_.path(), tiny, SEKISHO_SCRIPTED_WORKER), machine_clock_));
  CHECK(local_->wait_ready(kPatience_ms).has_value());
  counting_ = std::make_unique<CountingEngine>(*local_);
  composition_ = std::make_unique<main::Composition>(*office_, chat::AnsweringModel{"daihon", "台本", "ab12", model::Family::kChatMl, {}}, counting_.get(), nullptr, "");
  api::Context& context = composition_->context();
  context.models = [] { return main::models_json({"daihon"}); };
  context.health = [] { return Json::object(); };
  context.storage = [] { return Json::object(); };
  CHECK(office_->search.load().has_value());
  CHECK(office_->jobs.start().has_value());
  http::ServerOptions server;
  server.network_threads = 1;
  server.worker_threads = 2;
  server.error_page = api::error_page;
  server_ = value_of(http::Server::start(std::move(server), api::make_router(context, nullptr), api::make_pipeline(context)));
}

World::~World() { client_.reset(); }

void World::connect() {
  client_ = std::make_unique<http::TestClient>(server_->port());
  const timeval patience{.tv_sec = kPatience_ms / 1000, .tv_usec = 0};
  setsockopt(client_->socket(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  CHECK(client_->connected());
}

std::string World::read_body(std::string_view head) {
  const bool events = has_line(head, "text/event-stream");
  if (has_line(head, "Transfer-Encoding: chunked")) {
    std::string body;
    for (;;) {
      const std::string size = client_->read_through("\r\n");
      const std::string piece = client_->read_exactly(std::strtoull(size.c_str(), nullptr, 16));
      client_->read_through("\r\n");
      body += events ? piece : size + piece + "\r\n";
      if (piece.empty()) return body;
    }
  }
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t at = head.find(kLength);
  return at == std::string_view::npos ? std::string() : client_->read_exactly(std::strtoull(head.data() + at + kLength.size(), nullptr, 10));
}

std::string World::ask(const Call& call) {
  if (!client_) connect();
  const bool sends = !call.body.empty() || call.method == "POST" || call.method == "PUT" || call.method == "PATCH";
  const std::string length = sends ? fmt::format("Content-Length: {}\r\n", call.body.size()) : "";
  client_->send(fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}{}\r\n{}", call.method, call.target, call.headers, length, call.body));
  std::string answer = client_->read_through("\r\n\r\n");
  if (answer.empty()) {
    client_.reset();
    return "(no answer)";
  }
  const bool without = call.method == "HEAD" || answer.starts_with("HTTP/1.1 204") || answer.starts_with("HTTP/1.1 304");
  const std::string body = without ? "" : read_body(answer);
  if (has_line(answer, "Connection: close")) client_.reset();
  constexpr std::string_view kDate = "\r\nDate: ";
  if (const std::size_t at = answer.find(kDate); at != std::string::npos) {
    const std::size_t begin = at + kDate.size();
    answer.replace(begin, answer.find("\r\n", begin) - begin, "(now)");
  }
  return answer + body;
}

std::string World::numbered(std::string_view text) {
  static constexpr std::string_view kOfIds = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string named;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_not_of(kOfIds, at), text.size());
    const std::string_view word = text.substr(at, end - at);
    named += is_id_text(word) ? fmt::format("(id {})", ids_.emplace(word, ids_.size()).first->second) : std::string(word);
    if (end < text.size()) named += text[end];
    at = end + 1;
  }
  return named;
}

std::int64_t World::count(const std::string& where) {
  const auto rows = value_of(office_->database->read([&](store::Connection& connection) { return connection.query("SELECT count(*) FROM document WHERE " + where); }));
  return rows.front().integer(0);
}

std::uint64_t World::read_in() { return static_cast<std::uint64_t>(count("state = 'ready' AND passages > 0")); }

std::string World::ask_and_settle(const Call& call) {
  const std::uint64_t ready = read_in(), indexed = office_->search.additions();
  std::string answer = ask(call);
  settle(ready, indexed);
  return answer;
}

void World::settle(std::uint64_t ready, std::uint64_t indexed) {
  const auto wait = [] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); };
  while (count("state IN ('waiting', 'reading') AND deleted_ms IS NULL") > 0) wait();
  // A row says `ready` a moment before the index has it.
  const std::uint64_t now = read_in();
  while (now > ready && office_->search.additions() < indexed + now - ready) wait();
}

std::string World::file(const gate::Actor& by, const ShelfId& shelf, std::string_view name, std::string_view text) {
  const std::uint64_t ready = read_in(), indexed = office_->search.additions();
  auto writer = value_of(office_->blobs->begin(text.size() + 1));
  CHECK(writer.append(text).has_value());
  auto document = office_->documents.add(by, shelf, name, value_of(writer.finish()));
  settle(ready, indexed);
  return document ? document->id.text() : "";
}

std::vector<std::string> World::ids(const std::string& query, const store::Connection::Values& values) {
  std::vector<std::string> found;
  const auto rows = value_of(office_->database->read([&](store::Connection& connection) { return connection.query(query, values); }));
  for (const store::Row& row : rows) found.push_back(row.text(0));
  return found;
}

}  // namespace sekisho::proof
