#include "model/worker_process.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/log.h"

namespace sekisho::model {
namespace {

using namespace process::model;
using process::Child;
using process::Frame;
using process::SealReport;

static_assert(std::endian::native == std::endian::little, "kVectors is little endian");

constexpr std::int64_t kBytesPerToken = 3;
constexpr std::size_t kDetailBytes_max = 300;  ///< Of an error in the worker's words: it is not to be trusted with more.

Result<Json> json_of(const Frame& frame) { return Json::parse(frame.payload, limits::kFrameBytes); }

/// In the words of a worker that has been given nothing yet but its model.
Error loading_error_of(const Json& json) { return {error_code_named(json.text_or("code")), json.text_or("detail").substr(0, kDetailBytes_max)}; }

/// The worker's own words reach nobody but who asked: they stand only behind codes that say that the asker's request is at fault, which no
/// log takes up with their detail.
Error error_of(const Json& json, const Request& request) {
  Error error = loading_error_of(json);
  const bool answers = std::holds_alternative<GenerateRequest>(request.body);  // Of the others nobody in particular asked.
  const bool asker = answers && (error.code == ErrorCode::kInvalid || error.code == ErrorCode::kTooLarge || error.code == ErrorCode::kUnsupported);
  if (!asker) error.detail = fmt::format("the model's process failed ({})", name_of(error.code));
  return error;
}

/// The next frame of a worker that is starting, which must be of type `wanted` or kFailed.
Result<Json> expect(process::Channel& channel, MessageType wanted, std::int64_t timeout_ms, std::string_view step) {
  auto frame = channel.receive(timeout_ms);
  if (!frame) return fail(frame.error().code, fmt::format("sekisho-model, {}: {}", step, frame.error().detail));
  if (!*frame) return fail(ErrorCode::kUnavailable, fmt::format("sekisho-model ended while {}", step));
  auto json = json_of(**frame);
  if (!json) return fail(ErrorCode::kCorrupt, fmt::format("sekisho-model, {}: a message that is no JSON", step));
  const auto type = static_cast<MessageType>((*frame)->type);
  if (type == MessageType::kFailed) {
    const Error error = loading_error_of(*json);
    return fail(error.code, fmt::format("sekisho-model, {}: {}", step, error.detail));
  }
  if (type != wanted) return fail(ErrorCode::kCorrupt, fmt::format("sekisho-model, {}: message {} out of turn", step, (*frame)->type));
  return json;
}

/// Whether all required verdicts hold, but for those that the operator accepted.
Result<void> check_seal(const SealReport& report, const std::vector<std::string>& accepted) {
  if (report.sealed()) return {};
  std::string broken;
  for (const auto* verdicts : {&report.layers, &report.probes}) {
    for (const process::Verdict& verdict : *verdicts) {
      if (verdict.holds || !verdict.required) continue;
      if (std::find(accepted.begin(), accepted.end(), verdict.name) != accepted.end()) {
        log_warning("model.weaker_seal", {{"verdict", verdict.name}, {"detail", verdict.detail}});
        continue;
      }
      broken += fmt::format("{}{} ({})", broken.empty() ? "" : ", ", verdict.name, verdict.detail);
    }
  }
  if (broken.empty() && !report.layers.empty()) return {};
  return fail(ErrorCode::kDenied, "sekisho-model is not sealed: " + (broken.empty() ? "it reported no layers" : broken));
}

Frame json_frame(MessageType type, RequestId id, const Json& json) { return {static_cast<std::uint16_t>(type), id, json.dump()}; }

Json texts_json(const std::vector<std::string>& texts) {
  Json::Array items(texts.begin(), texts.end());
  return Json::object({{"texts", Json(std::move(items))}});
}

tl::unexpected<Error> broken_protocol(std::string why) { return fail(ErrorCode::kCorrupt, "sekisho-model: " + std::move(why)); }

Result<Event> vectors_of(const EmbedRequest& request, const std::string& payload) {
  std::uint32_t counts[2];
  if (payload.size() < sizeof counts) return broken_protocol("vectors cut short");
  std::memcpy(counts, payload.data(), sizeof counts);
  const std::size_t rows = counts[0];
  const std::size_t width = counts[1];
  if (rows != request.texts.size()) return broken_protocol(fmt::format("{} vectors for {} texts", rows, request.texts.size()));
  if (width == 0 || width > limits::kFrameBytes || payload.size() != sizeof counts + rows * width * sizeof(float)) {
    return broken_protocol("vectors of the wrong size");
  }
  Vectors vectors{static_cast<std::int64_t>(width), {}};
  vectors.rows.resize(rows, std::vector<float>(width));
  const char* from = payload.data() + sizeof counts;
  for (std::vector<float>& row : vectors.rows) {
    std::memcpy(row.data(), from, width * sizeof(float));
    from += width * sizeof(float);
    if (!std::all_of(row.begin(), row.end(), [](float x) { return std::isfinite(x); }))
      return broken_protocol("a vector that is not finite");
  }
  return vectors;
}

Result<Event> counted_of(const CountRequest& request, const Json& json) {
  const Json* member = json.find("tokens");
  const Json::Array* items = member == nullptr ? nullptr : member->as_array();
  if (items == nullptr || items->size() != request.texts.size()) return broken_protocol("counts of the wrong size");
  Counted counted;
  for (const Json& item : *items) {
    if (item.as_int() == nullptr || *item.as_int() < 0) return broken_protocol("a count that is no number");
    counted.tokens.push_back(*item.as_int());
  }
  return counted;
}

/// A decoded message as an event; a decoding error is a breach of the protocol.
template <typename T>
Result<Event> event_from(Result<T> decoded) {
  if (!decoded) return broken_protocol("a message with other members than were agreed");
  return Event(std::move(*decoded));
}

Result<Event> generated(MessageType type, const Json& json) {
  if (type == MessageType::kToken) return event_from(token(json));
  if (type == MessageType::kDone) return event_from(done(json));
  return broken_protocol("an answer of the wrong kind");
}

Result<Event> scored_of(const ScoreRequest& request, MessageType type, const Json& json) {
  // A stop is answered by Done whatever was asked.
  if (type == MessageType::kDone) return event_from(done(json));
  if (type != MessageType::kScored) return broken_protocol("an answer of the wrong kind");
  auto decoded = scored(json);
  if (decoded && decoded->log_probabilities.size() != request.options.size()) return broken_protocol("scores of the wrong size");
  return event_from(std::move(decoded));
}

std::int64_t bytes_of(const std::vector<std::string>& texts) {
  std::int64_t bytes = 0;
  for (const std::string& text : texts) bytes += static_cast<std::int64_t>(text.size());
  return bytes;
}

std::int64_t bytes_of(const std::vector<Segment>& segments) {
  std::int64_t bytes = 0;
  for (const Segment& segment : segments) bytes += static_cast<std::int64_t>(segment.text.size());
  return bytes;
}

}  // namespace

Result<ReadyWorker> start_worker(const WorkerOptions& options, int model_fd,
                                 const std::function<void(std::shared_ptr<Child>)>& on_spawned) {
  auto spawned = process::spawn({.program = options.program, .arguments = {}, .input_fd = model_fd, .nice = options.nice});
  if (!spawned) return fail(spawned.error());
  ReadyWorker worker;
  worker.child = std::move(*spawned);
  on_spawned(worker.child);
  process::Channel& channel = worker.child->channel();

  const auto sealed = expect(channel, MessageType::kSealed, options.seal_timeout_ms, "sealing itself");
  if (!sealed)
    return fail(sealed.error().code == ErrorCode::kTimeout ? sealed.error() : Error{ErrorCode::kUnavailable, sealed.error().detail});
  auto report = SealReport::from_json(*sealed);
  if (!report) return fail(ErrorCode::kDenied, "sekisho-model: its seal report cannot be read: " + report.error().detail);
  if (auto checked = check_seal(*report, options.accepted_weaknesses); !checked) return fail(checked.error());
  worker.seal = std::move(*report);

  if (auto sent = channel.send(json_frame(MessageType::kLoad, 0, to_json(options.load))); !sent) return fail(sent.error());
  const auto ready = expect(channel, MessageType::kReady, options.load_timeout_ms, "loading the model");
  if (!ready) return fail(ready.error());
  auto info = model_info(*ready);
  if (!info) return fail(ErrorCode::kUnavailable, "sekisho-model, loading the model: it tells other members than were agreed");
  worker.info = std::move(*info);
  return worker;
}

Result<Frame> frame_of(const Request& request, RequestId id) {
  Frame frame = std::visit(
      [&](const auto& body) {
        using Body = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<Body, GenerateRequest>) return json_frame(MessageType::kGenerate, id, to_json(body));
        if constexpr (std::is_same_v<Body, ScoreRequest>) return json_frame(MessageType::kScore, id, to_json(body));
        if constexpr (std::is_same_v<Body, EmbedRequest>) return json_frame(MessageType::kEmbed, id, to_json(body));
        if constexpr (std::is_same_v<Body, CountRequest>) return json_frame(MessageType::kCount, id, texts_json(body.texts));
      },
      request.body);
  if (frame.payload.size() > limits::kFrameBytes) {
    return fail(ErrorCode::kTooLarge, fmt::format("a request of {} bytes, at most {}", frame.payload.size(), limits::kFrameBytes));
  }
  return frame;
}

Result<Event> event_of(const Request& request, const Frame& frame) {
  const auto type = static_cast<MessageType>(frame.type);
  if (type == MessageType::kVectors) {
    const auto* embed = std::get_if<EmbedRequest>(&request.body);
    return embed == nullptr ? broken_protocol("vectors that nobody asked for") : vectors_of(*embed, frame.payload);
  }
  const auto json = json_of(frame);
  if (!json) return broken_protocol("a message that is no JSON");
  if (type == MessageType::kFailed) return Event(error_of(*json, request));
  if (type == MessageType::kProgress) return event_from(progress(*json));
  if (std::holds_alternative<GenerateRequest>(request.body)) return generated(type, *json);
  if (const auto* score = std::get_if<ScoreRequest>(&request.body)) return scored_of(*score, type, *json);
  if (type == MessageType::kDone) return event_from(done(*json));
  const auto* count = std::get_if<CountRequest>(&request.body);
  if (count != nullptr && type == MessageType::kCounted) return counted_of(*count, *json);
  return broken_protocol("an answer of the wrong kind");
}

std::int64_t estimated_tokens(const Request& request) {
  if (const auto* body = std::get_if<GenerateRequest>(&request.body)) return 1 + bytes_of(body->prompt) / kBytesPerToken + body->max_tokens;
  if (const auto* body = std::get_if<ScoreRequest>(&request.body))
    return 1 + (bytes_of(body->prompt) + bytes_of(body->options)) / kBytesPerToken;
  if (const auto* body = std::get_if<EmbedRequest>(&request.body)) return 1 + bytes_of(body->texts) / kBytesPerToken;
  return 1;
}

}  // namespace sekisho::model
