// Proof G2: a worker that helps the attacker (colluding_worker.cc), behind the real engine client, host and seal. Somebody asks with a
// secret in the prompt; then somebody else asks, and all that they and the server hear is written down. The same again with another
// secret: what was heard must be the same byte by byte, or it told of the secret. Nothing of it may be on the disk, in the server's log,
// or left as a socket or process.
//
// usage: colluding [--each 0|1]     1: each place by itself, not only all at once
//   A control, one worker for all, has to tell the secret through every member of a message, or this proof could not fail.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"
#include "base/log.h"
#include "colluding_channels.h"
#include "fakes/tiny_engine.h"
#include "model/local_engine.h"
#include "store/test_folder.h"

namespace sekisho::proof {
namespace {

namespace fs = std::filesystem;
using namespace process::model;

constexpr std::int64_t kPatience_ms = 300'000;
constexpr const char* kSecrets[] = {"ひみつ-quokka-31415926", "内密-wombat-2718281828"};

/// What was heard, by the member of the message that said it.
using View = std::map<std::string, std::string>;

std::string contents(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class Host {
 public:
  explicit Host(bool one_subject) {
    model::LocalEngine::Options options = model::tiny_engine(folder_.path(), {}, SEKISHO_COLLUDING_WORKER);
    options.backoff_first_ms = 1;
    options.backoff_max_ms = 10;
    options.one_subject = one_subject;
    auto engine = model::LocalEngine::open(std::move(options), clock_);
    CHECK(engine.has_value());
    engine_ = *std::move(engine);
    CHECK(engine_->wait_ready(kPatience_ms).has_value());
  }

  /// What somebody hears who asks `words`.
  View ask(const std::string& subject, const std::string& words) {
    View view;
    GenerateRequest generate;
    generate.prompt = {{"!" + words, false, false}};
    hear(view, {.actor = subject, .body = std::move(generate), .subject = subject});
    return view;
  }
  /// The same with every other kind of request, and what the engine tells of itself.
  View ask_all(const std::string& subject, const std::string& words) {
    View view = ask(subject, words);
    hear(view, {.actor = subject, .body = ScoreRequest{"", {{"問い", false, false}}, {"はい", "いいえ"}}, .subject = subject});
    hear(view, {.actor = subject, .body = EmbedRequest{{"文"}}, .subject = subject});
    hear(view, {.actor = subject, .body = model::CountRequest{{"文", "章"}}, .subject = subject});
    const model::EngineInfo info = engine_->info();
    view["engine.info"] = to_json(info.model).dump() + info.trouble;
    view["stats.threads"] = std::to_string(info.threads);
    return view;
  }
  [[nodiscard]] std::string model_file() const {
    struct stat about {};
    CHECK(::stat(model_.c_str(), &about) == 0);
    return fmt::format("{} {} {} {} {} {}", about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec, about.st_mode, about.st_uid, std::hash<std::string>()(contents(model_)));
  }

 private:
  void hear(View& view, model::Request request) {
    auto stream = model::Stream::open(*engine_, std::move(request));
    if (!stream) {
      view["refused"] += stream.error().detail;
      return;
    }
    for (;;) {
      const auto event = (*stream)->next(kPatience_ms);
      CHECK(event.has_value());
      if (!*event) return;
      note(view, **event);
    }
  }
  static void note(View& view, const model::Event& event) {
    if (const auto* token = std::get_if<Token>(&event)) {
      view["token.text"] += token->text + "|";
      view["token.log_probability"] += fmt::format("{} ", token->log_probability);
      view["token.tokens"] += fmt::format("{} ", token->tokens);
      view["token.lengths"] += fmt::format("{} ", token->text.size());
      view["token.number"] += "1";
    } else if (const auto* progress = std::get_if<Progress>(&event)) {
      view["progress.done"] = std::to_string(progress->done_tokens);
      view["progress.total"] = std::to_string(progress->total_tokens);
    } else if (const auto* done = std::get_if<Done>(&event)) {
      view["done.reason"] += done->reason;
      view["done.prompt_tokens"] = std::to_string(done->prompt_tokens);
      view["done.cached_tokens"] = std::to_string(done->cached_tokens);
      view["done.output_tokens"] = std::to_string(done->output_tokens);
      view["done.prefill_ms"] = std::to_string(done->prefill_ms);
      view["done.decode_ms"] = std::to_string(done->decode_ms);
    } else if (const auto* scored = std::get_if<Scored>(&event)) {
      view["score.log_probability"] = fmt::format("{}", scored->log_probabilities.front());
      view["score.prompt_tokens"] = std::to_string(scored->prompt_tokens);
      view["score.cached_tokens"] = std::to_string(scored->cached_tokens);
    } else if (const auto* vectors = std::get_if<model::Vectors>(&event)) {
      view["vectors.first"] = fmt::format("{}", vectors->rows.front().front());
      view["vectors.second"] = fmt::format("{}", vectors->rows.front().back());
    } else if (const auto* counted = std::get_if<model::Counted>(&event)) {
      view["counted"] = std::to_string(counted->tokens.front());
    } else if (const auto* error = std::get_if<Error>(&event)) {
      view["error"] += fmt::format("{}: {}", name_of(error->code), error->detail);
    }
  }

  store::TestFolder folder_{store::TestFolder::On::kMemory};
  const fs::path model_ = folder_ / "model.gguf";
  SystemClock clock_;
  std::unique_ptr<model::LocalEngine> engine_;
};

struct Heard {
  View left, right;
};

/// What another hears after each of the two secrets went into `channel`.
Heard after_secrets(Host& host, const std::string& channel, const std::string& other) {
  Heard heard;
  static_cast<void>(host.ask("山田 機密性3", channel + " " + kSecrets[0]));
  heard.left = host.ask_all(other, channel);
  static_cast<void>(host.ask("山田 機密性3", channel + " " + kSecrets[1]));
  heard.right = host.ask_all(other, channel);
  return heard;
}

/// Where the secrets, or what the worker would have made of them, are found outside it.
std::vector<std::string> traces(const fs::path& log) {
  std::vector<std::string> found;
  const std::string said = contents(log), sockets = contents("/proc/net/unix");
  for (const std::string secret : kSecrets) {
    if (said.find(secret) != std::string::npos) found.emplace_back("the server's log");
    if (sockets.find(secret) != std::string::npos) found.emplace_back("an abstract socket");
  }
  std::error_code ignored;
  for (const char* folder : {"/tmp", "/var/tmp", "/dev/shm", "."}) {
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().filename().string().starts_with("sekisho-colluding")) found.push_back(entry.path().string());
    }
  }
  return found;
}

class Proof {
 public:
  explicit Proof(fs::path log) : log_(std::move(log)) {}

  /// One worker for all tells the secret in every member of a message: else those that are equal below would prove nothing.
  void control() {
    Host shared(false);
    const Heard heard = after_secrets(shared, "none", "鈴木 機密性1");
    for (const auto& [member, value] : heard.left) {
      if (member == "engine.info" || member == "error") continue;
      const bool tells = heard.right.contains(member) && heard.right.at(member) != value;
      members_.push_back(member);
      if (!tells) complain("control", "with one worker for all, " + member + " does not tell the secret");
    }
    for (const char* needed : {"token.text", "done.reason", "score.log_probability", "vectors.first", "counted", "stats.threads", "progress.done"}) {
      if (!heard.left.contains(needed)) complain("control", std::string("nothing was heard of ") + needed);
    }
  }
  void closed(Host& host, const std::string& channel, const std::string& other) {
    const Heard heard = after_secrets(host, channel, other);
    bool same = !heard.left.empty();
    for (const auto& [member, value] : heard.left) {
      if (heard.right.contains(member) && heard.right.at(member) == value) continue;
      same = false;
      complain(channel, fmt::format("{} tells: {} / {}", member, value, heard.right.contains(member) ? heard.right.at(member) : "nothing"));
    }
    if (heard.left.size() != heard.right.size()) complain(channel, "something is heard after one secret only");
    const auto error = heard.left.find("error");
    if (error != heard.left.end()) complain(channel, "another's request failed: " + error->second);
    if (same) std::cout << fmt::format("closed: {} (to {})\n", channel, other);
  }
  int verdict(bool each) {
    for (const std::string& place : traces(log_)) complain("disk", place);
    if (::waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD) complain("process", "one is left");
    for (const std::string& member : members_) std::cout << "closed: " << member << " of a message\n";
    std::cout << fmt::format("G2: {} channels ({} members of messages, {} places, {} endings), {} tell something{}\n", members_.size() + kPlaceNames.size() + kEndings.size(), members_.size(),
                             kPlaceNames.size(), kEndings.size(), complaints_, each ? "" : "; the places all at once");
    return complaints_ == 0 ? 0 : 1;
  }
  void complain(const std::string& channel, const std::string& why) {
    ++complaints_;
    std::cout << fmt::format("OPEN: {}: {}\n", channel, why);
  }

 private:
  const fs::path log_;
  std::vector<std::string> members_;
  int complaints_ = 0;
};

int prove(bool each) {
  store::TestFolder folder;
  // The log as a server's would be: a file that the workers inherit.
  const fs::path log = folder / "log";
  CHECK(::dup2(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), STDERR_FILENO) == STDERR_FILENO);
  set_log_level(LogLevel::kDebug);
  Proof proof(log);
  proof.control();
  {
    Host host(true);
    const std::string before = host.model_file();
    proof.closed(host, "all", "鈴木 機密性3");
    proof.closed(host, "all", "山田 機密性1");  // A later turn of the same person under a lower label.
    if (each) {
      for (const std::string_view place : kPlaceNames) proof.closed(host, std::string(place), "鈴木 機密性1");
    }
    for (const std::string_view ending : kEndings) proof.closed(host, std::string(ending), "鈴木 機密性1");
    if (host.model_file() != before) proof.complain("model file", "it was changed");
  }
  return proof.verdict(each);
}

}  // namespace
}  // namespace sekisho::proof

int main(int count, char** words) {
  const bool each = count == 3 && std::string(words[1]) == "--each" && std::string(words[2]) == "1";
  return sekisho::proof::prove(each);
}
