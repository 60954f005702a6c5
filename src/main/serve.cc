#include "main/serve.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <iostream>
#include <memory>
#include <utility>

#include <sys/signalfd.h>
#include <unistd.h>

#include <fmt/format.h>

#include "api/access.h"
#include "api/respond.h"
#include "api/routes.h"
#include "base/log.h"
#include "http/server.h"
#include "http/static_files.h"
#include "main/admin_commands.h"
#include "main/admin_socket.h"
#include "main/audit_commands.h"
#include "main/composition.h"
#include "main/doctor.h"
#include "main/egress_report.h"
#include "main/model_desk.h"
#include "main/models.h"
#include "main/embedding.h"
#include "main/office.h"
#include "main/resources.h"
#include "main/storage.h"
#include "main/upkeep.h"
#include "model/local_engine.h"

namespace sekisho::main {
namespace {

constexpr std::int64_t kStopDeadline_ms = 5'000;
constexpr std::int64_t kKeptPrefixes = 6;
constexpr std::int64_t kSweepEvery_ms = 10 * 60 * 1000;
constexpr std::int64_t kKeepEvery_ms = 5'000;
constexpr std::int64_t kCheckpointEvery_ms = 15 * 60 * 1000;

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

/// "127.0.0.1:8080", "[::1]:8080".
Result<Address> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return fail(ErrorCode::kInvalid, "--listen: ADDRESS:PORT");
  Address address{text.substr(0, colon), 0};
  if (address.host.starts_with('[') && address.host.ends_with(']')) address.host = address.host.substr(1, address.host.size() - 2);
  const char* end = text.data() + text.size();
  const auto [stop, ec] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (ec != std::errc() || stop != end) return fail(ErrorCode::kInvalid, "--listen: the port must be 0 to 65535");
  return address;
}

/// The model that answers, and its engine; or neither.
struct Answering {
  chat::AnsweringModel model;
  std::unique_ptr<model::Engine> engine;
};

Result<Answering> open_model(const ServeOptions& options, const Clock& clock) {
  Answering answering;
  if (options.no_model) return answering;
  auto file = resolve_model(options.model);
  if (!file) return fail(file.error());
  auto program = find_program("sekisho-model");
  if (!program) return fail(program.error());
  model::LocalEngine::Options engine;
  engine.worker.program = program->string();
  engine.worker.load.context_tokens = options.context_tokens;
  engine.worker.load.sequences = options.sequences;
  engine.worker.load.kept_prefixes = kKeptPrefixes;
  engine.worker.load.exact = options.exact;
  engine.one_subject = options.one_subject;
  engine.model_path = file->path.string();
  engine.model_sha256 = file->sha256;
  auto opened = model::LocalEngine::open(std::move(engine), clock);
  if (!opened) return fail(opened.error());
  auto family = file->family ? Result<model::Family>(*file->family) : model::family_of((*opened)->summary());
  answering.model = {file->name, file->title, file->sha256, family.value_or(model::Family::kChatMl), file->judge};
  answering.engine = *std::move(opened);
  return answering;
}

std::string_view name_of(identity::Audience audience) {
  switch (audience) {
    case identity::Audience::kPublic: return "public";
    case identity::Audience::kSignedIn: return "signed_in";
    case identity::Audience::kOfficial: return "official";
    case identity::Audience::kAuthor: return "author";
    case identity::Audience::kOperator: return "operator";
    case identity::Audience::kAuditor: return "auditor";
  }
  return "";
}

/// "GET /api/v1/shelves signed_in", a line a route: what a test holds against api/openapi.yaml.
std::string list_of(const http::Router& router) {
  std::string list;
  for (const http::RouteInfo* route : router.routes()) {
    list += fmt::format("{} {} {}\n", http::name_of(route->method), route->pattern, name_of(api::declared_in(*route).audience));
  }
  return list;
}

/// The parts of a running server, in the order in which they need each other.
class Running {
 public:
  Running(std::unique_ptr<Office> office, Answering answering, std::unique_ptr<Embedding> embedding, NamedModels named)
      : office_(std::move(office)),
        embedding_(std::move(embedding)),
        answering_(std::move(answering)),
        composition_(*office_, answering_.model, answering_.engine.get(), embedding_ ? &embedding_->engine() : nullptr, embedding_ ? embedding_->name() : ""),
        desk_(office_->folder(), *office_->chain, active_models(), named) {
    api::Context& context = composition_.context();
    context.models = [active = active_models()] { return models_json(active); };
    context.model_desk = [this](const gate::Actor& actor, std::string_view act, const std::string& name) { return desk_.act(actor, act, name); };
    context.health = [this] { return health(); };
    context.storage = [this] { return storage_json(office_->folder()); };
  }

  Result<void> start(const ServeOptions& options) {
    auto address = parse_address(options.listen);
    if (!address) return fail(address.error());
    if (auto loaded = office_->search.load(); !loaded) return loaded;
    if (embedding_) {
      if (auto served = embedding_->serve(*office_); !served) return served;
    }
    if (auto recovered = office_->conversations.recover(); !recovered) return fail(recovered.error());
    if (auto swept = office_->sessions.sweep(); !swept) return swept;  // Sessions that expired while nobody served.
    upkeep_ = std::make_unique<Upkeep>(std::vector<Upkeep::Duty>{{kSweepEvery_ms, [this] { sweep(); }},
                                                                 {kKeepEvery_ms, [this] { composition_.turns().keep_ended(); }},
                                                                 {kCheckpointEvery_ms, [this] { checkpoint(); }}});
    checkpoint();  // Over what a crash may have left without one.
    if (auto started = office_->jobs.start(); !started) return started;
    if (auto folder = find_resource("web/dist"); folder) {
      auto page = http::StaticFiles::load(*folder, {.page_security_policy = api::page_security_policy()});
      if (!page) return fail(page.error());
      page_ = std::make_unique<http::StaticFiles>(*std::move(page));
    }
    http::ServerOptions server;
    server.address = address->host;
    server.port = address->port;
    server.allowed_hosts = options.hosts;
    server.error_page = api::error_page;
    if (!options.certificate.empty()) server.tls = http::TlsFiles{options.certificate, options.key};
    api::Context& context = composition_.context();
    context.secure_cookies = server.tls.has_value();
    http::Router router = api::make_router(context, page_.get());
    routes_ = list_of(router);
    auto listening = http::Server::start(std::move(server), std::move(router), api::make_pipeline(context));
    if (!listening) return fail(listening.error());
    server_ = *std::move(listening);
    auto socket = AdminSocket::open(office_->folder(), [this](const auto& arguments, const std::string& input) {
      if (arguments == std::vector<std::string>{"routes"}) return Outcome{0, routes_, ""};
      if (auto outcome = run_audit_in(*office_, arguments)) return *outcome;
      const ServingModel model{true, answering_.model.name, answering_.model.sha256};
      if (auto outcome = run_report_in(*office_, arguments, model)) return *outcome;
      return run_admin(*office_, arguments, input);
    });
    if (!socket) return fail(socket.error());
    admin_ = *std::move(socket);
    desk_.go_on();
    url_ = fmt::format("{}://{}:{}", options.certificate.empty() ? "http" : "https",
                       address->host.find(':') == std::string::npos ? address->host : "[" + address->host + "]", server_->port());
    return {};
  }

  void welcome() {
    std::cout << fmt::format("\nSekisho が始まりました:  {}\n", url_);
    auto groups = office_->accounts.groups();
    std::vector<std::string> arguments = {"setup-link", "--url", url_};
    if (groups && !groups->empty()) {
      arguments.emplace_back("--groups");
      arguments.push_back(fmt::format("{}", fmt::join(*groups, ",")));
    }
    const Outcome link = run_admin(*office_, arguments, "");
    if (link.exit == 0) std::cout << fmt::format("最初の管理者のリンク（24時間、一度だけ）:  {}", link.out);
    auto shelves = office_->database->read([](store::Connection& connection) { return connection.query("SELECT 1 FROM shelf LIMIT 1"); });
    if (shelves && !shelves->empty()) std::cout << "試しに聞いてみてください:  一時預かりの利用料はいくらですか。\n";
    std::cout << "止めるには Ctrl+C を押してください。\n" << std::flush;
  }

  void reload_policy() {
    auto reloaded = office_->reload_policy(office_->local_operator());
    if (reloaded) return log_info("policy.reloaded", {{"sha256", office_->policy.sha256()}});
    log_error("policy.not_reloaded", {{"detail", reloaded.error().detail}});
  }

  void stop() {
    admin_.reset();
    server_->stop(kStopDeadline_ms);
    upkeep_.reset();
    checkpoint();
  }

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

 private:
  void checkpoint() {
    if (auto written = office_->notary->checkpoint(); !written) log_error("audit.no_checkpoint", {{"detail", written.error().detail}});
  }
  /// What has had its time: sessions, and what was deleted and not taken back.
  void sweep() {
    if (auto swept = office_->sessions.sweep(); !swept) log_warning("sessions.not_swept", {{"detail", swept.error().detail}});
    if (auto swept = office_->conversation_list.sweep(); !swept) log_warning("conversations.not_swept", {{"detail", swept.error().detail}});
    if (auto swept = office_->shelves.sweep_personal(); !swept) log_warning("attachments.not_swept", {{"detail", swept.error().detail}});
    if (auto swept = office_->documents.sweep(); !swept) log_warning("documents.not_swept", {{"detail", swept.error().detail}});
    if (auto swept = office_->conversation_search.sweep(); !swept) log_warning("conversation_terms.not_swept", {{"detail", swept.error().detail}});
  }
  std::vector<std::string> active_models() const {
    std::vector<std::string> active = {answering_.model.name};
    if (embedding_) active.push_back(embedding_->name());
    return active;
  }

  Json health() {
    std::vector<HealthVerdict> verdicts = check_folder(office_->folder());
    const std::string trouble = office_->notary->witness_trouble();
    if (!trouble.empty()) verdicts.push_back({"audit", "witness", false, trouble});
    const model::EngineInfo info = composition_.engine().info();
    verdicts.push_back({"model", "engine", info.ready, info.ready ? info.model.name : info.trouble});
    if (embedding_) verdicts.push_back(embedding_verdict());
    for (HealthVerdict& verdict : check_seals()) verdicts.push_back(std::move(verdict));
    Json json = to_json(verdicts);
    json.set("engine", Json::object({{"ready", info.ready},
                                     {"cpu_variant", info.model.cpu_variant},
                                     {"threads", info.threads},
                                     {"waiting", info.waiting},
                                     {"running", info.running},
                                     {"starts", info.starts}}));
    return json;
  }

  HealthVerdict embedding_verdict() {
    const model::EngineInfo info = embedding_->engine().info();
    const auto progress = embedding_->progress();
    std::string detail = info.ready ? info.model.name : info.trouble;
    if (progress) detail += fmt::format(" {}/{}{}{}", progress->done, progress->total, progress->trouble.empty() ? "" : " ", progress->trouble);
    return {"model", "embedding", info.ready && progress && progress->trouble.empty(), std::move(detail)};
  }

  std::unique_ptr<Office> office_;
  std::unique_ptr<Embedding> embedding_;
  Answering answering_;
  Composition composition_;
  ModelDesk desk_;
  std::unique_ptr<http::StaticFiles> page_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<AdminSocket> admin_;
  std::unique_ptr<Upkeep> upkeep_;
  std::string url_;
  std::string routes_;  ///< For `sekisho admin routes`.
};

/// What the office chose, where the command line names nothing; a choice that cannot be loaded is passed over and said so.
ServeOptions with_choices(ServeOptions options) {
  const ModelChoice choice = chosen_models(options.data);
  const auto take = [](std::string& option, const std::string& chosen) {
    if (!option.empty() || chosen.empty()) return;
    if (auto file = resolve_model(chosen); file) option = chosen;
    else log_error("model.choice_not_loaded", {{"model", chosen}, {"detail", file.error().detail}});
  };
  if (!options.no_model) take(options.model, choice.answering);
  take(options.embedding, choice.embedding);
  return options;
}

/// SIGTERM, SIGINT and SIGHUP wait here instead of striking; call before any thread exists.
int block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

int give_up(const Error& error) {
  std::cerr << "Sekisho を始められません。" << in_japanese(error) << "\n";
  return kExitFailed;
}

/// A SIGHUP has the policy read again, except where a terminal that was closed sent it.
void wait_for_the_end(int signals, Running& running) {
  const bool at_terminal = isatty(STDIN_FILENO) == 1;
  for (;;) {
    signalfd_siginfo info{};
    if (read(signals, &info, sizeof info) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (info.ssi_signo != SIGHUP || at_terminal) return;
    running.reload_policy();
  }
}

}  // namespace

int serve(ServeOptions options) {
  const int signals = block_stop_signals();
  const SystemClock clock;
  const std::int64_t began_ms = clock.steady_ms();
  // The model first: the first look at a new file reads all of it, and the office is not to be locked meanwhile.
  const NamedModels named{.answering = !options.model.empty(), .embedding = !options.embedding.empty()};
  options = with_choices(std::move(options));
  auto answering = open_model(options, clock);
  if (!answering) return give_up(answering.error());
  auto embedding = Embedding::open(options.embedding, clock);
  if (!embedding) return give_up(embedding.error());
  auto office = Office::open(options.data, {.witness = options.witness});
  if (!office) return give_up(office.error());
  Running running(*std::move(office), *std::move(answering), *std::move(embedding), named);
  if (auto started = running.start(options); !started) return give_up(started.error());
  log_info("server.started", {{"port", std::int64_t{running.port()}}, {"took_ms", clock.steady_ms() - began_ms}});
  if (!options.port_file.empty()) std::ofstream(options.port_file) << running.port() << "\n";
  if (options.welcome) running.welcome();
  wait_for_the_end(signals, running);
  log_info("server.stopping");
  running.stop();
  return 0;
}

}  // namespace sekisho::main
