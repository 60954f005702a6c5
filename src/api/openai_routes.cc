#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "api/access.h"
#include "api/openai_channel.h"
#include "api/openai_chat.h"
#include "api/openai_completion.h"
#include "api/openai_embedding.h"
#include "api/openai_error.h"
#include "api/openai_request.h"
#include "api/openai_shelves.h"
#include "api/respond.h"
#include "api/routes.h"
#include "base/limits.h"
#include "identity/rate_limit.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;
using Form = OpenAiChannel::Form;

constexpr std::size_t kBodyBytes = 2 * limits::kMiB;

Form form_of(const Choosing& choosing) { return choosing.stream ? Form::kChunks : Form::kWhole; }

Json model_json(std::string_view name, std::int64_t created_s) {
  return Json::object({{"id", name}, {"object", "model"}, {"created", created_s}, {"owned_by", "sekisho"}});
}

http::Reply list_models(const Context& context, std::int64_t created_s) {
  Json::Array items;
  for (const std::string& name : {context.model_name, context.embedder_name}) {
    if (!name.empty()) items.push_back(model_json(name, created_s));
  }
  return http::Response::json(Json::object({{"object", "list"}, {"data", Json::array(std::move(items))}}));
}

http::Reply show_model(const Context& context, const Request& request, std::int64_t created_s) {
  const std::string& name = request.param("id");
  if (!name.empty() && (name == context.model_name || name == context.embedder_name)) return http::Response::json(model_json(name, created_s));
  return openai_error({ErrorCode::kDenied, "$.model: no model of that name is loaded"});
}

/// The model that a request names, where it is the one that answers.
Result<OpenAiParts> answering(const Context& context, const std::string& model) {
  if (context.engine == nullptr) return fail(ErrorCode::kUnavailable, "no model is loaded");
  if (model != context.model_name) return fail(ErrorCode::kDenied, "$.model: no such model is loaded; the one that answers is " + context.model_name);
  auto family = model::family_named(context.model_family);
  if (!family) return fail(family.error());
  return OpenAiParts{context.clock, context.gate, *context.engine, context.model_name, *family};
}

/// Opens an answer, which records its release, and has it run at the desk. Answers are shared with the desk's thread, since
/// a function that can be queued has to be copyable.
template <typename Answer, typename Wanted>
Result<http::Reply> start(Context& context, OpenAiDesk& desk, const OpenAiParts& parts, const Request& request, Form form, Wanted wanted) {
  const gate::Actor& actor = actor_of(request);
  auto opened = Answer::open(parts, actor, std::move(wanted));
  if (!opened) return fail(opened.error());
  auto answer = std::make_shared<Answer>(*std::move(opened));
  const auto may_go_on = [still = still_allowed(context, request, identity::kOfficial)] { return still(gate::Label()); };
  return desk.start(actor.id.text(), form, may_go_on, [answer](OpenAiChannel& channel) { answer->run(channel); });
}

Result<http::Reply> chat_from_shelves(Context& context, OpenAiDesk& desk, const OpenAiParts& parts, const Request& request, const ChatRequest& wanted) {
  const gate::Actor& actor = actor_of(request);
  auto question = turn_of(actor, wanted);
  if (!question) return fail(question.error());
  auto turn = context.turns.start(actor, *question);
  if (!turn) return fail(turn.error());
  const auto may_go_on = [still = still_allowed(context, request, identity::kOfficial), events = turn->events] { return still(events->label()); };
  auto reply = desk.start(actor.id.text(), form_of(wanted.choosing), may_go_on, [&context, parts, actor, turn = *turn, choosing = wanted.choosing](OpenAiChannel& channel) {
    follow_turn(parts, context.turns, actor, turn, choosing, channel);
  });
  if (!reply) {
    if (auto stopped = context.turns.stop(actor, turn->id); !stopped) return fail(stopped.error());
  }
  return reply;
}

Result<http::Reply> chat(Context& context, OpenAiDesk& desk, const Request& request) {
  auto body = body_of(request);
  if (!body) return fail(body.error());
  auto wanted = decode_chat(*body);
  if (!wanted) return fail(wanted.error());
  auto parts = answering(context, wanted->model);
  if (!parts) return fail(parts.error());
  const gate::Actor& actor = actor_of(request);
  if (auto taken = context.questions.take(actor.id.text()); !taken) return fail(taken.error());
  if (actor.bound_shelves) return chat_from_shelves(context, desk, *parts, request, *wanted);
  const Form form = form_of(wanted->choosing);
  return start<OpenAiChat>(context, desk, *parts, request, form, *std::move(wanted));
}

Result<http::Reply> complete(Context& context, OpenAiDesk& desk, const Request& request) {
  auto body = body_of(request);
  if (!body) return fail(body.error());
  auto wanted = decode_completion(*body);
  if (!wanted) return fail(wanted.error());
  auto parts = answering(context, wanted->model);
  if (!parts) return fail(parts.error());
  const gate::Actor& actor = actor_of(request);
  if (auto taken = context.questions.take(actor.id.text()); !taken) return fail(taken.error());
  if (actor.bound_shelves) {
    return fail(ErrorCode::kUnsupported, "a key that is bound to shelves answers from them, by /v1/chat/completions alone");
  }
  const Form form = form_of(wanted->choosing);
  return start<OpenAiCompletion>(context, desk, *parts, request, form, *std::move(wanted));
}

Result<http::Reply> embed(Context& context, OpenAiDesk& desk, const Request& request) {
  auto body = body_of(request);
  if (!body) return fail(body.error());
  auto wanted = decode_embedding(*body);
  if (!wanted) return fail(wanted.error());
  if (context.embedder == nullptr) return fail(ErrorCode::kUnsupported, "no embedding model is loaded on this server");
  if (wanted->model != context.embedder_name) {
    return fail(ErrorCode::kDenied, "$.model: no such embedding model is loaded; the one that embeds is " + context.embedder_name);
  }
  const OpenAiParts parts{context.clock, context.gate, *context.embedder, context.embedder_name};
  return start<OpenAiEmbedding>(context, desk, parts, request, Form::kWhole, *std::move(wanted));
}

}  // namespace

void add_openai_routes(http::Router& router, Context& context) {
  const auto none = http::BodyRule::none();
  const auto body = http::BodyRule::buffered(kBodyBytes);
  const auto official = declared(identity::kOfficial);
  const std::int64_t started_s = context.clock.wall_ms() / 1000;
  // Shared by the handlers alone; ends with the router.
  const auto desk = std::make_shared<OpenAiDesk>(OpenAiDesk::Options{});
  const auto answered_by = [&context, desk](auto handler) {
    return [&context, desk, handler](Request& request) -> http::Reply {
      auto reply = handler(context, *desk, request);
      return reply ? *std::move(reply) : error_answer(request, reply.error());
    };
  };
  router.add(Method::kGet, "/v1/models", official, none, [&context, started_s](Request&) { return list_models(context, started_s); });
  router.add(Method::kGet, "/v1/models/{id}", official, none,
             [&context, started_s](Request& request) { return show_model(context, request, started_s); });
  router.add(Method::kPost, "/v1/chat/completions", official, body, answered_by(chat));
  router.add(Method::kPost, "/v1/completions", official, body, answered_by(complete));
  router.add(Method::kPost, "/v1/embeddings", official, body, answered_by(embed));
}

}  // namespace sekisho::api
