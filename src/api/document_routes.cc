#include <array>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "api/access.h"
#include "api/respond.h"
#include "api/routes.h"
#include "base/limits.h"
#include "gate/gate.h"
#include "http/event_stream.h"
#include "identity/authorize.h"
#include "library/document.h"
#include "library/index_job.h"
#include "library/shelf.h"
#include "store/blobs.h"

namespace sekisho::api {
namespace {

using http::Method;
using http::Request;

Json document_json(const library::Document& document) {
  Json error;
  if (document.error) {
    const std::string code = document.error_note.empty() ? std::string(name_of(document.error->code)) : document.error_note;
    error = Json::object({{"code", code}, {"detail", document.error->detail}});
  }
  return Json::object({{"id", document.id.text()},
                       {"shelf_id", document.shelf.text()},
                       {"name", document.name},
                       {"kind", document.kind},
                       {"size_bytes", document.size_bytes},
                       {"state", document.state},
                       {"pages", document.pages},
                       {"pages_read", document.pages_read},
                       {"passages", document.passages},
                       {"notes", document.notes},
                       {"personal", document.personal},
                       {"error", error},
                       {"created_ms", document.created_ms},
                       {"added_by", document.added_by},
                       {"replaces", document.replaces ? Json(document.replaces->text()) : Json()},
                       {"replaced_ms", document.replaced_ms ? Json(*document.replaced_ms) : Json()}});
}

Result<Json> list(Context& context, const Request& request) {
  const auto id = id_of<ShelfId>(request);
  if (!id) return fail(id.error());
  const auto limit = limit_of(request, 100, 500);
  if (!limit) return fail(limit.error());
  auto page = context.documents.list(actor_of(request), *id, request.query_value("after").value_or(""), *limit);
  if (!page) return fail(page.error());
  Json::Array items;
  for (const library::Document& document : page->items) items.push_back(document_json(document));
  return Json::object({{"items", Json::array(std::move(items))}, {"next", page->next.empty() ? Json() : Json(page->next)}});
}

/// Streams the body to disk piece by piece; what breaks off leaves nothing behind.
Result<store::StoredBlob> receive(Context& context, http::BodyReader& upload) {
  auto writer = context.blobs.begin(limits::kDocumentBytes);
  if (!writer) return fail(writer.error());
  std::array<char, 64 * limits::kKiB> piece;
  for (;;) {
    auto read = upload.read(piece);
    if (!read) return fail(read.error());
    if (*read == 0) return writer->finish();
    if (auto written = writer->append({piece.data(), *read}); !written) return fail(written.error());
  }
}

Result<Json> add(Context& context, Request& request) {
  const auto id = id_of<ShelfId>(request);
  if (!id) return fail(id.error());
  const std::string name(request.query_value("name").value_or(""));
  if (!library::is_file_name(name)) return fail(ErrorCode::kInvalid, "name: a file name of 1 to 255 bytes without a path");
  if (auto shelf = context.shelves.get(actor_of(request), *id); !shelf) return fail(shelf.error());
  auto blob = receive(context, *request.upload);
  if (!blob) return fail(blob.error());
  auto document = context.documents.add(actor_of(request), *id, name, *blob);
  if (!document) return fail(document.error());
  return document_json(*document);
}

Result<Json> replace(Context& context, Request& request) {
  const auto id = id_of<DocumentId>(request);
  if (!id) return fail(id.error());
  const std::string name(request.query_value("name").value_or(""));
  if (!library::is_file_name(name)) return fail(ErrorCode::kInvalid, "name: a file name of 1 to 255 bytes without a path");
  if (auto old = context.documents.get(actor_of(request), *id); !old) return fail(old.error());
  auto blob = receive(context, *request.upload);
  if (!blob) return fail(blob.error());
  auto document = context.documents.replace(actor_of(request), *id, name, *blob);
  if (!document) return fail(document.error());
  return document_json(*document);
}

/// The password of a document that has one: used for this reading and wiped. No body, or none in it: read as before.
Result<crypto::SecretBytes> password_in(const Request& request) {
  constexpr std::size_t kPasswordCharacters = 1'024;
  if (request.body.empty()) return crypto::SecretBytes();
  const auto body = body_of(request);
  if (!body) return fail(body.error());
  JsonReader reader(*body);
  std::string password = reader.text_if("password", {.max_characters = kPasswordCharacters}).value_or("");
  if (auto done = reader.finish(); !done) return fail(done.error());
  return crypto::SecretBytes::take(std::move(password));
}

Result<Json> retry(Context& context, const Request& request) {
  const auto id = id_of<DocumentId>(request);
  if (!id) return fail(id.error());
  auto password = password_in(request);
  if (!password) return fail(password.error());
  auto document = context.documents.get(actor_of(request), *id);
  if (!document) return fail(document.error());
  const bool given = !password->empty() && document->state == "failed";
  if (given) {
    if (auto kept = context.jobs.give_password(*id, *std::move(password)); !kept) return fail(kept.error());
  }
  document = context.documents.retry(actor_of(request), *id);
  if (document) return document_json(*document);
  if (given) context.jobs.forget_password(*id);
  return fail(document.error());
}

Result<Json> versions(Context& context, const Request& request) {
  const auto id = id_of<DocumentId>(request);
  if (!id) return fail(id.error());
  auto found = context.documents.versions(actor_of(request), *id);
  if (!found) return fail(found.error());
  Json::Array items;
  for (const library::Document& document : *found) items.push_back(document_json(document));
  return Json::object({{"items", Json::array(std::move(items))}});
}

/// Who may take a document away: those who keep shelves, and everyone what they attached themselves.
Result<void> remove(Context& context, const Request& request) {
  const auto id = id_of<DocumentId>(request);
  if (!id) return fail(id.error());
  const gate::Actor& actor = actor_of(request);
  auto document = context.documents.get(actor, *id);
  if (!document) return fail(document.error());
  auto shelf = context.shelves.get(actor, document->shelf);
  if (!shelf) return fail(shelf.error());
  if (shelf->owner != actor.id && !identity::authorize(actor, identity::kAuthor)) return fail(ErrorCode::kDenied, "not for this role");
  return context.documents.remove(actor, *id);
}

/// A shelf for what is attached to a conversation, read by the caller alone.
Result<Json> attachments(Context& context, const Request& request) {
  auto body = body_of(request);
  if (!body) return fail(body.error());
  JsonReader reader(*body);
  const std::int64_t number = reader.integer("level");
  if (auto done = reader.finish(); !done) return fail(done.error());
  const auto level = level_numbered(context, number);
  if (!level) return fail(level.error());
  auto shelf = context.shelves.create_personal(actor_of(request), *level);
  if (!shelf) return fail(shelf.error());
  return Json::object({{"id", shelf->id.text()}, {"name", shelf->name}, {"level", level_number(shelf->label.level())}});
}

Result<Json> passages(Context& context, const Request& request) {
  const auto id = id_of<DocumentId>(request);
  if (!id) return fail(id.error());
  const auto limit = limit_of(request, 100, 500);
  if (!limit) return fail(limit.error());
  const auto after = number_of(request, "after", 0);
  if (!after) return fail(after.error());
  auto found = context.documents.passages(actor_of(request), *id, *after, *limit);
  if (!found) return fail(found.error());
  auto permit = context.gate.admit(actor_of(request), found->label(), gate::Destination::screen(), {"document", {id->text()}});
  if (!permit) return fail(permit.error());
  Json::Array items;
  std::int64_t last = 0;
  for (const library::Passage& passage : found->open(*permit)) {
    items.push_back(Json::object({{"id", passage.id.text()},
                                  {"number", passage.number},
                                  {"page_first", passage.page_first},
                                  {"page_last", passage.page_last},
                                  {"path", passage.path},
                                  {"text", passage.text},
                                  {"ocr", passage.ocr ? Json(*passage.ocr) : Json()}}));
    last = passage.number;
  }
  const bool more = items.size() == *limit;
  return Json::object({{"items", Json::array(std::move(items))}, {"next", more ? Json(std::to_string(last)) : Json()}});
}

/// Sends the document's state each time it changes, until it is ready or failed or the page has gone.
std::shared_ptr<http::EventStream> watch(Context& context, WhoStillAsks who, const DocumentId& id) {
  auto stream = http::EventStream::create();
  context.jobs.watch(id, [&context, who = std::move(who), id, stream, before = std::string()]() mutable {
    const auto actor = who();
    auto document = actor ? context.documents.get(*actor, id) : fail(ErrorCode::kDenied, "no longer allowed");
    const std::string now = document ? document_json(*document).dump() : "";
    const bool over = !document || document->state == "ready" || document->state == "failed";
    if (now != before && document) {
      before = now;
      if (stream->send({.id = std::nullopt, .name = "document", .data = now}) == http::EventStream::Sent::kGone) return false;
    }
    if (over) stream->close();
    return !over && !stream->gone();
  });
  return stream;
}

}  // namespace

void add_document_routes(http::Router& router, Context& context) {
  const auto none = http::BodyRule::none();
  router.add(Method::kGet, "/api/v1/shelves/{id}/documents", declared(identity::kSignedIn), none,
             [&context](Request& request) { return answer(request, list(context, request)); });
  router.add(Method::kPost, "/api/v1/shelves/{id}/documents", declared(identity::kOfficial), http::BodyRule::streamed(limits::kDocumentBytes),
             [&context](Request& request) { return answer(request, add(context, request), 202); });
  router.add(Method::kGet, "/api/v1/documents/{id}", declared(identity::kSignedIn), none, [&context](Request& request) {
    const auto id = id_of<DocumentId>(request);
    if (!id) return error_answer(request, id.error());
    const auto document = context.documents.get(actor_of(request), *id);
    return document ? http::Response::json(document_json(*document)) : error_answer(request, document.error());
  });
  router.add(Method::kDelete, "/api/v1/documents/{id}", declared(identity::kOfficial), none,
             [&context](Request& request) { return answer_empty(request, remove(context, request)); });
  router.add(Method::kPost, "/api/v1/documents/{id}/restore", declared(identity::kAuthor), none, [&context](Request& request) {
    const auto id = id_of<DocumentId>(request);
    if (!id) return error_answer(request, id.error());
    const auto document = context.documents.restore(actor_of(request), *id);
    return document ? http::Response::json(document_json(*document)) : error_answer(request, document.error());
  });
  router.add(Method::kGet, "/api/v1/documents/{id}/versions", declared(identity::kSignedIn), none,
             [&context](Request& request) { return answer(request, versions(context, request)); });
  router.add(Method::kPost, "/api/v1/documents/{id}/versions", declared(identity::kOfficial), http::BodyRule::streamed(limits::kDocumentBytes),
             [&context](Request& request) { return answer(request, replace(context, request), 202); });
  router.add(Method::kPost, "/api/v1/attachments", declared(identity::kOfficial), http::BodyRule::buffered(limits::kKiB),
             [&context](Request& request) { return answer(request, attachments(context, request), 201); });
  router.add(Method::kPost, "/api/v1/documents/{id}/retry", declared(identity::kOfficial), http::BodyRule::buffered(8 * limits::kKiB),
             [&context](Request& request) { return answer(request, retry(context, request), 202); });
  router.add(Method::kGet, "/api/v1/documents/{id}/passages", declared(identity::kSignedIn), none,
             [&context](Request& request) { return answer(request, passages(context, request)); });
  router.add(Method::kGet, "/api/v1/documents/{id}/events", declared(identity::kSignedIn), none, [&context](Request& request) -> http::Reply {
    const auto id = id_of<DocumentId>(request);
    if (!id) return error_answer(request, id.error());
    const auto document = context.documents.get(actor_of(request), *id);
    if (!document) return error_answer(request, document.error());
    return watch(context, who_still_asks(context, request, identity::kSignedIn), *id);
  });
}

}  // namespace sekisho::api
