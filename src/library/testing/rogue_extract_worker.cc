#include <unistd.h>

#include <cstdint>
#include <string>

#include "base/json.h"
#include "base/limits.h"
#include "process/channel.h"
#include "process/extract_protocol.h"
#include "process/sandbox.h"

/// Speaks the extract protocol as a worker that a hostile document has taken over might: which lie it tells, it learns from
/// the extension of the file name.
namespace sekisho::process {
namespace {

using extract::MessageType;

void say(Channel& channel, MessageType type, std::string payload) {
  static_cast<void>(channel.send({.type = static_cast<std::uint16_t>(type), .id = 0, .payload = std::move(payload)}));
}

void say_page(Channel& channel, std::int64_t number, const std::string& text) {
  say(channel, MessageType::kPage, to_json(extract::Page{number, "", text, {}, {}}).dump());
}

void lie(Channel& channel, const std::string& kind) {
  if (kind == "order") {
    say_page(channel, 2, "二");
    say_page(channel, 1, "一");
  } else if (kind == "utf8") {
    say(channel, MessageType::kPage, "{\"number\":1,\"label\":\"\",\"text\":\"\xFF\xFE\"}");
  } else if (kind == "nul") {
    say_page(channel, 1, std::string("a\0b", 3));
  } else if (kind == "flood") {
    const std::string page(limits::kExtractPageCharacters, 'x');
    for (int i = 0; i < 200; ++i) say_page(channel, 1, page);
  } else if (kind == "notes") {
    for (int i = 0; i < 5'000; ++i) say(channel, MessageType::kNote, to_json(extract::Note{1, "garbled", ""}).dump());
  } else if (kind == "type") {
    say(channel, static_cast<MessageType>(99), "{}");
  } else if (kind == "frame") {
    static_cast<void>(::write(channel.fd(), "\xFF\xFF\xFF\xFF rubbish rubbish", 20));
  } else if (kind == "silent") {
    ::sleep(600);
  } else if (kind == "extra") {
    say(channel, MessageType::kEnd, "{\"kind\":\"pdf\",\"encoding\":\"\",\"title\":\"\",\"pages\":1,\"command\":\"rm\"}");
  }
}

}  // namespace
}  // namespace sekisho::process

int main() {
  using namespace sekisho::process;
  Channel channel(kChannelFd);
  SealReport report;
  char first = 0;
  const bool holds = ::read(kInputFd, &first, 1) != 1 || first != 'U';  // A document that begins with U finds the seal open.
  report.layers.push_back({.name = "seccomp", .holds = holds, .required = true, .detail = "or so it says"});
  report.probes.push_back({.name = "probe.network.connect_tcp4", .holds = true, .required = true, .detail = "refused"});
  say(channel, MessageType::kSealed, report.to_json().dump());
  const auto frame = channel.receive();
  if (!frame || !frame->has_value()) return 1;
  const auto json = sekisho::Json::parse((*frame)->payload);
  if (!json) return 1;
  const std::string name = json->text_or("file_name");
  lie(channel, name.substr(name.rfind('.') + 1));
  return 0;
}
