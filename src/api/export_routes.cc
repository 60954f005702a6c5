#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "api/respond.h"
#include "api/routes.h"
#include "base/clock.h"
#include "chat/conversation.h"
#include "chat/export.h"
#include "chat/export_guard.h"
#include "crypto/hash.h"
#include "gate/gate.h"
#include "http/client.h"
#include "text/utf8.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;

constexpr std::size_t kNameCharacters = 40;
constexpr std::size_t kMissingTold = 50;

/// A file name for any title: RFC 5987, what a file system forbids left out.
std::string file_name(std::string_view title, std::string_view extension) {
  std::string name;
  text::for_each_character(text::first_characters(title, kNameCharacters), [&](const text::Character& character) {
    const bool forbidden = character.value < 0x20 || character.value == 0x7F || (character.value < 0x80 && std::string_view("\\/:*?\"<>|").find(static_cast<char>(character.value)) != std::string_view::npos);
    if (!forbidden) text::append_utf8(name, character.value);
  });
  name = (name.empty() ? "Sekisho" : name) + "." + std::string(extension);
  return fmt::format("attachment; filename=\"sekisho.{}\"; filename*=UTF-8''{}", extension, http::percent_encode(name));
}

http::Response file_answer(std::string_view title, chat::ExportedFile file, const gate::DlpVerdict& personal) {
  http::Response response;
  response.headers.add("Content-Type", file.media_type);
  response.headers.add("Content-Disposition", file_name(title, file.extension));
  if (!file.missing.empty()) {
    std::string told;
    for (std::size_t i = 0; i < std::min(file.missing.size(), kMissingTold); ++i) {
      told += fmt::format("{}U+{:04X} x{}", i == 0 ? "" : ", ", static_cast<std::uint32_t>(file.missing[i].character), file.missing[i].count);
    }
    response.headers.add("X-Sekisho-Missing", told);
  }
  if (!personal.empty()) {
    response.headers.add("X-Sekisho-Personal", fmt::format("{} {}", gate::name_of(personal.action), http::percent_encode(personal.counts().dump())));
  }
  response.body = std::move(file.bytes);
  return response;
}

struct Asked {
  chat::ExportForm form;
  std::string form_name;
};

Result<Asked> asked_of(const Request& request) {
  std::string name(request.query_value("form").value_or(""));
  auto form = chat::export_form_named(name);
  if (!form) return fail(form.error());
  return Asked{*form, std::move(name)};
}

/// The Entry of what leaves, and the one that says what it was.
Result<gate::Permit> admit(Context& context, const gate::Actor& actor, const gate::Label& label, const std::string& subject, const Asked& asked) {
  return context.gate.admit(actor, label, gate::Destination::exported(), {"export", {subject}, Json::object({{"form", asked.form_name}})});
}

Result<void> close(Context& context, const gate::Actor& actor, const gate::Permit& permit, const std::string& subject, const chat::ExportedFile& file,
                   const gate::DlpVerdict& personal) {
  Json facts = Json::object({{"sha256", crypto::sha256(file.bytes).hex()}, {"bytes", file.bytes.size()}, {"missing_characters", file.missing.size()}});
  if (!personal.empty()) facts.set("personal", personal.facts(gate::DlpPlace::kExport));
  auto closed = context.gate.close(actor, permit, {"export", {subject}, facts}, audit::Outcome::kDone);
  if (!closed) return fail(closed.error());
  return {};
}

/// What the file says of people; replaced in `talk` where a rule masks it. Errors: kInvalid (a rule stops it; recorded).
Result<gate::DlpVerdict> guard(Context& context, const gate::Actor& actor, const gate::Permit& permit, const std::string& subject, chat::ExportTalk& talk) {
  gate::DlpVerdict personal = chat::guard_export(context.gate.dlp(), permit.label().level(), talk);
  if (personal.action != gate::DlpAction::kBlock) return personal;
  const Json facts = Json::object({{"personal", personal.facts(gate::DlpPlace::kExport)}});
  auto closed = context.gate.close(actor, permit, {"export", {subject}, facts}, audit::Outcome::kDenied);
  if (!closed) return fail(closed.error());
  return fail(ErrorCode::kInvalid, "personal_data: " + personal.counts().dump());
}

/// The way from the first question to `last`, or to the last that was asked.
Result<std::vector<chat::StoredTurn>> exported(const std::vector<chat::StoredTurn>& turns, std::string_view last) {
  const auto named = std::find_if(turns.begin(), turns.end(), [&](const chat::StoredTurn& turn) { return turn.id.text() == last; });
  if (turns.empty() || (!last.empty() && named == turns.end())) return fail(ErrorCode::kDenied, "no such turn");
  std::vector<chat::StoredTurn> way;
  for (const chat::StoredTurn* turn : chat::way_to(turns, last.empty() ? turns.back().id : named->id)) way.push_back(*turn);
  return way;
}

Result<http::Response> export_conversation(Context& context, const Request& request) {
  const auto id = id_of<ConversationId>(request);
  if (!id) return fail(id.error());
  auto asked = asked_of(request);
  if (!asked) return fail(asked.error());
  const gate::Actor& actor = actor_of(request);
  auto head = context.conversations.get(actor, *id);
  if (!head) return fail(head.error());
  auto turns = context.conversations.turns(actor, *id);
  if (!turns) return fail(turns.error());
  auto permit = admit(context, actor, turns->label(), id->text(), *asked);
  if (!permit) return fail(permit.error());
  auto way = exported(turns->open(*permit), request.query_value("last").value_or(""));
  if (!way) return fail(way.error());
  chat::ExportTalk talk = chat::export_talk(head->title, turns->label(), *way, context.policy, context.clock.wall_ms());
  const auto personal = guard(context, actor, *permit, id->text(), talk);
  if (!personal) return fail(personal.error());
  chat::ExportedFile file = chat::export_file(talk, asked->form);
  if (auto closed = close(context, actor, *permit, id->text(), file, *personal); !closed) return fail(closed.error());
  return file_answer(talk.title, std::move(file), *personal);
}

Result<http::Response> export_turn(Context& context, const Request& request) {
  const auto id = id_of<TurnId>(request);
  if (!id) return fail(id.error());
  auto asked = asked_of(request);
  if (!asked) return fail(asked.error());
  const gate::Actor& actor = actor_of(request);
  auto turn = context.conversations.turn(actor, *id);
  if (!turn) return fail(turn.error());
  auto permit = admit(context, actor, turn->label(), id->text(), *asked);
  if (!permit) return fail(permit.error());
  const chat::StoredTurn& stored = turn->open(*permit);
  const std::string title(text::first_characters(stored.question.substr(0, stored.question.find('\n')), kNameCharacters));
  chat::ExportTalk talk = chat::export_talk(title, turn->label(), {stored}, context.policy, context.clock.wall_ms());
  const auto personal = guard(context, actor, *permit, id->text(), talk);
  if (!personal) return fail(personal.error());
  chat::ExportedFile file = chat::export_answer_file(talk, asked->form);
  if (auto closed = close(context, actor, *permit, id->text(), file, *personal); !closed) return fail(closed.error());
  return file_answer(talk.title, std::move(file), *personal);
}

http::Response reply(const Request& request, Result<http::Response> result) {
  return result ? *std::move(result) : error_answer(request, result.error());
}

}  // namespace

void add_export_routes(http::Router& router, Context& context) {
  const auto official = declared(identity::kOfficial);
  router.add(Method::kGet, "/api/v1/conversations/{id}/export", official, http::BodyRule::none(),
             [&context](Request& request) { return reply(request, export_conversation(context, request)); });
  router.add(Method::kGet, "/api/v1/turns/{id}/export", official, http::BodyRule::none(),
             [&context](Request& request) { return reply(request, export_turn(context, request)); });
}

}  // namespace sekisho::api
