#include "main/office.h"

#include <system_error>
#include <utility>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/log.h"
#include "main/resources.h"
#include "store/migrate.h"

namespace sekisho::main {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kDefaultPolicy = "policies/ministry.toml";
constexpr std::string_view kDefaultDlp = "policies/dlp_ja.toml";
constexpr std::string_view kPolicyFile = "policy.toml";
constexpr std::string_view kDlpFile = "dlp.toml";
/// Old rules are kept while the server runs, since somebody may still be reading them.
constexpr std::size_t kReloads_max = 1000;

Result<void> make_folder(const fs::path& folder) {
  std::error_code ec;
  if (fs::create_directories(folder, ec); ec) {
    return fail(ErrorCode::kUnavailable, fmt::format("{}: cannot be made: {}", folder.string(), ec.message()));
  }
  fs::permissions(folder, fs::perms::owner_all, ec);
  return {};
}

/// The office's own file `name`; the first time a copy of the shipped one.
Result<fs::path> own_file(const fs::path& folder, std::string_view name, std::string_view shipped_as) {
  const fs::path own = folder / name;
  std::error_code ec;
  if (fs::exists(own, ec)) return own;
  auto shipped = find_resource(shipped_as);
  if (!shipped) return fail(shipped.error());
  const fs::path part = own.string() + ".part";
  fs::copy_file(*shipped, part, fs::copy_options::overwrite_existing, ec);
  if (!ec) fs::rename(part, own, ec);
  if (ec) return fail(ErrorCode::kUnavailable, fmt::format("{}: {}", own.string(), ec.message()));
  return own;
}

Result<gate::Policy> open_policy(const fs::path& folder) {
  const auto own = own_file(folder, kPolicyFile, kDefaultPolicy);
  return own ? gate::Policy::load(*own) : fail(own.error());
}

Result<gate::Dlp> open_dlp(const fs::path& folder, const gate::Policy& policy, const text::WordAnalyser& words) {
  const auto own = own_file(folder, kDlpFile, kDefaultDlp);
  return own ? gate::Dlp::load(own->string(), policy, &words) : fail(own.error());
}

std::string system_user() {
  const passwd* user = getpwuid(geteuid());
  return user != nullptr ? user->pw_name : fmt::format("uid {}", geteuid());
}

}  // namespace

Office::Office(Opened opened)
    : clock(opened.clock),
      policy(std::move(opened.policy)),
      chain(std::move(opened.chain)),
      notary(std::move(opened.notary)),
      contents(std::move(opened.contents)),
      database(std::move(opened.database)),
      blobs(std::move(opened.blobs)),
      analyser(std::move(opened.analyser)),
      dlp(std::move(opened.dlp)),
      gate(policy, *chain, dlp),
      accounts(*database, *chain, policy, clock),
      sessions(*database, policy, clock),
      sign_in(accounts, sessions, *chain, policy, clock),
      api_keys(*database, *chain, policy, clock),
      openings(*database, gate, *contents, opened.folder / "audit", clock),
      search(*database, *analyser, policy),
      shelves(*database, *blobs, gate, search, clock),
      jobs({.extract_program = opened.extract_program}, *database, *blobs, gate, search, clock),
      documents(*database, *blobs, gate, shelves, search, clock, [this] { jobs.wake(); }),
      page_images(opened.extract_program, *database, *blobs, documents, shelves, clock),
      conversations(*database, gate, clock),
      conversation_list(*database, gate, clock),
      conversation_search(*database, *analyser, gate),
      ratings(*database, conversations, gate, clock),
      folder_(std::move(opened.folder)),
      own_witness_(opened.own_witness) {}

Result<std::unique_ptr<Office>> Office::open(const fs::path& folder, OfficeOptions options) {
  static const SystemClock machine_clock;
  const Clock& clock = options.clock != nullptr ? *options.clock : machine_clock;
  if (auto made = make_folder(folder); !made) return fail(made.error());
  auto policy = open_policy(folder);
  if (!policy) return fail(policy.error());
  auto program = find_program("sekisho-extract");
  if (!program) return fail(program.error());
  // The audit log's lock is the office's: a second process stops here.
  auto known = audit::last_known_tree(folder / "audit");
  if (!known) return fail(known.error());
  auto chain = audit::Chain::open(folder / "audit", clock, {.known = *std::move(known)});
  if (!chain) return fail(chain.error());
  const bool own_witness = !options.witness.empty();
  auto notary = audit::Notary::open(folder / "audit", **chain, clock,
                                    {.keys = folder / "keys", .witness = own_witness ? std::move(options.witness) : fs::path(policy->audit_witness())});
  if (!notary) return fail(notary.error());
  auto contents = audit::Contents::open(folder / "audit", folder / "keys" / "content", clock);
  if (!contents) return fail(contents.error());
  auto database = store::Database::open(folder / "sekisho.db");
  if (!database) return fail(database.error());
  auto migrated = store::migrate(**database, folder / "backup");
  if (!migrated) return fail(migrated.error());
  if (migrated->from != migrated->to) log_info("store.migrated", {{"from", std::int64_t{migrated->from}}, {"to", std::int64_t{migrated->to}}});
  auto blobs = store::Blobs::open(folder / "blobs");
  if (!blobs) return fail(blobs.error());
  auto analyser = text::WordAnalyser::open();
  if (!analyser) return fail(analyser.error());
  auto dlp = open_dlp(folder, *policy, **analyser);
  if (!dlp) return fail(dlp.error());
  return std::unique_ptr<Office>(new Office({clock, folder, program->string(), *std::move(policy), *std::move(chain), *std::move(notary), *std::move(contents), *std::move(database),
                                             *std::move(blobs), *std::move(analyser), *std::move(dlp), own_witness}));
}

std::string Office::name() {
  auto row = database->read([](store::Connection& connection) { return connection.query("SELECT value FROM setting WHERE name = 'office.name'"); });
  return row && !row->empty() ? row->front().text(0) : "";
}

Result<void> Office::set_name(std::string_view name) {
  auto done = database->write([&](store::Connection& connection) {
    return connection.execute("INSERT INTO setting (name, value) VALUES ('office.name', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                              {std::string(name)});
  });
  return done ? Result<void>() : fail(done.error());
}

Result<void> Office::reload_policy(const gate::Actor& by) {
  const std::lock_guard lock(reloading_);
  if (policy.versions() > kReloads_max) return fail(ErrorCode::kTooLarge, fmt::format("{} reloads since the start: restart the server", kReloads_max));
  auto next = gate::Policy::load(folder_ / kPolicyFile);
  auto personal = next ? gate::Dlp::load((folder_ / kDlpFile).string(), *next, analyser.get()) : fail(next.error());
  auto fits = personal ? policy.may_become(*next) : fail(personal.error());
  if (!fits) {
    auto told = gate.record(by, "policy.reloaded", {}, audit::Outcome::kFailed, Json::object({{"why", fits.error().detail}}));
    return told ? fits : fail(told.error());
  }
  Json facts = Json::object({{"name", next->name()}, {"sha256", next->sha256()}, {"personal_sha256", personal->sha256()}, {"witness", next->audit_witness()}});
  if (auto told = gate.record(by, "policy.reloaded", {}, audit::Outcome::kDone, std::move(facts)); !told) return fail(told.error());
  policy.replace(*next);
  dlp.replace(*personal);
  if (!own_witness_) notary->set_witness(policy.audit_witness());
  return {};
}

gate::Actor Office::local_operator() const { return gate::Actor::local_operator(system_user(), policy.highest()); }

}  // namespace sekisho::main
