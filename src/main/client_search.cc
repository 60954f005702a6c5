#include "main/client_search.h"

#include <iostream>

#include <fmt/format.h>

#include "main/plain_text.h"

namespace sekisho::main {
namespace {

constexpr std::size_t kExcerptCharacters = 120;

std::string joined(const Json* texts) {
  std::string line;
  if (texts == nullptr || texts->as_array() == nullptr) return line;
  for (const Json& text : *texts->as_array()) {
    if (const std::string* word = text.as_string()) line += (line.empty() ? "" : "、") + *word;
  }
  return line;
}

std::string explanation(const Json& item) {
  const Json* shares = item.find("shares");
  if (shares == nullptr) return "";
  const Json* cosine = item.find("cosine");
  const std::string meaning = cosine == nullptr ? "" : fmt::format("、意味の近さ {:.3f}", item.number_or("cosine"));
  return fmt::format("     点数 {:.3f}{}語 {:.3f} ＋ 2文字 {:.3f} ＋ 語の組 {:.3f}{}　一致: {}\n", item.number_or("score"), cosine == nullptr ? " ＝ " : "　内訳: ",
                     shares->number_or("words"), shares->number_or("bigrams"), shares->number_or("pairs"), meaning, joined(item.find("matched")));
}

}  // namespace

std::string search_words(const Json& answer, const LevelNames& level_name) {
  const Json* items = answer.find("items");
  if (items == nullptr || items->as_array() == nullptr || items->as_array()->empty()) {
    const std::string shelves = joined(answer.find("shelves"));
    if (shelves.empty()) return "見つかりませんでした。読むことのできる書架がありません。\n";
    return fmt::format("見つかりませんでした。書架「{}」の{}件を調べました。言葉を変えて、もう一度調べてください。\n", shelves, answer.int_or("documents"));
  }
  std::string text;
  std::size_t number = 0;
  for (const Json& item : *items->as_array()) {
    text += fmt::format("{:>3}. {}　{}　書架「{}」\n", ++number, place_of(item), level_name(item.int_or("level")), item.text_or("shelf_name"));
    text += explanation(item);
    text += "     " + excerpt(item.text_or("text"), kExcerptCharacters) + "\n";
  }
  return text;
}

int run_search(const SearchOptions& options) {
  auto remote = Remote::open(options);
  if (!remote) return give_up(remote.error(), options.json);
  auto shelves = remote->shelf_ids(options.shelves);
  if (!shelves) return give_up(shelves.error(), options.json);
  Json request = Json::object({{"query", options.query}, {"limit", options.limit}, {"explain", options.explain}});
  if (!shelves->empty()) request.set("shelves", Json::array(Json::Array(shelves->begin(), shelves->end())));
  auto answer = remote->post("/api/v1/search", &request);
  if (!answer) return give_up(answer.error(), options.json);
  if (options.json) {
    std::cout << answer->dump() << "\n" << std::flush;
  } else {
    std::cout << printable(search_words(*answer, [&](std::int64_t level) { return remote->level_name(level); })) << std::flush;
  }
  return 0;
}

}  // namespace sekisho::main
