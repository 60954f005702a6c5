#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "main/commands.h"
#include "main/outcome.h"
#include "main/usage_words.h"

int main(int argc, char** argv) {
  using namespace sekisho::main;
  // `admin` parses its own arguments, because the server may have to run them.
  if (argc >= 2 && std::string(argv[1]) == "admin") return run_admin_command(std::vector<std::string>(argv + 2, argv + argc));
  Chosen chosen;
  CLI::App app("Sekisho（関所）: 役所の文書から、出典を示して答える助手", "sekisho");
  app.require_subcommand(1);
  speak_japanese(app);
  app.set_version_flag("--version", "sekisho 0.1.0");
  add_server_commands(app, chosen);
  add_audit_commands(app, chosen);
  add_report_commands(app, chosen);
  add_policy_commands(app, chosen);
  add_model_commands(app, chosen);
  add_client_commands(app, chosen);
  add_eval_commands(app, chosen);
  app.add_subcommand("admin", "利用者、所属、鍵（サーバーのある機械で行う）");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  return chosen ? chosen() : 0;
}
