#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sekisho::main {

/// The command that was chosen on the command line; returns the exit code.
using Chosen = std::function<int()>;

/// One function a family of commands: adds its subcommands to `app`; the one that is given leaves itself in `chosen`.
void add_server_commands(CLI::App& app, Chosen& chosen);  ///< serve, doctor
void add_audit_commands(CLI::App& app, Chosen& chosen);   ///< audit
void add_report_commands(CLI::App& app, Chosen& chosen);  ///< report
void add_policy_commands(CLI::App& app, Chosen& chosen);  ///< policy, explain
void add_model_commands(CLI::App& app, Chosen& chosen);   ///< model
void add_client_commands(CLI::App& app, Chosen& chosen);  ///< ask, search, shelf
void add_eval_commands(CLI::App& app, Chosen& chosen);    ///< eval

/// `sekisho admin ARGUMENTS… [--data DIR]`: in the server that holds DIR, else here.
[[nodiscard]] int run_admin_command(std::vector<std::string> arguments);

}  // namespace sekisho::main
