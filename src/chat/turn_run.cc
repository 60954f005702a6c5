#include "chat/turn_run.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "chat/hold.h"
#include "crypto/hash.h"
#include "text/sentences.h"
#include "text/utf8.h"

namespace sekisho::chat {
namespace {

using process::model::Done;
using process::model::GenerateRequest;
using process::model::Token;

constexpr std::size_t kPassagesShown = 5;
constexpr std::size_t kPassagesSeveral = 4;
constexpr std::size_t kNearestShown = 3;
constexpr std::size_t kAttempts = 2;
constexpr std::int64_t kAnswerTokens = 400;
constexpr std::int64_t kLongAnswerTokens = 1024;
constexpr std::int64_t kScoreTimeout_ms = 120'000;
constexpr std::int64_t kSaveEvery_ms = 2'000;

std::string label_name(const gate::Policy& policy, const gate::Label& label) { return policy.rule(label.level()).name; }
Json handling_json(const gate::Label& label) {
  Json::Array names;
  for (const std::string& name : label.handling()) names.emplace_back(name);
  return Json::array(std::move(names));
}

Json failure_json(const Error& error) { return Json::object({{"code", name_of(error.code)}, {"detail", error.detail}}); }

Json reading_json(const std::vector<std::size_t>& passages, const model::JudgeFeatures& features) {
  Json::Array sources;
  for (const std::size_t index : passages) sources.emplace_back(index + 1);
  return Json::object({{"sources", Json(std::move(sources))},
                       {"yes_margin", features.yes_margin},
                       {"mean_log_probability", features.mean_log_probability},
                       {"min_log_probability", features.min_log_probability},
                       {"refused", features.refused},
                       {"question_coverage", features.question_coverage},
                       {"answer_coverage", features.answer_coverage},
                       {"sentence_coverage", features.sentence_coverage},
                       {"ranking_margin", features.ranking_margin},
                       {"later", features.later}});
}

}  // namespace

/// One reading: which passages, and what speaks for the answer being in them.
struct TurnRun::Attempt {
  std::vector<std::size_t> passages;  ///< Indices of those found.
  Before before;
  double ranking_margin = 0;
  bool only_judged = false;  ///< For `explain`: the answer has been found before.
};

TurnRun::TurnRun(TurnParts parts, gate::Actor actor, TurnStart start, std::shared_ptr<EventLog> events)
    : parts_(parts),
      actor_(std::move(actor)),
      turn_(std::move(start.turn)),
      title_(std::move(start.title)),
      history_(std::move(start.history)),
      label_(std::move(start.history_label)),
      anew_(start.anew),
      sampling_(start.sampling),
      begun_(std::move(start.begun)),
      explain_(start.explain),
      events_(std::move(events)),
      answer_(*events_, parts_.checker),
      personal_(std::move(start.personal)) {
  events_->set_label(label_);
}

void TurnRun::stop() {
  stopped_ = true;
  const std::lock_guard lock(stream_mutex_);
  if (stream_ != nullptr) stream_->cancel();
}

void TurnRun::run() {
  started_ms_ = saved_ms_ = parts_.clock.steady_ms();
  events_->append("started", Json::object({{"turn_id", turn_.id.text()},
                                           {"conversation_id", turn_.conversation.text()},
                                           {"title", title_},
                                           {"model", parts_.model.title}}));
  if (!personal_.empty()) tell_personal("personal_question", personal_.counts(), personal_.action);
  const Result<void> outcome = answer();
  write_rest();
  answer_.finish();
  end(outcome);
  events_->close();
}

Result<void> TurnRun::answer() { return turn_.mode == Mode::kShelves ? answer_from_shelves() : answer_without_papers(); }

Result<gate::Permit> TurnRun::admit(const gate::Label& label, const std::vector<PassageId>& passages) {
  gate::Purpose purpose;
  purpose.what = "answer";
  purpose.subjects.push_back(turn_.id.text());
  for (const PassageId& passage : passages) purpose.subjects.push_back(passage.text());
  const model::EngineInfo info = parts_.engine.info();
  purpose.facts = Json::object({{"question_sha256", crypto::sha256(turn_.question).hex()},
                                {"question_characters", text::count_characters(turn_.question)},
                                {"mode", name_of(turn_.mode)},
                                {"model", parts_.model.name},
                                {"model_sha256", parts_.model.sha256},
                                {"cpu_variant", info.model.cpu_variant},
                                {"shelves", searched_.shelf_names.size()}});
  if (!personal_.empty()) purpose.facts.set("personal", personal_.facts(gate::DlpPlace::kQuestion));
  return parts_.gate.admit(actor_, label, {gate::Destination::local_engine(), gate::Destination::screen()}, purpose);
}

void TurnRun::show_label(const gate::Label& label, const std::vector<search::FoundPassage>& passages) {
  for (std::size_t i = 0; i < passages.size() && label.level().rank > 0 && because_source_.is_null(); ++i) {
    if (passages[i].label.level() == label.level()) because_source_ = Json(i + 1);
  }
  events_->append("label", Json::object({{"level", label.level().rank + 1},
                                         {"name", label_name(parts_.gate.policy(), label)},
                                         {"handling", handling_json(label)},
                                         {"because_source", because_source_}}));
}

void TurnRun::show_sources(const std::vector<search::FoundPassage>& passages) {
  Json::Array items;
  for (std::size_t i = 0; i < passages.size(); ++i) {
    Json item = search::to_json(passages[i]);
    item.set("number", i + 1);
    items.push_back(std::move(item));
    source_texts_.push_back(fmt::format("{}　{}\n{}", passages[i].document_name, passages[i].path, passages[i].text));
    passage_texts_.push_back(passage_text(passages[i]));
  }
  turn_.sources = Json::array(std::move(items));
  events_->append("sources", Json::object({{"items", turn_.sources}}));
}

Result<search::SearchScope> TurnRun::scope() const {
  search::SearchScope scope;
  if (turn_.shelves.empty()) return scope;
  scope.shelves.emplace();
  for (const std::string& text : turn_.shelves) {
    auto id = ShelfId::parse(text);
    if (!id) return fail(ErrorCode::kDenied, "no such shelf");
    scope.shelves->push_back(*std::move(id));
  }
  return scope;
}

Result<void> TurnRun::answer_from_shelves() {
  auto where = scope();
  if (!where) return fail(where.error());
  Before before;
  if (!history_.empty() && leans_on_before(turn_.question)) before = history_.back();
  const std::string query = before.empty() ? turn_.question : before.question + "\n" + turn_.question;
  auto found = parts_.search.find(actor_, query, *where, {.limit = kPassagesShown});
  if (!found) return fail(found.error());
  searched_ = found->searched;
  label_ = gate::join(label_, found->passages.label());
  auto permit = admit(label_, found->ids);
  if (!permit) return fail(permit.error());
  const std::vector<search::FoundPassage>& passages = found->passages.open(*permit);
  permit_ = *std::move(permit);
  turn_.label = label_;
  events_->set_label(label_);
  show_sources(passages);
  show_label(label_, passages);

  std::vector<double> scores;
  for (const search::FoundPassage& passage : passages) scores.push_back(passage.score);
  if (!begun_.text.empty() && !passages.empty()) return read_on(passages, before);
  const Manner manner = manner_of(turn_.question, scores);
  if (manner == Manner::kSeveral) return read_several(passages);
  std::vector<std::size_t> characters;
  for (const search::FoundPassage& passage : passages) characters.push_back(text::count_characters(passage.text));
  bool found_answer = false;
  for (const std::vector<std::size_t>& group : groups_of(manner, scores, characters, kAttempts)) {
    if (stopped_ || (found_answer && explain_ == Explain::kNothing)) break;
    const Attempt attempt{group, before, group.front() == 0 ? ranking_margin(passages) : 0, found_answer};
    auto answered = read(attempt, passages);
    if (!answered) return fail(answered.error());
    found_answer = found_answer || *answered;
  }
  if (!stopped_ && !found_answer) say_not_found(passages.size());
  return {};
}

void TurnRun::say_not_found(std::size_t passages) {
  Json::Array nearest;
  for (std::size_t i = 0; i < std::min(passages, kNearestShown); ++i) nearest.emplace_back(i + 1);
  Json::Array shelves(searched_.shelf_names.begin(), searched_.shelf_names.end());
  found_nothing_ = Json::object({{"documents", searched_.documents}, {"shelves", Json::array(std::move(shelves))}, {"nearest", Json::array(std::move(nearest))}});
  events_->append("not_found", found_nothing_);
  first_text_ms_ = parts_.clock.steady_ms() - started_ms_;
  answer_.say(not_found_text(searched_));
}

std::vector<SourceText> TurnRun::sources_of(const std::vector<search::FoundPassage>& passages, const std::vector<std::size_t>& first) {
  std::vector<SourceText> sources;
  const auto add = [&](std::size_t index) { sources.push_back({static_cast<int>(index) + 1, source_texts_[index]}); };
  for (const std::size_t index : first) add(index);
  for (std::size_t i = 0; i < passages.size(); ++i) {
    if (std::find(first.begin(), first.end(), i) == first.end()) add(i);
  }
  return sources;
}

GenerateRequest TurnRun::request_of(std::vector<process::model::Segment> prompt, std::int64_t max_tokens) const {
  GenerateRequest request;
  request.scope = actor_.id.text();
  request.prompt = std::move(prompt);
  request.max_tokens = std::min(max_tokens, sampling_.max_tokens.value_or(max_tokens));
  request.stop = model::stops_of(parts_.model.family);
  request.japanese_only = true;
  if (anew_) {  // Asked again: the same words would come out at temperature 0.
    request.temperature = 0.6;
    request.top_p = 0.9;
    request.seed = static_cast<std::uint64_t>(turn_.created_ms);
  }
  request.temperature = sampling_.temperature.value_or(request.temperature);
  request.top_p = sampling_.top_p.value_or(request.top_p);
  request.seed = sampling_.seed.value_or(request.seed);
  return request;
}

std::string TurnRun::subject() const { return actor_.id.text() + " " + parts_.gate.policy().to_text(turn_.label); }

Result<double> TurnRun::yes_margin(const Attempt& attempt) {
  std::vector<std::string> texts;
  for (const std::size_t index : attempt.passages) texts.push_back(passage_texts_[index]);
  process::model::ScoreRequest request;
  request.scope = actor_.id.text();
  request.prompt = judge_prompt(parts_.model.family, texts, turn_.question, attempt.before);
  request.options = judge_options();
  mask_prompt(parts_.gate.dlp(), turn_.label.level(), request.prompt, masks_);
  auto scored = model::score(parts_.engine, std::move(request),
                             {.actor = actor_.id.text(), .timeout_ms = kScoreTimeout_ms, .follow_up = std::exchange(served_, true), .subject = subject()});
  if (!scored) return fail(scored.error());
  return scored->log_probabilities.at(0) - scored->log_probabilities.at(1);
}

Result<bool> TurnRun::read(const Attempt& attempt, const std::vector<search::FoundPassage>& passages) {
  reading_source_ = static_cast<std::int64_t>(attempt.passages.front()) + 1;
  model::JudgeFeatures features;
  features.ranking_margin = attempt.ranking_margin;
  features.later = attempt.passages.front() != 0;
  if (parts_.model.judge || explain_ == Explain::kJudge) {
    auto margin = yes_margin(attempt);
    if (!margin) return fail(margin.error());
    features.yes_margin = *margin;
  }
  std::vector<std::string> texts;
  std::string read_text;
  for (const std::size_t index : attempt.passages) {
    texts.push_back(passage_texts_[index]);
    read_text += source_texts_[index] + "\n";
  }
  features.question_coverage = parts_.checker.question_coverage(turn_.question, read_text);
  features.sentence_coverage = parts_.checker.sentence_coverage(turn_.question, read_text);
  if (!attempt.only_judged) answer_.read_from(sources_of(passages, attempt.passages));

  Hold hold(parts_.model.judge, features, parts_.checker, read_text,
            explain_ == Explain::kJudge ? Hold::Until::kFirstSentence : Hold::Until::kSure);
  auto done = generate(request_of(answer_prompt(parts_.model.family, texts, turn_.question, attempt.before), kAnswerTokens), [&](const Token& token) {
    if (hold.state() == Hold::State::kReleased) {
      write(token.text);
      return true;
    }
    const Hold::State state = hold.add(token);
    if (attempt.only_judged) return state == Hold::State::kHeld;
    if (state == Hold::State::kReleased) write(hold.text());
    return state != Hold::State::kSilent;
  });
  if (hold.state() == Hold::State::kHeld && done && !stopped_ && hold.finish() == Hold::State::kReleased && !attempt.only_judged) write(hold.text());
  if (explain_ == Explain::kJudge) judged_.push_back(reading_json(attempt.passages, hold.features()));
  if (hold.state() == Hold::State::kSilent || attempt.only_judged) return false;
  for (const std::size_t index : attempt.passages) read_.emplace_back(passages[index].id.text());
  if (!done) return fail(done.error());
  return true;
}

Result<void> TurnRun::read_several(const std::vector<search::FoundPassage>& passages) {
  std::vector<std::string> texts;
  std::vector<std::size_t> first;
  for (std::size_t i = 0; i < std::min(passages.size(), kPassagesSeveral); ++i) {
    texts.push_back(passage_texts_[i]);
    first.push_back(i);
  }
  reading_source_ = 1;
  answer_.read_from(sources_of(passages, first));
  for (const std::size_t index : first) read_.emplace_back(passages[index].id.text());
  for (;;) {
    GenerateRequest request = request_of(several_prompt(parts_.model.family, texts, turn_.question), kLongAnswerTokens);
    request.grammar = several_grammar(texts.size());
    MarkFilter filter;
    auto done = generate(std::move(request), [&](const Token& token) {
      write(filter.pass(token.text));
      return true;
    });
    if (done) {
      write(filter.rest());
      return {};
    }
    if (done.error().code != ErrorCode::kTooLarge || texts.size() == 1) return fail(done.error());
    texts.pop_back();
    read_.pop_back();
    notice(Json::object({{"code", "passages_left_out"}, {"read", texts.size()}, {"found", passages.size()}}));
  }
}

Result<void> TurnRun::read_on(const std::vector<search::FoundPassage>& passages, const Before& before) {
  std::vector<std::size_t> first;
  for (std::size_t i = 0; i < passages.size(); ++i) {
    if (std::find(begun_.passages.begin(), begun_.passages.end(), passages[i].id.text()) != begun_.passages.end()) first.push_back(i);
  }
  if (first.empty()) first.push_back(0);  // Those are gone, or may no longer be read: the best that there is now.
  std::vector<std::string> texts;
  for (const std::size_t index : first) {
    texts.push_back(passage_texts_[index]);
    read_.emplace_back(passages[index].id.text());
  }
  reading_source_ = static_cast<std::int64_t>(first.front()) + 1;
  answer_.read_from(sources_of(passages, first));
  write(begun_.text);
  GenerateRequest request = request_of(answer_prompt(parts_.model.family, texts, turn_.question, before, begun_.text), kLongAnswerTokens);
  MarkFilter filter;
  auto done = generate(std::move(request), [&](const Token& token) {
    write(filter.pass(token.text));
    return true;
  });
  if (!done) return fail(done.error());
  write(filter.rest());
  return {};
}

Result<void> TurnRun::answer_without_papers() {
  auto permit = admit(label_, {});
  if (!permit) return fail(permit.error());
  permit_ = *std::move(permit);
  turn_.label = label_;
  events_->set_label(label_);
  show_label(label_, {});
  std::vector<Before> history = history_;
  write(begun_.text);
  for (;;) {
    GenerateRequest request = request_of(plain_prompt(parts_.model.family, history, turn_.question, begun_.text), kLongAnswerTokens);
    auto done = generate(std::move(request), [&](const Token& token) {
      write(token.text);
      return true;
    });
    if (done) return {};
    if (done.error().code != ErrorCode::kTooLarge || history.empty()) return fail(done.error());
    history.erase(history.begin());
    notice(Json::object({{"code", "history_left_out"}, {"read", history.size()}, {"turns", history_.size()}}));
  }
}

Result<Done> TurnRun::generate(GenerateRequest request, const Take& take) {
  mask_prompt(parts_.gate.dlp(), turn_.label.level(), request.prompt, masks_);
  gate::Unmasker unmasker(masks_);
  auto stream = model::Stream::open(parts_.engine, {.actor = actor_.id.text(), .body = std::move(request), .follow_up = std::exchange(served_, true), .subject = subject()});
  if (!stream) return fail(stream.error());
  {
    const std::lock_guard lock(stream_mutex_);
    stream_ = stream->get();
    if (stopped_) stream_->cancel();
  }
  Result<Done> result = fail(ErrorCode::kInternal, "the engine ended a request without an event");
  bool enough = false;
  for (;;) {
    auto event = (*stream)->next();
    if (!event) {
      result = fail(event.error());
      break;
    }
    if (!*event) break;
    if (const auto* token = std::get_if<Token>(&**event)) {
      Token said = *token;
      said.text = unmasker.pass(token->text);
      if (!enough && (!take(said) || (guard_ && guard_->blocked()))) {
        enough = true;
        (*stream)->cancel();
      }
    } else if (const auto* done = std::get_if<Done>(&**event)) {
      result = *done;
      prompt_tokens_ += done->prompt_tokens;
      cached_tokens_ += done->cached_tokens;
      output_tokens_ += done->output_tokens;
      if (!enough) reason_ = done->reason;
    } else if (const auto* error = std::get_if<Error>(&**event)) {
      result = fail(*error);
    } else {
      note_event(**event);
    }
  }
  if (const std::string last = unmasker.rest(); !enough && !last.empty()) take(Token{.text = last});
  const std::lock_guard lock(stream_mutex_);
  stream_ = nullptr;
  if (!result && stopped_ && result.error().code == ErrorCode::kCancelled) return Done{.reason = "cancelled"};
  return result;
}

void TurnRun::note_event(const model::Event& event) {
  if (const auto* queued = std::get_if<model::Queued>(&event)) {
    if (queued->ahead > 0) {
      events_->append("queued", Json::object({{"ahead", queued->ahead}, {"seconds", static_cast<std::int64_t>(queued->estimate_s + 0.5)}}));
    }
  } else if (const auto* progress = std::get_if<process::model::Progress>(&event)) {
    const std::int64_t percent = progress->total_tokens == 0 ? 100 : progress->done_tokens * 100 / progress->total_tokens;
    events_->append("reading", Json::object({{"percent", percent},
                                             {"done_tokens", progress->done_tokens},
                                             {"total_tokens", progress->total_tokens},
                                             {"source", reading_source_}}));
  }
}

void TurnRun::notice(Json figures) {
  events_->append("notice", figures);
  notices_.push_back(std::move(figures));
}

Json TurnRun::stored_summary(const Json& said) const {
  Json summary = said;
  summary.set("because_source", because_source_);
  summary.set("notices", Json::array(notices_));
  summary.set("found_nothing", found_nothing_);
  summary.set("read", Json::array(read_));
  return summary;
}

void TurnRun::tell_personal(std::string_view code, const Json& found, gate::DlpAction action) {
  std::string kinds;
  std::int64_t count = 0;
  for (const auto& [kind, number] : *found.as_object()) {
    kinds += (kinds.empty() ? "" : "、") + kind;
    count += *number.as_int();
  }
  Json figures = Json::object({{"code", code}, {"kinds", kinds}, {"count", count}, {"action", gate::name_of(action)}});
  if (code == "personal_question" && personal_.raise_to) figures.set("raised_to", parts_.gate.policy().rule(turn_.label.level()).name);
  notice(std::move(figures));
}

void TurnRun::write(std::string_view text) {
  if (text.empty()) return;
  if (!guard_) {
    std::vector<gate::Destination> to = {gate::Destination::screen()};
    if (actor_.credential == gate::Credential::kApiKey) to.push_back(gate::Destination::api_key());
    guard_.emplace(parts_.gate.dlp(), std::move(to), turn_.label.level());
  }
  const std::string shown = guard_->pass(text);
  if (shown.empty()) return;
  if (first_text_ms_ < 0) first_text_ms_ = parts_.clock.steady_ms() - started_ms_;
  answer_.add(shown);
  save_now_and_then();
}

void TurnRun::write_rest() {
  if (!guard_) return;
  answer_.add(guard_->rest());
  if (guard_->action() == gate::DlpAction::kNone) return;
  tell_personal("personal_answer", guard_->counts(), guard_->action());
  if (guard_->blocked()) reason_ = "personal";
}

void TurnRun::save_now_and_then() {
  if (parts_.clock.steady_ms() - saved_ms_ < kSaveEvery_ms) return;
  saved_ms_ = parts_.clock.steady_ms();
  turn_.answer = answer_.text();
  turn_.claims = Json::array(answer_.claims());
  if (auto saved = parts_.conversations.save_turn(turn_); !saved) log_warning("turn.not_saved", {{"detail", saved.error().detail}});
}

void TurnRun::end(const Result<void>& outcome) {
  const bool cancelled = stopped_ || (!outcome && outcome.error().code == ErrorCode::kCancelled);
  turn_.state = cancelled ? "stopped" : outcome ? "done" : "failed";
  turn_.answer = answer_.text();
  turn_.claims = Json::array(answer_.claims());
  said_ = Json::object({{"reason", cancelled ? "cancelled" : reason_},
                        {"model", parts_.model.title},
                        {"created_ms", parts_.clock.wall_ms()},
                        {"level", turn_.label.level().rank + 1},
                        {"level_name", label_name(parts_.gate.policy(), turn_.label)},
                        {"characters", text::count_characters(turn_.answer)},
                        {"supported", answer_.supported()},
                        {"needs_check", answer_.needs_review()},
                        {"not_found", !found_nothing_.is_null()},
                        {"prompt_tokens", prompt_tokens_},
                        {"cached_tokens", cached_tokens_},
                        {"output_tokens", output_tokens_},
                        {"first_token_ms", first_text_ms_},
                        {"total_ms", parts_.clock.steady_ms() - started_ms_}});
  if (!judged_.empty()) said_.set("judge", std::move(judged_));
  const bool failed = turn_.state == "failed";
  if (failed) said_ = failure_json(outcome.error());
  turn_.summary = stored_summary(said_);
  if (failed) log_warning("turn.failed", {{"turn", turn_.id.text()}, {"code", std::string(name_of(outcome.error().code))}});  // The detail may be the model's words.
  if (auto kept = keep(); !kept) {
    log_error("turn.not_kept", {{"turn", turn_.id.text()}, {"detail", kept.error().detail}});
    turn_.state = "failed";
    said_ = failure_json(kept.error());
    turn_.summary = stored_summary(said_);
  }
  events_->append(turn_.state == "failed" ? "failed" : "done", said_);
}

Result<void> TurnRun::keep() {
  if (permit_ && !closed_) {
    gate::Purpose purpose{"answer", {turn_.id.text()}, Json::object({{"answer_sha256", crypto::sha256(turn_.answer).hex()}, {"summary", said_}})};
    if (guard_ && !guard_->facts().is_null()) purpose.facts.set("personal", guard_->facts());
    if (parts_.contents != nullptr) {
      const Json said = Json::object({{"question", turn_.question}, {"answer", turn_.answer}, {"sources", turn_.sources}});
      auto place = parts_.contents->keep(parts_.gate.policy().to_text(permit_->label()), turn_.id.text(), said);
      if (!place) return fail(place.error());
      purpose.facts.set("content", *std::move(place));
    }
    auto closed = parts_.gate.close(actor_, *permit_, purpose, turn_.state == "failed" ? audit::Outcome::kFailed : audit::Outcome::kDone);
    if (!closed) return fail(closed.error());
    closed_ = true;
  }
  if (auto saved = parts_.conversations.save_turn(turn_); !saved) return saved;
  kept_ = true;
  return {};
}

}  // namespace sekisho::chat
