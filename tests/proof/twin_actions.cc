#include "twin_actions.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/json.h"
#include "http/client.h"
#include "steady_random.h"

namespace sekisho::proof {
namespace {

constexpr std::size_t kKnown_max = 60;

Action get(std::string target, Of found = Of::kTurn) { return {{"GET", std::move(target), "", ""}, false, found}; }
Action send(std::string method, std::string target, const Json& body, Of found = Of::kTurn) { return {{std::move(method), std::move(target), body.dump(), ""}, false, found}; }

std::string name_query(Dice& dice) { return "?name=" + http::percent_encode(some_file_name(dice)); }

}  // namespace

Hands::Hands(const Life& life) : life_(life) {
  for (const std::string& shelf : life.shelves()) remember(Of::kShelf, shelf);
}

void Hands::remember(Of of, std::string id) {
  std::vector<std::string>& known = known_[of];
  if (std::find(known.begin(), known.end(), id) != known.end()) return;
  if (known.size() == kKnown_max) known.erase(known.begin());
  known.push_back(std::move(id));
}

std::string Hands::id(Of of, Dice& dice) const {
  const std::size_t kind = dice.below(100);
  const auto known = known_.find(of);
  if (kind < 76 && known != known_.end() && !known->second.empty()) return dice.one_of(known->second);
  if (kind < 92 && !foreign_.empty()) return dice.one_of(foreign_);
  if (kind < 97) return std::string(25, static_cast<char>('a' + dice.below(8))) + "0";
  return "こわれた";
}

std::string Hands::place(Dice& dice) const { return places_.empty() || dice.percent(50) ? "" : "&after=" + http::percent_encode(dice.one_of(places_)); }

std::string Hands::credential(Dice& dice) const {
  const std::size_t kind = dice.below(100);
  if (kind < 82) return life_.actor().cookie;
  if (kind < 92) return life_.key();
  if (kind < 97) return life_.bound_key();
  return kind < 99 ? "" : "Authorization: Bearer sk-sekisho-nobody\r\n";
}

std::string Hands::shelves_json(Dice& dice) const {
  Json::Array ids;
  for (std::size_t i = 0; i <= dice.below(2); ++i) ids.emplace_back(id(Of::kShelf, dice));
  return Json::array(std::move(ids)).dump();
}

Action Hands::list(Dice& dice) {
  const std::size_t limit = 1 + dice.below(12);
  switch (dice.below(9)) {
    case 0: return get("/api/v1/shelves", Of::kShelf);
    case 1: return get("/api/v1/shelves/" + id(Of::kShelf, dice) + "/documents?limit=" + std::to_string(limit) + place(dice), Of::kDocument);
    case 2: return get("/api/v1/documents/" + id(Of::kDocument, dice) + "/versions", Of::kDocument);
    case 3: return get("/api/v1/documents/" + id(Of::kDocument, dice) + "/passages?limit=" + std::to_string(limit), Of::kPassage);
    case 4: return get(fmt::format("/api/v1/conversations?limit={}&view={}{}", limit, std::array{"open", "archived", "deleted"}[dice.below(3)], place(dice)), Of::kConversation);
    case 5: return get("/api/v1/conversations?folder=" + id(Of::kFolder, dice), Of::kConversation);
    case 6: return get("/api/v1/conversations/" + id(Of::kConversation, dice) + "/turns?limit=" + std::to_string(limit));
    case 7: return get("/api/v1/keys", Of::kKey);
    default: return get(dice.percent(50) ? "/api/v1/groups" : "/api/v1/models");
  }
}

Action Hands::look(Dice& dice) {
  switch (dice.below(11)) {
    case 0: return get("/healthz");
    case 1: return get("/api/v1/session");
    case 2: return get("/api/v1/shelves/" + id(Of::kShelf, dice), Of::kShelf);
    case 3: return get("/api/v1/documents/" + id(Of::kDocument, dice), Of::kDocument);
    case 4: return get("/api/v1/documents/" + id(Of::kDocument, dice) + "/events", Of::kDocument);
    case 5: return get("/api/v1/documents/" + id(Of::kDocument, dice) + "/pages/1/image" + (dice.percent(50) ? "" : "?passage=" + id(Of::kPassage, dice)));
    case 6: return get("/api/v1/conversations/" + id(Of::kConversation, dice) + "?limit=" + std::to_string(1 + dice.below(5)));
    case 7: return get("/api/v1/turns/" + id(Of::kTurn, dice) + "/events?after=" + std::to_string(dice.below(4)));
    case 8: return get("/api/v1/conversations/" + id(Of::kConversation, dice) + "/export?form=" + std::array{"md", "csv", "csv-cp932", "docx"}[dice.below(4)]);
    case 9: return get("/api/v1/turns/" + id(Of::kTurn, dice) + "/export?form=" + std::array{"md", "csv", "docx"}[dice.below(3)]);
    default: return get("/api/v1/setup?token=" + id(Of::kKey, dice));
  }
}

/// What an operator does; everyone else is to be refused, whatever there is.
Action Hands::administer(Dice& dice) {
  switch (dice.below(6)) {
    case 0: return get("/api/v1/admin/users");
    case 1: return get("/api/v1/admin/users/" + life_.actor().id.text() + "/keys", Of::kKey);
    case 2: return get("/api/v1/admin/users/" + id(Of::kConversation, dice) + "/keys");
    case 3: return get("/api/v1/audit/entries?limit=5");
    default: return get("/api/v1/admin/ratings?limit=" + std::to_string(1 + dice.below(4)) + place(dice));
  }
}

Action Hands::search(Dice& dice) {
  if (dice.percent(25)) return send("POST", "/api/v1/conversations/search", Json::object({{"query", some_word(dice)}, {"limit", 1 + dice.below(5)}}), Of::kConversation);
  Json body = Json::object({{"query", some_word(dice) + "の" + some_word(dice)}, {"limit", 1 + dice.below(20)}, {"explain", dice.percent(50)}});
  if (dice.percent(30)) body.set("shelves", Json::parse(shelves_json(dice)).value_or(Json::array()));
  return send("POST", "/api/v1/search", body);
}

Action Hands::ask(Dice& dice) {
  Json body = Json::object({{"question", some_question(dice)}, {"mode", dice.percent(75) ? "shelves" : "none"}});
  if (dice.percent(20)) body.set("shelves", Json::parse(shelves_json(dice)).value_or(Json::array()));
  if (dice.percent(40)) body.set("conversation_id", id(Of::kConversation, dice));
  const std::size_t where = dice.below(14);
  if (where == 0) body.set("follows", id(Of::kTurn, dice));
  if (where == 1) body.set("edit_of", id(Of::kTurn, dice));
  if (where == 2) body.set("regenerate_of", id(Of::kTurn, dice));
  if (where == 3) body.set("continue_of", id(Of::kTurn, dice));
  if (where == 4) body.set("summary_of", id(Of::kConversation, dice));
  if (where == 5) body.set("attachments", id(Of::kShelf, dice));
  if (where == 6) body.set("explain", true);
  return send("POST", "/api/v1/turns", body);
}

Action Hands::ask_openai(Dice& dice) {
  const bool stream = dice.percent(50);
  switch (dice.below(6)) {
    case 0: return get("/v1/models");
    case 1: return send("POST", "/v1/completions", Json::object({{"model", "daihon"}, {"prompt", some_question(dice)}, {"stream", stream}}));
    case 2: return send("POST", "/v1/embeddings", Json::object({{"model", "daihon"}, {"input", some_word(dice)}}));
    case 3: return get("/v1/models/" + (dice.percent(50) ? std::string("daihon") : id(Of::kKey, dice)));
    default:
      return send("POST", "/v1/chat/completions",
                  Json::object({{"model", "daihon"}, {"messages", Json::array({Json::object({{"role", "user"}, {"content", some_question(dice)}})})}, {"stream", stream}}));
  }
}

Action Hands::order(Dice& dice) {
  const std::string talk = "/api/v1/conversations/" + id(Of::kConversation, dice), turn = "/api/v1/turns/" + id(Of::kTurn, dice), folder = "/api/v1/folders";
  switch (dice.below(11)) {
    case 0: return send("PATCH", talk, Json::object({{"title", some_word(dice)}}), Of::kConversation);
    case 1: return send("PATCH", talk, Json::object({{"folder_id", id(Of::kFolder, dice)}, {"pinned", dice.percent(50)}}), Of::kConversation);
    case 2: return send("PATCH", talk, Json::object({{"archived", dice.percent(50)}}), Of::kConversation);
    case 3: return {{"DELETE", talk + (dice.percent(30) ? "?forever=true" : ""), "", ""}};
    case 4: return {{"POST", talk + "/restore", "", ""}, false, Of::kConversation};
    case 5: return send("POST", folder, Json::object({{"name", some_word(dice)}}), Of::kFolder);
    case 6: return send("PATCH", folder + "/" + id(Of::kFolder, dice), Json::object({{"name", some_word(dice)}}), Of::kFolder);
    case 7: return {{"DELETE", folder + "/" + id(Of::kFolder, dice), "", ""}};
    case 8: return send("PUT", turn + "/rating", Json::object({{"good", dice.percent(50)}, {"note", some_word(dice)}}));
    case 9: return {{"DELETE", turn + "/rating", "", ""}};
    default: return {{"POST", turn + "/stop", "", ""}};
  }
}

Action Hands::keep_shelves(Dice& dice) {
  const Json label = Json::object({{"level", 1 + dice.below(3)}, {"readers", Json::array({dice.one_of(life_.groups())})}});
  switch (dice.below(9)) {
    case 0: {
      Json body = label;
      body.set("name", fmt::format("{}書架{}", some_word(dice), dice.below(3)));
      return send("POST", "/api/v1/shelves", body, Of::kShelf);
    }
    case 1: {
      Json body = label;
      body.set("reason", "見直しのため");
      return dice.percent(20) ? send("POST", "/api/v1/shelves/" + id(Of::kShelf, dice) + "/label", body, Of::kShelf) : list(dice);
    }
    case 2: return dice.percent(10) ? Action{{"DELETE", "/api/v1/shelves/" + id(Of::kShelf, dice), "", ""}} : list(dice);
    case 3: return {{"DELETE", "/api/v1/documents/" + id(Of::kDocument, dice), "", ""}};
    case 4:
    case 5: return {{"POST", "/api/v1/documents/" + id(Of::kDocument, dice) + "/restore", "", ""}, true, Of::kDocument};
    case 6: return {{"POST", "/api/v1/documents/" + id(Of::kDocument, dice) + "/retry", "", ""}, true, Of::kDocument};
    case 7: return dice.percent(30) ? send("POST", "/api/v1/keys", Json::object({{"name", some_word(dice)}}), Of::kKey) : list(dice);
    default: return {{"DELETE", "/api/v1/keys/" + id(Of::kKey, dice), "", ""}};
  }
}

Action Hands::bring(Dice& dice) {
  switch (dice.below(3)) {
    case 0: return send("POST", "/api/v1/attachments", Json::object({{"level", 1 + dice.below(3)}}), Of::kShelf);
    case 1: return {{"POST", "/api/v1/documents/" + id(Of::kDocument, dice) + "/versions" + name_query(dice), some_text(dice), ""}, true, Of::kDocument};
    default: return {{"POST", "/api/v1/shelves/" + id(Of::kShelf, dice) + "/documents" + name_query(dice), some_text(dice), ""}, true, Of::kDocument};
  }
}

/// Requests that no page of ours sends.
Action Hands::stray(Dice& dice) {
  switch (dice.below(7)) {
    case 0: return {{"HEAD", "/api/v1/documents/" + id(Of::kDocument, dice), "", ""}};
    case 1: return {{"OPTIONS", "/api/v1/shelves/" + id(Of::kShelf, dice), "", ""}};
    case 2: return get("/api/v1/shelf/" + id(Of::kShelf, dice));
    case 3: return {{"PUT", "/api/v1/documents/" + id(Of::kDocument, dice), "{}", ""}};
    case 4: return {{"POST", "/api/v1/search", "{\"query\":", ""}};
    case 5: return get("/api/v1/conversations?limit=x");
    default: return send("POST", "/api/v1/turns", Json::object({{"question", some_question(dice)}, {"mode", "shelves"}, {"turn", id(Of::kTurn, dice)}}));
  }
}

Action Hands::next(std::uint64_t seed, std::uint64_t number) {
  static constexpr std::array<std::pair<std::size_t, Make>, 10> kKinds = {{{300, &Hands::list},
                                                                          {300, &Hands::look},
                                                                          {60, &Hands::administer},
                                                                          {130, &Hands::search},
                                                                          {70, &Hands::ask},
                                                                          {25, &Hands::ask_openai},
                                                                          {80, &Hands::order},
                                                                          {25, &Hands::keep_shelves},
                                                                          {4, &Hands::bring},
                                                                          {30, &Hands::stray}}};
  Dice dice(mixed(mixed(seed, 77), number));
  std::size_t place = dice.below(1024);
  Make make = &Hands::look;
  for (const auto& [weight, kind] : kKinds) {
    if (place < weight) {
      make = kind;
      break;
    }
    place -= weight;
  }
  Action action = (this->*make)(dice);
  action.call.headers += credential(dice);
  return action;
}

void Hands::learn(const Action& action, const std::string& answer) {
  static const std::array<std::pair<std::string_view, Of>, 6> kNames = {{{"shelf_id", Of::kShelf}, {"document_id", Of::kDocument}, {"passage_id", Of::kPassage},
                                                                        {"conversation_id", Of::kConversation}, {"turn_id", Of::kTurn}, {"folder_id", Of::kFolder}}};
  const std::size_t body = answer.find("\r\n\r\n");
  for (std::size_t at = answer.find("\":\"", body); at != std::string::npos; at = answer.find("\":\"", at + 3)) {
    const std::size_t begin = answer.rfind('"', at - 1) + 1;
    const std::string_view name = std::string_view(answer).substr(begin, at - begin);
    const std::size_t end = answer.find('"', at + 3);
    if (end == std::string::npos) return;
    std::string value = answer.substr(at + 3, end - at - 3);
    if (name == "next" && places_.size() < kKnown_max) places_.push_back(value);
    if (!is_id_text(value)) continue;
    if (name == "id") remember(action.found, std::move(value));
    else if (const auto named = std::find_if(kNames.begin(), kNames.end(), [&](const auto& one) { return one.first == name; }); named != kNames.end()) remember(named->second, std::move(value));
  }
}

}  // namespace sekisho::proof
