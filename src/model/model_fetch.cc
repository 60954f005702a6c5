#include "model/model_fetch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/json.h"

extern char** environ;

namespace sekisho::model {
namespace {

constexpr int kLookEvery_ms = 200;
constexpr std::size_t kLineBytes_max = 64 * 1024;

/// The script while it runs, and the pipe of its standard output. Its environment is ours: pip needs it.
struct Script {
  pid_t pid = -1;
  int output_fd = -1;
};

/// `apart`: in a process group of its own, so that all of it can be ended; otherwise the terminal's Ctrl+C reaches it.
Result<Script> run_script(const FetchOptions& options, bool apart) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorCode::kUnavailable, fmt::format("pipe: {}", std::strerror(errno)));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  const std::array<std::string, 8> words = {options.python, options.script,       "--json",    "--catalog", options.catalog_path,
                                            "--cache",      options.cache_folder, options.name};
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);  // A server blocks the signals that are to end the script.
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK | (apart ? POSIX_SPAWN_SETPGROUP : 0)));
  Script script{-1, ends[0]};
  const int error = ::posix_spawnp(&script.pid, options.python.c_str(), &actions, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (error == 0) return script;
  ::close(ends[0]);
  if (error == ENOENT) return fail(ErrorCode::kUnavailable, options.python + " is not installed: apt-get install python3 python3-pip");
  return fail(ErrorCode::kUnavailable, fmt::format("{}: {}", options.python, std::strerror(error)));
}

/// What the script's lines amount to.
struct Outcome {
  std::optional<std::string> path;
  std::optional<Error> error;
};

void take_line(std::string_view line, const std::function<void(const FetchProgress&)>& on_progress, Outcome& outcome) {
  const auto json = Json::parse(line);
  if (!json) return;
  const std::string event = json->text_or("event");
  if (event == "done") {
    outcome.path = json->text_or("path");
  } else if (event == "failed") {
    outcome.error = Error{error_code_named(json->text_or("code")), json->text_or("detail")};
  } else if (on_progress) {
    on_progress({event, json->text_or("step"), json->int_or("bytes"), json->int_or("total"), json->number_or("seconds")});
  }
}

/// False once it is to stop; until then true, when there is something to read or the end.
bool wait_to_read(int fd, const std::stop_token& stop) {
  pollfd ready{fd, POLLIN, 0};
  while (!stop.stop_requested()) {
    if (::poll(&ready, 1, kLookEvery_ms) > 0) return true;
  }
  return false;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

Result<std::string> fetch_model(const FetchOptions& options, const std::function<void(const FetchProgress&)>& on_progress, const std::stop_token& stop) {
  const auto script = run_script(options, stop.stop_possible());
  if (!script) return fail(script.error());
  Outcome outcome;
  std::string pending;
  std::array<char, 4096> buffer{};
  while (wait_to_read(script->output_fd, stop)) {
    const ssize_t got = ::read(script->output_fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    pending.append(buffer.data(), static_cast<std::size_t>(got));
    for (std::size_t end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
      take_line(std::string_view(pending).substr(0, end), on_progress, outcome);
      pending.erase(0, end + 1);
    }
    if (pending.size() > kLineBytes_max) pending.clear();
  }
  ::close(script->output_fd);
  if (stop.stop_requested()) ::kill(-script->pid, SIGTERM);
  const int status = wait_for(script->pid);
  if (stop.stop_requested() && !outcome.path) return fail(ErrorCode::kCancelled, "the fetch was stopped");
  if (outcome.error) return fail(*outcome.error);
  if (status == 0 && outcome.path) return *outcome.path;
  return fail(ErrorCode::kUnavailable, fmt::format("{} ended with status {}", options.script, status));
}

}  // namespace sekisho::model
