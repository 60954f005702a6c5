#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "main/eval_metrics.h"
#include "main/eval_run.h"
#include "main/plain_text.h"
#include "main/turn_follow.h"

namespace sekisho::main {
namespace {

/// What every evaluation begins with.
struct Prepared {
  std::vector<EvalRecord> records;
  Json shelf_ids;  ///< As requests have it.
};

Try<Prepared> prepare(const EvalOptions& options, EvalNeeds needs) {
  auto records = read_records(options.file, needs, options.limit);
  if (!records) return trouble(Trouble{records.error().code, in_japanese(records.error()), kExitUsage});
  auto remote = Remote::open(options);
  if (!remote) return trouble(remote.error());
  auto ids = remote->shelf_ids(options.shelves);
  if (!ids) return trouble(ids.error());
  return Prepared{*std::move(records), Json::array(Json::Array(ids->begin(), ids->end()))};
}

int print(const EvalOptions& options, const Json& metrics, const std::string& words) {
  std::cout << (options.json ? metrics.dump() + "\n" : printable(words)) << std::flush;
  return metrics.int_or("failed") > 0 ? kExitFailed : 0;
}

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// One turn with its times, as seen from here.
struct TimedTurn {
  TurnRecord record;
  double total_ms = 0;
  std::optional<double> first_text_ms;
};

/// Asks in a conversation of its own, which is deleted afterwards.
Try<TimedTurn> ask(Remote& remote, const Json& request) {
  TimedTurn turn;
  const auto asked = patiently([&] {
    turn = {};
    const auto start = std::chrono::steady_clock::now();
    auto followed = follow_turn(remote.client(), request, turn.record, [&](const http::ReceivedEvent&, std::string_view added) {
      if (!added.empty() && !turn.first_text_ms) turn.first_text_ms = milliseconds_since(start);
    });
    turn.total_ms = milliseconds_since(start);
    // A turn that found the queue full says so as its last event.
    if (followed && turn.record.failed && turn.record.failed->code == ErrorCode::kBusy) return Result<void>(fail(*turn.record.failed));
    return followed;
  });
  if (!asked) return trouble(remote.explain(asked.error()));
  const std::string& conversation = turn.record.conversation_id;
  // What cannot be deleted only stays in the list.
  if (!conversation.empty()) static_cast<void>(remote.remove("/api/v1/conversations/" + conversation + "?forever=true"));
  return turn;
}

Json turn_request(const EvalRecord& record, const Json& shelf_ids, bool explain) {
  Json request = Json::object({{"question", record.question}, {"mode", "shelves"}, {"shelves", shelf_ids}});
  if (explain) request.set("explain", true);
  return request;
}

}  // namespace

int eval_search(const EvalOptions& options) {
  auto prepared = prepare(options, EvalNeeds::kRelevant);
  if (!prepared) return give_up(prepared.error(), options.json);
  const std::vector<EvalRecord>& records = prepared->records;
  std::vector<SearchOutcome> outcomes(records.size());  // Each element is one thread's alone.
  const auto run = run_each(options, records, [&](Remote& remote, std::size_t i) -> Try<Json> {
    const Json request = Json::object({{"query", records[i].question}, {"shelves", prepared->shelf_ids}, {"limit", kRanksLooked}});
    Json found;
    const auto asked = patiently([&]() -> Result<void> {
      const auto start = std::chrono::steady_clock::now();
      auto answer = remote.client().request(http::Method::kPost, "/api/v1/search", &request);
      outcomes[i].ms = milliseconds_since(start);
      if (!answer) return fail(answer.error());
      found = *std::move(answer);
      return {};
    });
    if (!asked) return trouble(remote.explain(asked.error()));
    outcomes[i].rank = rank_of_relevant(found, records[i]);
    return Json::object({{"rank", outcomes[i].rank}, {"ms", outcomes[i].ms}});
  }, [&](std::size_t i, const Json& told) {
    outcomes[i] = {static_cast<std::size_t>(told.int_or("rank")), told.number_or("ms")};
    return true;
  });
  if (!run) return give_up(run.error(), options.json);
  const Json metrics = search_metrics(outcomes);
  return print(options, metrics, search_metrics_words(metrics));
}

int eval_answer(const EvalOptions& options) {
  auto prepared = prepare(options, EvalNeeds::kAnswers);
  if (!prepared) return give_up(prepared.error(), options.json);
  const std::vector<EvalRecord>& records = prepared->records;
  std::vector<AnswerOutcome> outcomes(records.size());  // Each element is one thread's alone.
  const auto run = run_each(options, records, [&](Remote& remote, std::size_t i) -> Try<Json> {
    auto turn = ask(remote, turn_request(records[i], prepared->shelf_ids, false));
    if (!turn) return trouble(turn.error());
    outcomes[i] = judge_answer(records[i], turn->record);
    outcomes[i].total_ms = turn->total_ms;
    outcomes[i].first_text_ms = turn->first_text_ms;
    Json detail = outcome_json(outcomes[i]);
    detail.set("turn", turn->record.to_json());
    return detail;
  }, [&](std::size_t i, const Json& told) {
    outcomes[i] = outcome_of(records[i], told);
    return !outcomes[i].failed;
  });
  if (!run) return give_up(run.error(), options.json);
  const Json metrics = answer_metrics(outcomes);
  return print(options, metrics, answer_metrics_words(metrics));
}

int eval_calibrate(const EvalOptions& options) {
  auto prepared = prepare(options, EvalNeeds::kAnswers);
  if (!prepared) return give_up(prepared.error(), options.json);
  const std::vector<EvalRecord>& records = prepared->records;
  std::vector<std::vector<model::JudgeSample>> found(records.size());  // Each element is one thread's alone.
  std::atomic<std::size_t> failed = 0;
  const auto run = run_each(options, records, [&](Remote& remote, std::size_t i) -> Try<Json> {
    auto asked = ask(remote, turn_request(records[i], prepared->shelf_ids, true));
    if (!asked) return trouble(asked.error());
    if (asked->record.failed) ++failed;
    Json turn = asked->record.to_json();
    found[i] = judge_samples(records[i], turn);
    return Json::object({{"failed", asked->record.failed.has_value()}, {"turn", std::move(turn)}});
  }, [&](std::size_t i, const Json& told) {
    const Json* turn = told.find("turn");
    if (turn != nullptr) found[i] = judge_samples(records[i], *turn);
    return !told.bool_or("failed");
  });
  if (!run) return give_up(run.error(), options.json);
  std::vector<model::JudgeSample> samples;
  for (const auto& readings : found) samples.insert(samples.end(), readings.begin(), readings.end());
  auto calibration = model::fit(samples, {.false_refusals = options.false_refusals});
  if (failed > 0) std::cerr << fmt::format("途中で失敗した質問が{}件あり、使っていません。\n", failed.load());
  if (!calibration) return give_up({calibration.error().code, in_japanese(calibration.error())}, options.json);
  const std::string heading = fmt::format("# 質問{}件、読み取り{}回。あるものをないと答える割合 {:.1f} %、ないものをないと答える割合 {:.1f} %、AUC {:.3f}\n", records.size(),
                                          samples.size(), 100 * calibration->false_refusals, 100 * calibration->caught, calibration->auc);
  return print(options, calibration->to_json(), heading + calibration->to_toml());
}

}  // namespace sekisho::main
