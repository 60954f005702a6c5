#include "main/client_shelf.h"

#include <unistd.h>

#include <iostream>

#include <fmt/format.h>

#include "main/document_words.h"
#include "main/plain_text.h"

namespace sekisho::main {
namespace {

/// 「福祉課又は総務課」 within one list, 「かつ」 between lists that must all admit the reader.
std::string readers_words(const Json& shelf) {
  const Json* lists = shelf.find("readers");
  std::string text;
  if (lists == nullptr || lists->as_array() == nullptr) return text;
  for (const Json& list : *lists->as_array()) {
    std::string any;
    if (list.as_array() == nullptr) continue;
    for (const Json& group : *list.as_array()) {
      if (const std::string* name = group.as_string()) any += (any.empty() ? "" : "・") + *name;
    }
    text += (text.empty() ? "" : " かつ ") + any;
  }
  return text.empty() ? "全職員" : text;
}

std::string shelf_words(const Json& shelf, const LevelNames& level_name) {
  std::string counts = fmt::format("文書{}件、{}か所", shelf.int_or("documents"), shelf.int_or("passages"));
  if (const std::int64_t reading = shelf.int_or("reading"); reading > 0) counts += fmt::format("、読み取り中{}件", reading);
  if (const std::int64_t failed = shelf.int_or("failed"); failed > 0) counts += fmt::format("、読めない文書{}件", failed);
  return fmt::format("{}　{}　{}　読める所属: {}　{}\n", shelf.text_or("name"), level_name(shelf.int_or("level")), counts, readers_words(shelf),
                     shelf.text_or("id"));
}

Try<Json::Array> all_documents(Remote& remote, const std::string& shelf_id) {
  Json::Array documents;
  for (std::string after;;) {
    auto page = remote.get(fmt::format("/api/v1/shelves/{}/documents?limit=500{}", shelf_id, after.empty() ? "" : "&after=" + http::percent_encode(after)));
    if (!page) return trouble(page.error());
    const Json* items = page->find("items");
    if (items != nullptr && items->as_array() != nullptr) documents.insert(documents.end(), items->as_array()->begin(), items->as_array()->end());
    after = page->text_or("next");
    if (after.empty()) return documents;
  }
}

int print(const std::string& words) {
  std::cout << printable(words) << std::flush;
  return 0;
}
int print_json(const Json& value) {
  std::cout << value.dump() << "\n" << std::flush;
  return 0;
}

LevelNames level_names(Remote& remote) {
  return [&remote](std::int64_t level) { return remote.level_name(level); };
}

bool person_agrees(const Json& shelf) {
  if (::isatty(STDIN_FILENO) == 0) return true;
  std::cerr << printable(fmt::format("書架「{}」と、その文書{}件を削除します。元に戻せません。よろしいですか（y/N） ", shelf.text_or("name"), shelf.int_or("documents")));
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "はい");
}

}  // namespace

std::string shelves_words(const Json& shelves, const LevelNames& level_name) {
  const Json* items = shelves.find("items");
  if (items == nullptr || items->as_array() == nullptr || items->as_array()->empty()) {
    return "読むことのできる書架がありません。sekisho shelf create 名前 --level 格付 --readers 所属 で作れます。\n";
  }
  std::string text;
  for (const Json& shelf : *items->as_array()) text += shelf_words(shelf, level_name);
  return text;
}

int list_shelves(const ClientFlags& flags) {
  auto remote = Remote::open(flags);
  if (!remote) return give_up(remote.error(), flags.json);
  auto shelves = remote->get("/api/v1/shelves");
  if (!shelves) return give_up(shelves.error(), flags.json);
  return flags.json ? print_json(*shelves) : print(shelves_words(*shelves, level_names(*remote)));
}

int create_shelf(const CreateShelfOptions& options) {
  auto remote = Remote::open(options);
  if (!remote) return give_up(remote.error(), options.json);
  auto level = remote->level_number(options.level);
  if (!level) return give_up(level.error(), options.json);
  const Json request = Json::object(
      {{"name", options.name}, {"level", *level}, {"readers", Json::array(Json::Array(options.readers.begin(), options.readers.end()))}});
  auto shelf = remote->post("/api/v1/shelves", &request);
  if (!shelf) return give_up(shelf.error(), options.json);
  return options.json ? print_json(*shelf) : print("作りました: " + shelf_words(*shelf, level_names(*remote)));
}

int show_shelf(const ClientFlags& flags, std::string_view name_or_id) {
  auto remote = Remote::open(flags);
  if (!remote) return give_up(remote.error(), flags.json);
  auto shelf = remote->shelf(name_or_id);
  if (!shelf) return give_up(shelf.error(), flags.json);
  auto documents = all_documents(*remote, shelf->text_or("id"));
  if (!documents) return give_up(documents.error(), flags.json);
  if (flags.json) return print_json(Json::object({{"shelf", *shelf}, {"documents", Json::array(*std::move(documents))}}));
  std::string text = shelf_words(*shelf, level_names(*remote));
  for (const Json& document : *documents) text += document_words(document);
  return print(text);
}

int delete_shelf(const ClientFlags& flags, std::string_view name_or_id, bool sure) {
  auto remote = Remote::open(flags);
  if (!remote) return give_up(remote.error(), flags.json);
  auto shelf = remote->shelf(name_or_id);
  if (!shelf) return give_up(shelf.error(), flags.json);
  if (!sure && !person_agrees(*shelf)) return give_up({ErrorCode::kCancelled, "削除しませんでした。", kExitFailed}, flags.json);
  auto removed = remote->remove("/api/v1/shelves/" + shelf->text_or("id"));
  if (!removed) return give_up(removed.error(), flags.json);
  return flags.json ? print_json(Json::object({{"deleted", shelf->text_or("id")}})) : print("削除しました: " + shelf->text_or("name") + "\n");
}

}  // namespace sekisho::main
