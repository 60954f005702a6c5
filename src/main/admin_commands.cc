#include "main/admin_commands.h"

#include <functional>
#include <optional>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/json.h"
#include "main/usage_words.h"

namespace sekisho::main {
namespace {

constexpr std::int64_t kSetupLinkValid_ms = std::int64_t{24} * 60 * 60 * 1000;

/// Everything that the options of all commands fill.
struct Options {
  std::string name, display_name, password, clearance, id, url;
  std::vector<std::string> roles{"official"}, groups, shelves;
  bool password_stdin = false, all = false, json = false;
};

std::string first_line(const std::string& input) {
  std::string line = input.substr(0, input.find('\n'));
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

/// 「2」, 「機密性2」 or the short name.
Result<gate::Level> level_of(const gate::Policy& policy, const std::string& text) {
  if (text.size() == 1 && text[0] >= '1' && text[0] <= '9') {
    const int rank = text[0] - '1';
    if (rank <= policy.highest().rank) return gate::Level{rank};
  }
  return policy.level_named(text);
}

class Admin {
 public:
  Admin(Office& office, const Options& options, const std::string& input) : office_(office), o_(options), input_(input), by_(office.local_operator()) {}

  Outcome set_office() { return done(office_.set_name(o_.name)); }
  Outcome reload_policy() {
    auto reloaded = office_.reload_policy(by_);
    if (reloaded) return {0, fmt::format("方針「{}」を読み直しました。次の要求から効きます。\n", office_.policy.name()), ""};
    Outcome outcome = failed(reloaded.error());
    outcome.err += "前の方針のままです。\n";
    return outcome;
  }
  Outcome add_group() { return done(office_.accounts.add_group(by_, o_.name)); }

  Outcome list_groups() {
    auto groups = office_.accounts.groups();
    if (!groups) return failed(groups.error());
    return {0, fmt::format("{}{}", fmt::join(*groups, "\n"), groups->empty() ? "" : "\n"), ""};
  }

  Outcome add_user() {
    auto account = new_account();
    if (!account) return failed(account.error());
    std::optional<std::string> password;
    if (o_.password_stdin) password = first_line(input_);
    auto user = office_.accounts.create(by_, *account, password);
    return user ? Outcome{} : failed(user.error());
  }

  Outcome list_users() {
    auto accounts = office_.accounts.list();
    if (!accounts) return failed(accounts.error());
    std::string out;
    Json::Array items;
    for (const identity::Account& account : *accounts) {
      std::vector<std::string> roles;
      for (const gate::Role role : account.roles.list()) roles.emplace_back(gate::name_of(role));
      const std::string& level = office_.policy.rule(account.clearance).name;
      out += fmt::format("{}\t{}\t{}\t{}\t{}{}\n", account.name, account.display_name, fmt::join(roles, ","), level,
                         fmt::join(account.groups, ","), account.suspended ? "\t停止中" : "");
      items.push_back(Json::object({{"name", account.name},
                                    {"display_name", account.display_name},
                                    {"roles", Json::Array(roles.begin(), roles.end())},
                                    {"clearance", level},
                                    {"groups", Json::Array(account.groups.begin(), account.groups.end())},
                                    {"suspended", account.suspended}}));
    }
    return {0, o_.json ? Json::array(std::move(items)).dump() + "\n" : out, ""};
  }

  Outcome set_suspended(bool suspended) {
    return with_user([&](const identity::Account& user) { return done(office_.accounts.set_suspended(by_, user.id, suspended)); });
  }
  Outcome set_groups() {
    return with_user([&](const identity::Account& user) { return done(office_.accounts.set_groups(by_, user.id, o_.groups)); });
  }
  Outcome set_password() {
    return with_user([&](const identity::Account& user) { return done(office_.accounts.set_password(by_, user.id, first_line(input_))); });
  }

  Outcome create_key() {
    return with_user([&](const identity::Account& user) -> Outcome {
      identity::NewApiKey key{o_.display_name.empty() ? "コマンドで作った鍵" : o_.display_name, {}, {}};
      if (!o_.shelves.empty()) {
        key.shelves.emplace();
        for (const std::string& text : o_.shelves) {
          auto id = ShelfId::parse(text);
          if (!id) return failed(id.error());
          key.shelves->push_back(*std::move(id));
        }
      }
      auto issued = office_.api_keys.create(by_, user.id, key);
      return issued ? Outcome{0, issued->secret + "\n", ""} : failed(issued.error());
    });
  }

  Outcome list_keys() {
    return with_user([&](const identity::Account& user) -> Outcome {
      auto keys = office_.api_keys.list(user.id);
      if (!keys) return failed(keys.error());
      std::string out;
      for (const identity::ApiKey& key : *keys) out += fmt::format("{}\t{}\t…{}\n", key.id.text(), key.name, key.hint);
      return {0, out, ""};
    });
  }

  Outcome revoke_keys() {
    return with_user([&](const identity::Account& user) -> Outcome {
      auto keys = office_.api_keys.list(user.id);
      if (!keys) return failed(keys.error());
      bool found = false;
      for (const identity::ApiKey& key : *keys) {
        if (!o_.all && key.id.text() != o_.id) continue;
        found = true;
        if (auto revoked = office_.api_keys.revoke(by_, user.id, key.id); !revoked) return failed(revoked.error());
      }
      return found || o_.all ? Outcome{} : failed({ErrorCode::kDenied, "no such key"});
    });
  }

  Outcome setup_link() {
    identity::NewAccount account;
    account.name = "admin";
    account.display_name = "管理者";
    account.roles = {gate::Role::kOfficial, gate::Role::kAuthor, gate::Role::kOperator};
    account.clearance = office_.policy.highest();
    account.groups = o_.groups;
    auto token = office_.accounts.begin_setup(account, kSetupLinkValid_ms);
    return token ? Outcome{0, fmt::format("{}/setup?token={}\n", o_.url, *token), ""} : failed(token.error());
  }

 private:
  static Outcome done(const Result<void>& result) { return result ? Outcome{} : failed(result.error()); }

  template <typename Work>
  Outcome with_user(Work&& work) {
    auto user = office_.accounts.find(o_.name);
    return user ? work(*user) : failed(user.error());
  }

  Result<identity::NewAccount> new_account() const {
    identity::NewAccount account;
    account.name = o_.name;
    account.display_name = o_.display_name.empty() ? o_.name : o_.display_name;
    account.roles = {};
    for (const std::string& name : o_.roles) {
      auto role = gate::role_named(name);
      if (!role) return fail(role.error());
      account.roles.add(*role);
    }
    auto level = level_of(office_.policy, o_.clearance);
    if (!level) return fail(level.error());
    account.clearance = *level;
    account.groups = o_.groups;
    return account;
  }

  Office& office_;
  const Options& o_;
  const std::string& input_;
  const gate::Actor by_;
};

using Command = std::function<Outcome(Admin&)>;

/// Adds a command that, when it is the one given, leaves `run` in `chosen`.
CLI::App* command(CLI::App& parent, const char* name, const char* what, Command& chosen, Command run) {
  CLI::App* sub = parent.add_subcommand(name, what);
  sub->callback([&chosen, run = std::move(run)] { chosen = run; });
  return sub;
}

void add_people(CLI::App& app, Options& o, Command& chosen) {
  CLI::App* user = app.add_subcommand("user", "利用者");
  user->require_subcommand(1);
  CLI::App* add = command(*user, "add", "利用者を加える", chosen, [](Admin& admin) { return admin.add_user(); });
  add->add_option("name", o.name, "ログイン名（半角の英小文字、数字、. _ - @）")->required();
  add->add_option("--display-name", o.display_name, "氏名");
  add->add_option("--roles", o.roles, "役割: official,author,operator,auditor（職員、作成者、運用、監査）")->delimiter(',');
  add->add_option("--clearance", o.clearance, "扱える格付（1、2、3 又は名前）")->required();
  add->add_option("--groups", o.groups, "所属（,で区切る）")->delimiter(',');
  add->add_flag("--password-stdin", o.password_stdin, "パスワードを標準入力から読む");
  CLI::App* list = command(*user, "list", "利用者の一覧", chosen, [](Admin& admin) { return admin.list_users(); });
  list->add_flag("--json", o.json, "JSONで書く");
  command(*user, "suspend", "利用を止める", chosen, [](Admin& admin) { return admin.set_suspended(true); })->add_option("name", o.name)->required();
  command(*user, "resume", "利用を再開する", chosen, [](Admin& admin) { return admin.set_suspended(false); })->add_option("name", o.name)->required();
  CLI::App* groups = command(*user, "groups", "所属を改める", chosen, [](Admin& admin) { return admin.set_groups(); });
  groups->add_option("name", o.name)->required();
  groups->add_option("--groups", o.groups, "所属（,で区切る）")->delimiter(',')->required();
  CLI::App* password = command(*user, "password", "パスワードを改める", chosen, [](Admin& admin) { return admin.set_password(); });
  password->add_option("name", o.name)->required();
  password->add_flag("--password-stdin", o.password_stdin, "パスワードを標準入力から読む")->required();
}

void add_keys(CLI::App& app, Options& o, Command& chosen) {
  CLI::App* key = app.add_subcommand("key", "APIの鍵");
  key->require_subcommand(1);
  CLI::App* create = command(*key, "create", "鍵を作り、鍵だけを書く（一度しか表示しない）", chosen, [](Admin& admin) { return admin.create_key(); });
  create->add_option("name", o.name, "持ち主のログイン名")->required();
  create->add_option("--label", o.display_name, "鍵の名前");
  create->add_option("--shelves", o.shelves, "使える書架のid（,で区切る）。なければ持ち主の読める書架")->delimiter(',');
  command(*key, "list", "鍵の一覧", chosen, [](Admin& admin) { return admin.list_keys(); })->add_option("name", o.name)->required();
  CLI::App* revoke = command(*key, "revoke", "鍵を無効にする", chosen, [](Admin& admin) { return admin.revoke_keys(); });
  revoke->add_option("name", o.name, "持ち主のログイン名")->required();
  CLI::Option* id = revoke->add_option("--id", o.id, "鍵のid");
  revoke->add_flag("--all", o.all, "全ての鍵")->excludes(id);
}

void add_office(CLI::App& app, Options& o, Command& chosen) {
  command(app, "office", "組織の名前を決める", chosen, [](Admin& admin) { return admin.set_office(); })
      ->add_option("--name", o.name, "組織の名前")->required();
  CLI::App* group = app.add_subcommand("group", "所属（課、係など）");
  group->require_subcommand(1);
  command(*group, "add", "所属を加える", chosen, [](Admin& admin) { return admin.add_group(); })->add_option("name", o.name)->required();
  command(*group, "list", "所属の一覧", chosen, [](Admin& admin) { return admin.list_groups(); });
  CLI::App* policy = app.add_subcommand("policy", "方針");
  policy->require_subcommand(1);
  command(*policy, "reload", "policy.toml と dlp.toml を読み直す。誤りがあれば、前の方針のまま", chosen, [](Admin& admin) { return admin.reload_policy(); });
  CLI::App* link = command(app, "setup-link", "最初の管理者がパスワードを決めるための、一度だけ使えるリンクを作る", chosen,
                           [](Admin& admin) { return admin.setup_link(); });
  link->add_option("--url", o.url, "サーバーのアドレス（http://127.0.0.1:8080 など）");
  link->add_option("--groups", o.groups, "管理者の所属（,で区切る）")->delimiter(',');
}

}  // namespace

Outcome run_admin(Office& office, const std::vector<std::string>& arguments, const std::string& input) {
  Options options;
  Command chosen;
  CLI::App app("サーバーのある機械で行う管理", "sekisho admin");
  speak_japanese(app);
  app.require_subcommand(1);
  add_office(app, options, chosen);
  add_people(app, options, chosen);
  add_keys(app, options, chosen);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = app.exit(error, out, err);
    return {code == 0 ? 0 : kExitUsage, out.str(), err.str()};
  }
  Admin admin(office, options, input);
  return chosen(admin);
}

}  // namespace sekisho::main
