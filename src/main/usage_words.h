#pragma once

namespace CLI {
class App;
}

namespace sekisho::main {

/// Makes `app` say in Japanese how it is used and what of a command line is wrong. Call it before subcommands are added:
/// they take it over.
void speak_japanese(CLI::App& app);

}  // namespace sekisho::main
