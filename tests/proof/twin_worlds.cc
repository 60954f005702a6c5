// Proof G1: twin worlds. A generated office and a twin that differs only in what one person, the actor, may not see: other people's
// conversations and papers, shelves that they may not read or that are above their clearance, their number, names and contents, and
// all that goes on there meanwhile. The actor does the same in both, over a real socket, through the server's own composition; each
// answer is compared byte by byte, with what the engine was asked for it; ids count as the same where they were seen first at the same place.
//
// usage: twin_worlds [--worlds N] [--rounds N] [--actions N] [--seed N] [--cases FILE] [--seconds N] [--shorten 0|1]
//   A difference is made short (fewer actions, as long as it stays) and printed with its seed; exit status 1 then.
//   FILE holds seeds that once told a difference, "SEED ROUNDS ACTIONS" a line; they are tried first.
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"
#include "base/log.h"
#include "steady_random.h"
#include "twin_actions.h"

namespace sekisho::proof {
namespace {

struct Plan {
  std::uint64_t seed = 1;
  std::uint64_t rounds = 4;
  std::uint64_t actions = 300;         ///< A round.
  std::set<std::uint64_t> left_out{};  ///< Numbers of actions, where a difference is made short.
};

/// One end of a pipe between the worlds and who compares them: whole messages.
class Line {
 public:
  explicit Line(int socket) : socket_(socket) {}
  void send(char kind, const std::string& text) const {
    const auto size = static_cast<std::uint32_t>(text.size());
    std::string bytes(1, kind);
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size).append(text);
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t sent = ::send(socket_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) _exit(3);
      at += static_cast<std::size_t>(sent);
    }
  }
  /// 'x' where the other end is gone.
  char receive(std::string& text) const {
    char kind = 'x';
    std::uint32_t size = 0;
    if (!read(&kind, 1) || !read(reinterpret_cast<char*>(&size), sizeof size)) return 'x';
    text.resize(size);
    return read(text.data(), size) ? kind : 'x';
  }

 private:
  bool read(char* into, std::size_t bytes) const {
    while (bytes > 0) {
      const ssize_t got = ::recv(socket_, into, bytes, 0);
      if (got <= 0) return false;
      into += got;
      bytes -= static_cast<std::size_t>(got);
    }
    return true;
  }
  int socket_;
};

std::string joined(const std::vector<std::string>& ids) { return fmt::format("{}", fmt::join(ids, "\n")); }
std::vector<std::string> parted(const std::string& text) {
  std::vector<std::string> ids;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) ids.push_back(line);
  return ids;
}

/// One of the worlds, in a process of its own: it says what it hides ('h'), hears what both hide, and tells each answer ('a').
void live(const Plan& plan, Side side, const Line& line) {
  World world;
  Life life(world, plan.seed, side);
  Hands hands(life);
  std::uint64_t number = 0;
  for (std::uint64_t round = 0; round < plan.rounds; ++round) {
    life.go_on(round);
    line.send('h', joined(life.hidden_ids()));
    std::string foreign;
    if (line.receive(foreign) != 'f') return;
    hands.learn_foreign(parted(foreign));
    static_cast<void>(world.engine().told());
    for (std::uint64_t i = 0; i < plan.actions; ++i, ++number) {
      if (plan.left_out.contains(number)) continue;
      const Action action = hands.next(plan.seed, number);
      restart_random(mixed(mixed(plan.seed, 5000), number));
      world.advance_ms(1);
      const std::string answer = action.brings ? world.ask_and_settle(action.call) : world.ask(action.call);
      hands.learn(action, answer);
      line.send('a', world.numbered(fmt::format("{} {} {}\n\n{}\n\nengine: {}", action.call.method, action.call.target, action.call.body, answer, world.engine().told())));
    }
  }
  line.send('e', "");
}

struct Child {
  pid_t process = -1;
  int socket = -1;
};

Child start(const Plan& plan, Side side) {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const pid_t process = fork();
  CHECK(process >= 0);
  if (process > 0) {
    ::close(ends[1]);
    return {process, ends[0]};
  }
  ::close(ends[0]);
  set_log_level(LogLevel::kError);
  make_random_steady();
  live(plan, side, Line(ends[1]));
  _exit(0);
}

struct Outcome {
  std::uint64_t compared = 0;
  bool differs = false;
  std::uint64_t at = 0;  ///< The action that differs.
  std::string left, right;
  std::map<std::string, std::uint64_t> statuses;
};

std::uint64_t number_of(const Plan& plan, std::uint64_t compared) {
  std::uint64_t number = 0;
  for (std::uint64_t left = compared;; ++number) {
    if (plan.left_out.contains(number)) continue;
    if (left-- == 0) return number;
  }
}

Outcome compare(const Plan& plan, const Line& left, const Line& right) {
  Outcome outcome;
  std::string a, b;
  for (;;) {
    const char kind = left.receive(a), other = right.receive(b);
    if (kind == 'e' && other == 'e') return outcome;
    if (kind == 'h' && other == 'h') {
      const std::string both = a + (a.empty() || b.empty() ? "" : "\n") + b;
      left.send('f', both);
      right.send('f', both);
      continue;
    }
    if (kind != 'a' || other != 'a' || a != b) {
      outcome.differs = true;
      outcome.at = number_of(plan, outcome.compared);
      outcome.left = kind == 'a' ? a : "the left world ended";
      outcome.right = other == 'a' ? b : "the right world ended";
      return outcome;
    }
    ++outcome.compared;
    const std::size_t status = a.find("HTTP/1.1 ");
    ++outcome.statuses[status == std::string::npos ? "none" : a.substr(status + 9, 3)];
  }
}

Outcome run(const Plan& plan) {
  const Child left = start(plan, Side::kLeft), right = start(plan, Side::kRight);
  Outcome outcome = compare(plan, Line(left.socket), Line(right.socket));
  for (const Child& child : {left, right}) {
    ::close(child.socket);
    if (outcome.differs) ::kill(child.process, SIGKILL);
    ::waitpid(child.process, nullptr, 0);
  }
  return outcome;
}

/// Leaves out actions, first many, then one at a time, as long as some answer still differs.
std::pair<Plan, Outcome> shortened(Plan plan, Outcome outcome) {
  constexpr int kTries = 60;
  plan.rounds = outcome.at / plan.actions + 1;
  int tries = 0;
  for (std::uint64_t piece = std::max<std::uint64_t>(1, outcome.at / 2); piece > 0 && tries < kTries; piece /= 2) {
    for (std::uint64_t begin = 0; begin < outcome.at && tries < kTries; begin += piece) {
      Plan fewer = plan;
      for (std::uint64_t i = begin; i < std::min(begin + piece, outcome.at); ++i) fewer.left_out.insert(i);
      if (fewer.left_out.size() == plan.left_out.size()) continue;
      ++tries;
      Outcome again = run(fewer);
      if (!again.differs) continue;
      plan = std::move(fewer);
      outcome = std::move(again);
    }
  }
  return {std::move(plan), std::move(outcome)};
}

void tell(const Plan& plan, const Outcome& outcome) {
  std::cout << fmt::format("differs: seed {}, rounds {}, actions {}, after {} answers, at action {}\n", plan.seed, plan.rounds, plan.actions, outcome.compared, outcome.at);
  const auto place = std::mismatch(outcome.left.begin(), outcome.left.end(), outcome.right.begin(), outcome.right.end()).first - outcome.left.begin();
  std::cout << fmt::format("---- left\n{}\n---- right\n{}\n---- first different byte: {}\n", outcome.left, outcome.right, place) << std::flush;
}

struct Options {
  std::uint64_t worlds = 2, rounds = 4, actions = 300, seed = 1, seconds = 0, shorten = 1;
  std::string cases;
};

Options options_of(int count, char** words) {
  Options options;
  const std::map<std::string, std::uint64_t*> numbers = {{"--worlds", &options.worlds}, {"--rounds", &options.rounds}, {"--actions", &options.actions}, {"--seed", &options.seed}, {"--seconds", &options.seconds}, {"--shorten", &options.shorten}};
  for (int i = 1; i + 1 < count; i += 2) {
    if (const auto number = numbers.find(words[i]); number != numbers.end()) *number->second = std::strtoull(words[i + 1], nullptr, 10);
    if (std::string(words[i]) == "--cases") options.cases = words[i + 1];
  }
  return options;
}

std::vector<Plan> plans_of(const Options& options) {
  std::vector<Plan> plans;
  std::ifstream cases(options.cases);
  for (std::string line; std::getline(cases, line);) {
    std::istringstream words(line);
    Plan plan;
    if (!line.starts_with('#') && words >> plan.seed >> plan.rounds >> plan.actions) plans.push_back(plan);
  }
  for (std::uint64_t i = 0; i < options.worlds; ++i) plans.push_back({options.seed + i, options.rounds, options.actions});
  return plans;
}

int prove(const Options& options) {
  const auto began = std::chrono::steady_clock::now();
  const auto passed_s = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
  std::uint64_t compared = 0, worlds = 0, differing = 0;
  std::map<std::string, std::uint64_t> statuses;
  for (const Plan& plan : plans_of(options)) {
    if (options.seconds > 0 && passed_s() > static_cast<double>(options.seconds)) break;
    Outcome outcome = run(plan);
    ++worlds;
    compared += outcome.compared;
    for (const auto& [status, number] : outcome.statuses) statuses[status] += number;
    if (!outcome.differs) continue;
    ++differing;
    if (options.shorten != 0) {
      const auto [shorter, told] = shortened(plan, std::move(outcome));
      tell(shorter, told);
    }
    break;
  }
  std::string kinds;
  for (const auto& [status, number] : statuses) kinds += fmt::format(" {}:{}", status, number);
  std::cout << fmt::format("G1: seed {}, {} pairs of worlds, {} answers compared, {} differ\n", options.seed, worlds, compared, differing)
            << fmt::format("statuses:{}\nspeed: {:.0f} compared answers a minute, making the worlds included\n", kinds, static_cast<double>(compared) * 60 / std::max(passed_s(), 0.001));
  return differing == 0 && compared > 0 ? 0 : 1;
}

}  // namespace
}  // namespace sekisho::proof

int main(int count, char** words) { return sekisho::proof::prove(sekisho::proof::options_of(count, words)); }
