#include "main/client_ask.h"

#include <cstdlib>
#include <iostream>
#include <utility>

#include <fmt/format.h>

#include "base/guarded.h"
#include "main/interrupt.h"
#include "main/plain_text.h"
#include "main/turn_follow.h"

namespace sekisho::main {
namespace {

constexpr std::size_t kExcerptCharacters = 60;
constexpr std::int64_t kStopPatience_ms = 3'000;

std::string waiting_words(const http::ReceivedEvent& event) {
  const auto data = Json::parse(event.data);
  if (!data) return "";
  if (event.name == "queued") return fmt::format("順番を待っています。前に{}件、あと約{}秒", data->int_or("ahead"), data->int_or("seconds"));
  if (event.name == "reading") {
    const std::int64_t source = data->int_or("source");
    return fmt::format("{}読んでいます。{} %", source > 0 ? fmt::format("出典{}を", source) : "", data->int_or("percent"));
  }
  return event.name == "started" ? "資料を調べています。" : "";
}

/// What was found of people in the question or the answer, and what was done.
std::string personal_words(const Json& notice) {
  const bool question = notice.text_or("code") == "personal_question";
  const std::string action = notice.text_or("action");
  std::string words = fmt::format("{}に{}（{}件）が含まれています。", question ? "質問" : "回答", notice.text_or("kinds"), notice.int_or("count"));
  if (action == "mask") words += question ? "モデルには置き換えて渡し、回答で元に戻しました。" : "種類の名前に置き換えました。";
  if (action == "block") words += "表示を止めました。";
  if (const std::string raised = notice.text_or("raised_to"); !raised.empty()) words += fmt::format("会話の格付を「{}」に上げました。", raised);
  return words;
}

std::string notice_words(const Json& notice) {
  const std::string code = notice.text_or("code");
  if (code == "passages_left_out") {
    return fmt::format("一度に読める長さを超えるため、{}か所のうち{}か所を読みました。", notice.int_or("found"), notice.int_or("read"));
  }
  if (code == "history_left_out") {
    return fmt::format("一度に読める長さを超えるため、前のやり取り{}件のうち{}件を読みました。", notice.int_or("turns"), notice.int_or("read"));
  }
  if (code == "personal_question" || code == "personal_answer") return personal_words(notice);
  return fmt::format("お知らせ: {}", code);
}

std::string claim_words(const TurnRecord& record, const Json& claim) {
  std::string missing;
  const Json* words = claim.find("missing");
  if (words != nullptr && words->as_array() != nullptr) {
    for (const Json& word : *words->as_array()) {
      if (const std::string* text = word.as_string()) missing += (missing.empty() ? "" : "、") + *text;
    }
  }
  const std::string sentence = excerpt(record.part(claim.int_or("start"), claim.int_or("end")), kExcerptCharacters);
  return fmt::format("  要確認「{}」{}\n", sentence, missing.empty() ? "" : fmt::format("（出典に見当たらない: {}）", missing));
}

std::string source_line(const Json& source, const LevelNames& level_name) {
  return fmt::format("  [{}] {}　{}　書架「{}」\n", source.int_or("number"), place_of(source), level_name(source.int_or("level")), source.text_or("shelf_name"));
}

std::string marks_words(const TurnRecord& record, const LevelNames& level_name) {
  const Json& done = *record.done;
  const std::int64_t supported = done.int_or("supported");
  const std::int64_t needs_check = done.int_or("needs_check");
  const std::string line = supported + needs_check == 0 ? "" : fmt::format("裏付けあり {}文　要確認 {}文　", supported, needs_check);
  const std::string name = done.text_or("level_name");
  return line + fmt::format("格付 {}\n", name.empty() ? level_name(done.int_or("level")) : name);
}

Json request_of(const AskOptions& options, const std::vector<std::string>& shelves) {
  Json request = Json::object({{"question", options.question}, {"mode", options.no_documents ? "none" : "shelves"}});
  if (!shelves.empty()) request.set("shelves", Json::array(Json::Array(shelves.begin(), shelves.end())));
  if (!options.conversation_id.empty()) request.set("conversation_id", options.conversation_id);
  return request;
}

/// Asks the server to stop; without a turn there is nothing to keep.
void stop_turn(const ClientFlags& flags, const std::string& turn_id) {
  if (turn_id.empty()) std::_Exit(kExitFailed);
  std::cerr << "\n停止しています。もう一度押すと、すぐに終わります。\n";
  auto remote = Remote::open(flags, kStopPatience_ms);
  if (!remote) std::_Exit(kExitFailed);
  const auto stopped = remote->post(fmt::format("/api/v1/turns/{}/stop", turn_id));
  if (!stopped) std::cerr << printable(stopped.error().words) << "\n";
}

int print_end(const TurnRecord& record, Remote& remote, bool json) {
  if (json) {
    std::cout << record.to_json().dump() << "\n";
  } else if (record.done) {
    std::cout << "\n\n" << printable(answer_notes(record, [&](std::int64_t level) { return remote.level_name(level); }));
  }
  std::cout << std::flush;
  if (record.failed && !json) std::cerr << "\n" << printable(in_japanese(*record.failed)) << "\n";
  if (record.cancelled() && !json) std::cerr << "回答を途中で停止しました。\n";
  return record.failed || record.cancelled() ? kExitFailed : 0;
}

}  // namespace

void AnswerPrinter::take(const http::ReceivedEvent& event, std::string_view added) {
  if (!added.empty()) {
    progress_.clear();
    out_ << printable(added) << std::flush;
  } else if (const std::string words = waiting_words(event); !words.empty()) {
    progress_.show(words);
  } else if (event.name == "done" || event.name == "failed") {
    progress_.clear();
  }
}

std::string place_of(const Json& passage) {
  std::string place = passage.text_or("document_name");
  if (const std::string path = passage.text_or("path"); !path.empty()) place += "　" + path;
  if (const std::int64_t page = passage.int_or("page"); page > 0) place += fmt::format("　{}ページ", page);
  return place;
}

std::string answer_notes(const TurnRecord& record, const LevelNames& level_name) {
  std::string text = record.done ? marks_words(record, level_name) : "";
  for (const Json& notice : record.notices) text += notice_words(notice) + "\n";
  for (const Json& claim : record.claims) {
    if (claim.text_or("check") == "needed") text += claim_words(record, claim);
  }
  if (record.not_found()) {
    std::string near;
    for (const Json& number : record.nearest.value_or(Json::Array())) {
      const Json* source = number.as_int() == nullptr ? nullptr : record.source(*number.as_int());
      if (source != nullptr) near += source_line(*source, level_name) + "      " + excerpt(source->text_or("text"), kExcerptCharacters) + "\n";
    }
    return near.empty() ? text : text + "近い箇所\n" + near;
  }
  std::string sources;
  for (const std::int64_t number : record.cited()) {
    if (const Json* source = record.source(number)) sources += source_line(*source, level_name);
  }
  return sources.empty() ? text : text + "出典\n" + sources;
}

int run_ask(const AskOptions& options) {
  auto remote = Remote::open(options);
  if (!remote) return give_up(remote.error(), options.json);
  auto shelves = remote->shelf_ids(options.shelves);
  if (!shelves) return give_up(shelves.error(), options.json);
  Guarded<std::string> turn_id;
  const InterruptWatch watch([&] { stop_turn(options, turn_id.with([](const std::string& id) { return id; })); });
  ProgressLine progress;
  AnswerPrinter printer(std::cout, progress);
  TurnRecord record;
  const auto followed = follow_turn(remote->client(), request_of(options, *shelves), record, [&](const http::ReceivedEvent& event, std::string_view added) {
    if (event.name == "started") turn_id.with([&](std::string& id) { id = record.turn_id; });
    if (!options.json) printer.take(event, added);
  });
  progress.clear();
  if (!followed) {
    if (!record.answer.empty() && !options.json) std::cout << "\n" << std::flush;
    return give_up(remote->explain(followed.error()), options.json);
  }
  return print_end(record, *remote, options.json);
}

}  // namespace sekisho::main
