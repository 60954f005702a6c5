#include "main/turn_record.h"

#include <utility>

#include "chat/answer.h"
#include "main/json_items.h"
#include "text/utf8.h"

namespace sekisho::main {
namespace {

/// Byte offset of a UTF-16 offset.
std::size_t byte_of_unit(std::string_view text, std::int64_t unit) {
  std::size_t offset = 0;
  while (unit > 0 && offset < text.size()) {
    const text::Character c = text::character_at(text, offset);
    unit -= c.value > 0xFFFF ? 2 : 1;
    offset = c.end();
  }
  return offset;
}

}  // namespace

Result<std::string> TurnRecord::take(const http::ReceivedEvent& event) {
  if (event.id && *event.id <= last_number) return "";
  auto data = Json::parse(event.data, event.data.size());
  if (!data || data->as_object() == nullptr) return fail(ErrorCode::kCorrupt, "an event of the turn is no JSON object");
  last_number = event.id.value_or(last_number);
  if (event.name == "text") return add_text(data->int_or("at"), data->text_or("text"));
  if (event.name == "started") {
    turn_id = data->text_or("turn_id");
    conversation_id = data->text_or("conversation_id");
  } else if (event.name == "sources") {
    sources = items_of(*data, "items");
  } else if (event.name == "claim") {
    claims.push_back(*std::move(data));
  } else if (event.name == "label") {
    label = *std::move(data);
  } else if (event.name == "notice") {
    notices.push_back(*std::move(data));
  } else if (event.name == "not_found") {
    nearest = items_of(*data, "nearest");
  } else if (event.name == "done") {
    done = *std::move(data);
  } else if (event.name == "failed") {
    failed = Error{error_code_named(data->text_or("code")), data->text_or("detail")};
  }
  return "";
}

void TurnRecord::read_again() {
  last_number = 0;
  claims.clear();
  notices.clear();
}

std::string TurnRecord::add_text(std::int64_t at, std::string_view text) {
  const std::string_view fresh = text.substr(byte_of_unit(text, units_ - at));
  answer += fresh;
  units_ += chat::utf16_length(fresh);
  return std::string(fresh);
}

std::set<std::int64_t> TurnRecord::cited() const {
  std::set<std::int64_t> numbers;
  for (const Json& claim : claims) {
    const Json::Array best = items_of(claim, "sources");
    if (!best.empty() && best.front().as_int() != nullptr) numbers.insert(*best.front().as_int());
  }
  return numbers;
}

const Json* TurnRecord::source(std::int64_t number) const {
  for (const Json& source : sources) {
    if (source.int_or("number") == number) return &source;
  }
  return nullptr;
}

std::string TurnRecord::part(std::int64_t begin, std::int64_t end) const {
  const std::size_t first = byte_of_unit(answer, begin);
  return answer.substr(first, byte_of_unit(answer, end) - first);
}

Json TurnRecord::to_json() const {
  Json::Array numbers;
  for (const std::int64_t number : cited()) numbers.emplace_back(number);
  Json json = Json::object({{"turn_id", turn_id},
                            {"conversation_id", conversation_id},
                            {"answer", answer},
                            {"not_found", not_found()},
                            {"sources", Json::array(sources)},
                            {"cited", Json::array(std::move(numbers))},
                            {"claims", Json::array(claims)},
                            {"label", label},
                            {"notices", Json::array(notices)},
                            {"done", done.value_or(Json())}});
  if (failed) json.set("error", Json::object({{"code", name_of(failed->code)}, {"detail", failed->detail}}));
  return json;
}

}  // namespace sekisho::main
