// Speaks the protocol of sekisho-model without a model, and misbehaves on command. For tests of the server's side.
//
// How it starts is read from the "model" file: a name "script:unsealed", "script:silent", "script:cannot_load" or
// "script:die_loading:N:FILE" (dies in its first N starts, which FILE counts). What it answers is the prompt's last "!command":
//   !say TEXT   one token a character, as the credit allows        !wait   runs until it is stopped
//   !begin TEXT says half of it and runs until it is stopped   !cut TEXT … and ends at the limit   !break TEXT … and dies
//   (TEXT ends at an empty line; where the prompt has begun the answer, the rest of it is said)
//   (anything else: 承りました。)
//   !answer_late  !refuse  !die  !hang  !garbage  !flood  !stranger  !wrong_kind  !broken_frame
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "process/channel.h"
#include "process/model_protocol.h"
#include "process/sandbox.h"
#include "process/spawn.h"

namespace sekisho::process::model {
namespace {

Channel* channel = nullptr;

void send_bytes(MessageType type, std::uint64_t id, std::string payload) {
  if (!channel->send({static_cast<std::uint16_t>(type), id, std::move(payload)})) std::_Exit(0);
}
void send(MessageType type, std::uint64_t id, const Json& json) { send_bytes(type, id, json.dump()); }

/// The script in the model file, without "script:".
std::string script() {
  std::string bytes(8192, '\0');
  const ssize_t got = ::pread(kInputFd, bytes.data(), bytes.size(), 0);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  const std::size_t at = bytes.find("script:");
  if (at == std::string::npos) return {};
  std::size_t end = at + 7;
  while (end < bytes.size() && bytes[end] > ' ' && bytes[end] < 0x7F) ++end;
  return bytes.substr(at + 7, end - at - 7);
}

/// Counts one more start in the script's file and dies in the first N.
void die_while_loading(const std::string& script) {
  const std::size_t colon = script.find(':', std::strlen("die_loading:"));
  const long deaths = std::atol(script.c_str() + std::strlen("die_loading:"));
  const int fd = ::open(script.c_str() + colon + 1, O_WRONLY | O_CREAT | O_APPEND, 0600);
  struct stat status{};
  if (fd < 0 || ::write(fd, "x", 1) != 1 || ::fstat(fd, &status) != 0) std::_Exit(2);
  ::close(fd);
  if (status.st_size <= deaths) std::_Exit(134);
}

void start(const std::string& script) {
  if (script == "silent") ::pause();
  SealReport report;
  report.layers = {{"seccomp", script != "unsealed", true, "scripted"}, {"landlock", true, true, "scripted"}};
  report.probes = {{"probe.connect_inet", true, true, "scripted"}};
  send(MessageType::kSealed, 0, report.to_json());
  const auto load = channel->receive();
  if (!load || !*load) std::_Exit(0);
  if (script.starts_with("die_loading:")) die_while_loading(script);
  if (script == "cannot_load") {
    send(MessageType::kFailed, 0, Json::object({{"code", "unsupported"}, {"detail", "this vocabulary is not known"}}));
    std::_Exit(0);
  }
  ModelInfo info;
  info.architecture = "scripted";
  info.name = "台本";
  info.context_tokens = 4096;
  info.width = 2;
  info.cpu_variant = "none";
  send(MessageType::kReady, 0, to_json(info));
}

struct Saying {
  std::vector<std::string> characters;
  std::size_t next = 0;
  std::int64_t credit = 0;
  bool waits = false;
  std::string reason = "stop";
  bool dies = false;
};
std::map<std::uint64_t, Saying> sayings;

std::vector<std::string> characters_of(std::string_view text) {
  std::vector<std::string> characters;
  for (const char byte : text) {
    if ((static_cast<unsigned char>(byte) & 0xC0) != 0x80) characters.emplace_back();
    characters.back() += byte;
  }
  return characters;
}

void finish(std::uint64_t id, std::string reason, std::int64_t tokens) {
  send(MessageType::kDone, id, to_json(Done{std::move(reason), 10, 4, tokens, 1, 1}));
}

void pump() {
  for (auto item = sayings.begin(); item != sayings.end();) {
    Saying& saying = item->second;
    while (saying.next < saying.characters.size() && saying.credit > 0) {
      send(MessageType::kToken, item->first, to_json(Token{saying.characters[saying.next++], -0.25, 1}));
      --saying.credit;
    }
    const bool ended = !saying.waits && saying.next == saying.characters.size();
    if (ended && saying.dies) std::_Exit(134);
    if (ended) finish(item->first, saying.reason, static_cast<std::int64_t>(saying.next));
    item = ended ? sayings.erase(item) : std::next(item);
  }
}

/// False where `command` is none that it knows.
bool misbehave(std::string_view command, std::uint64_t id) {
  constexpr std::array<std::string_view, 7> kKnown = {"die", "hang", "garbage", "wrong_kind", "stranger", "broken_frame", "flood"};
  if (std::find(kKnown.begin(), kKnown.end(), command) == kKnown.end()) return false;
  if (command == "die") std::_Exit(134);
  if (command == "hang") ::pause();
  if (command == "garbage") send_bytes(MessageType::kToken, id, "{\"text\":");
  if (command == "wrong_kind") send(MessageType::kCounted, id, Json::object({{"tokens", Json::array({1})}}));
  if (command == "stranger") send(MessageType::kToken, id + 1'000'000, to_json(Token{"漏", 0, 1}));
  if (command == "broken_frame" && ::write(kChannelFd, "これは枠ではありません。これは枠ではありません。", 72) != 72) std::_Exit(0);
  if (command == "flood") {
    for (;;) send(MessageType::kToken, id, to_json(Token{"水", 0, 1}));
  }
  return true;
}

void count(const Frame& frame, const Json& json) {
  Json::Array tokens;
  for (const Json& text : *json.find("texts")->as_array()) tokens.emplace_back(characters_of(*text.as_string()).size());
  send(MessageType::kCounted, frame.id, Json::object({{"tokens", Json(std::move(tokens))}}));
}

/// Busy until it is pinged; what it was busy with comes before the answer to the ping.
void answer_late(std::uint64_t id) {
  for (;;) {
    const auto frame = channel->receive();
    if (!frame || !*frame) std::_Exit(0);
    if (static_cast<MessageType>((*frame)->type) != MessageType::kCount) continue;
    send(MessageType::kToken, id, to_json(Token{"遅", -0.25, 1}));
    count(**frame, Json::parse((*frame)->payload).value());
    return finish(id, "stop", 1);
  }
}

/// What is left to say of `text` where the prompt ends with the beginning of it.
std::string_view rest_of(std::string_view text, std::string_view prompt) {
  constexpr std::string_view kAnswer = "<|im_start|>assistant\n";
  const std::size_t at = prompt.rfind(kAnswer);
  const std::string_view begun = at == std::string_view::npos ? std::string_view() : prompt.substr(at + kAnswer.size());
  return text.starts_with(begun) ? text.substr(begun.size()) : text;
}

/// `say TEXT` and its kin; false where `command` is another.
bool say(std::uint64_t id, std::string_view command, std::string_view prompt, std::int64_t credit) {
  const std::size_t space = command.find(' ');
  const std::string_view verb = command.substr(0, space);
  if (space == std::string_view::npos || (verb != "say" && verb != "begin" && verb != "cut" && verb != "break")) return false;
  std::string_view text = command.substr(space + 1);
  text = text.substr(0, std::min(text.find("\n\n"), text.find("<|im_end|>")));
  // What was broken off is not broken off again.
  const std::string_view rest = rest_of(text, prompt);
  const bool first = rest.size() == text.size();
  sayings[id] = {characters_of(rest), 0, credit, first && verb == "begin", first && verb == "cut" ? "length" : "stop", first && verb == "break"};
  if (first && verb != "say") sayings[id].characters.resize(sayings[id].characters.size() / 2);
  return true;
}

void generate(const Frame& frame, const Json& json) {
  const auto request = generate_request(json).value();
  std::string prompt;
  for (const Segment& segment : request.prompt) prompt += segment.text;
  const std::string command = prompt.substr(prompt.rfind('!') + 1);
  send(MessageType::kProgress, frame.id, to_json(Progress{5, 10}));
  if (say(frame.id, command, prompt, request.credit)) return;
  if (command == "wait") {
    sayings[frame.id] = {{}, 0, 0, true, "stop", false};
  } else if (command == "refuse") {
    send(MessageType::kFailed, frame.id, Json::object({{"code", "too_large"}, {"detail", "5000 tokens, the context has 4096"}}));
  } else if (command == "answer_late") {
    answer_late(frame.id);
  } else if (!misbehave(command, frame.id)) {
    say(frame.id, "say 承りました。", "", request.credit);
  }
}

void score(const Frame& frame, const Json& json) {
  Scored answer;
  const auto request = score_request(json).value();
  for (std::size_t i = 0; i < request.options.size(); ++i) answer.log_probabilities.push_back(-1.0 - static_cast<double>(i));
  send(MessageType::kScored, frame.id, to_json(answer));
}

void embed(const Frame& frame, const Json& json) {
  const auto request = embed_request(json).value();
  const std::uint32_t counts[2] = {static_cast<std::uint32_t>(request.texts.size()), 2};
  std::string payload(reinterpret_cast<const char*>(counts), sizeof counts);
  for (std::size_t i = 0; i < request.texts.size(); ++i) {
    const float row[2] = {i % 2 == 0 ? 1.0F : 0.0F, i % 2 == 0 ? 0.0F : 1.0F};
    payload.append(reinterpret_cast<const char*>(row), sizeof row);
  }
  send_bytes(MessageType::kVectors, frame.id, std::move(payload));
}

void handle(const Frame& frame) {
  const Json json = Json::parse(frame.payload, limits::kFrameBytes).value();
  const auto found = sayings.find(frame.id);
  switch (static_cast<MessageType>(frame.type)) {
    case MessageType::kGenerate:
      return generate(frame, json);
    case MessageType::kScore:
      return score(frame, json);
    case MessageType::kEmbed:
      return embed(frame, json);
    case MessageType::kCount:
      return count(frame, json);
    case MessageType::kCredit:
      if (found != sayings.end()) found->second.credit += json.int_or("tokens");
      return;
    case MessageType::kCancel:
      if (found == sayings.end()) return;
      finish(frame.id, "cancelled", static_cast<std::int64_t>(found->second.next));
      sayings.erase(found);
      return;
    default:
      return;
  }
}

int run() {
  Channel own(kChannelFd);
  channel = &own;
  start(script());
  for (;;) {
    const auto frame = channel->receive();
    if (!frame || !*frame) return 0;
    handle(**frame);
    pump();
  }
}

}  // namespace
}  // namespace sekisho::process::model

int main() { return sekisho::process::model::run(); }
