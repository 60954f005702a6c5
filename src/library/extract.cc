#include "library/extract.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "process/channel.h"
#include "process/spawn.h"
#include "text/utf8.h"

namespace sekisho::library {
namespace {

using process::Frame;
using process::extract::MessageType;

constexpr std::int64_t kLook_ms = 200;
constexpr std::int64_t kEnding_ms = 2'000;
/// Recognising the pages of a scan: the worker stops by itself after an hour (worker/extract_ocr.h).
constexpr std::int64_t kOcr_ms = 3'700'000;
constexpr int kNice = 19;
constexpr int kDrawNice = 5;  ///< Somebody waits.

tl::unexpected<ExtractFailure> failed(std::string reason, ErrorCode code, std::string detail) {
  return tl::unexpected<ExtractFailure>(ExtractFailure{std::move(reason), Error{code, std::move(detail)}});
}

ErrorCode code_of(std::string_view reason) {
  if (reason == "unsupported" || reason == "font_missing") return ErrorCode::kUnsupported;
  if (reason == "too_large" || reason == "bomb") return ErrorCode::kTooLarge;
  if (reason == "encrypted") return ErrorCode::kUnauthorized;
  return ErrorCode::kInvalid;
}

/// What of a seal does not hold though it must.
std::string open_places(const process::SealReport& report) {
  std::string places;
  for (const auto* verdicts : {&report.layers, &report.probes}) {
    for (const process::Verdict& verdict : *verdicts) {
      if (verdict.required && !verdict.holds) places += fmt::format("{} ({}) ", verdict.name, verdict.detail);
    }
  }
  return places.substr(0, 2'000);
}

/// One conversation with one worker.
class Conversation {
 public:
  Conversation(process::Child& child, const ExtractOptions& options, const Clock& clock, const OnPage& on_page)
      : child_(child), options_(options), clock_(clock), on_page_(on_page), ends_at_ms_(clock.steady_ms() + options.timeout_ms), ends_at_latest_ms_(ends_at_ms_ + kOcr_ms) {}

  tl::expected<std::string, ExtractFailure> draw(std::int64_t page, const std::string& marked) {
    if (auto sealed = check_seal(); !sealed) return tl::unexpected(sealed.error());
    const process::extract::ImageRequest request{.file_name = extension_only(options_.file_name), .password = options_.password, .page = page, .marked = marked};
    if (!send(MessageType::kDraw, process::extract::to_json(request))) return ended();
    auto message = next();
    if (!message) return tl::unexpected(message.error());
    if (message->type == static_cast<std::uint16_t>(MessageType::kImage)) return std::move(message->payload);
    const auto json = Json::parse(message->payload);
    if (!json || message->type != static_cast<std::uint16_t>(MessageType::kFailed)) return broke_rules("neither a picture nor a reason");
    return tl::unexpected(take(message->type, *json).error());
  }

  tl::expected<Extracted, ExtractFailure> run() {
    if (auto sealed = check_seal(); !sealed) return tl::unexpected(sealed.error());
    const process::extract::Request request{.file_name = extension_only(options_.file_name), .encoding = options_.encoding, .password = options_.password};
    if (!send(MessageType::kExtract, process::extract::to_json(request))) return ended();
    for (;;) {
      const auto message = next();
      if (!message) return tl::unexpected(message.error());
      const auto json = Json::parse(message->payload, limits::kFrameBytes);
      if (!json) return broke_rules(json.error().detail);
      const auto done = take(message->type, *json);
      if (!done) return tl::unexpected(done.error());
      if (*done) return std::move(extracted_);
    }
  }

 private:
  bool send(MessageType type, const Json& json) {
    return child_.channel().send(Frame{.type = static_cast<std::uint16_t>(type), .id = 0, .payload = json.dump()}).has_value();
  }
  /// The worker needs no more of a name than its end, and a name may be too long for it.
  static std::string extension_only(const std::string& file_name) {
    const std::size_t dot = file_name.rfind('.');
    if (dot == std::string::npos || file_name.size() - dot > 16) return "document";
    return "document" + file_name.substr(dot);
  }

  tl::expected<Frame, ExtractFailure> next() {
    for (;;) {
      if (options_.cancelled && options_.cancelled()) return failed("cancelled", ErrorCode::kCancelled, "extraction was stopped");
      const std::int64_t left_ms = ends_at_ms_ - clock_.steady_ms();
      if (left_ms <= 0) return failed("timeout", ErrorCode::kTimeout, fmt::format("the document took more than {} ms", options_.timeout_ms));
      auto frame = child_.channel().receive(std::min(left_ms, kLook_ms));
      if (!frame && frame.error().code == ErrorCode::kTimeout) continue;
      if (!frame && frame.error().code == ErrorCode::kCorrupt) return broke_rules(frame.error().detail);
      if (!frame || !frame->has_value()) return ended();
      return std::move(**frame);
    }
  }

  tl::expected<void, ExtractFailure> check_seal() {
    const auto message = next();
    if (!message) return tl::unexpected(message.error());
    const auto json = Json::parse(message->payload);
    if (message->type != static_cast<std::uint16_t>(MessageType::kSealed) || !json) return broke_rules("the first message is no seal report");
    auto report = process::SealReport::from_json(*json);
    if (!report) return broke_rules(report.error().detail);
    if (!report->sealed()) return failed("not_sealed", ErrorCode::kUnavailable, "the worker could not seal itself: " + open_places(*report));
    extracted_.seal = std::move(*report);
    return {};
  }

  /// Whether this was the last message.
  tl::expected<bool, ExtractFailure> take(std::uint16_t type, const Json& json) {
    switch (static_cast<MessageType>(type)) {
      case MessageType::kPage: {
        const auto page = process::extract::page(json);
        if (!page) return broke_rules(page.error().detail);
        return take_page(*page);
      }
      case MessageType::kNote: {
        auto note = process::extract::note(json);
        if (!note) return broke_rules(note.error().detail);
        if (extracted_.notes.size() > limits::kExtractNotes + 1) return broke_rules("too many notes");
        if (note->code.starts_with("ocr")) wait_for_more();
        extracted_.notes.push_back(std::move(*note));
        return false;
      }
      case MessageType::kEnd: {
        auto end = process::extract::end(json);
        if (!end) return broke_rules(end.error().detail);
        extracted_.end = std::move(*end);
        return true;
      }
      case MessageType::kFailed: {
        const auto note = process::extract::note(Json::object({{"page", 0}, {"code", json.text_or("code")}, {"detail", json.text_or("detail")}}));
        if (!note) return broke_rules(note.error().detail);
        return failed(note->code, code_of(note->code), note->detail);
      }
      default:
        return broke_rules(fmt::format("a message of type {}", type));
    }
  }

  tl::expected<bool, ExtractFailure> take_page(const process::extract::Page& page) {
    if (page.number < last_page_) return broke_rules("pages out of order");
    if (!text::is_valid_utf8(page.text) || page.text.find('\0') != std::string::npos) return broke_rules("a page is no text");
    extracted_.characters += text::count_characters(page.text);
    if (extracted_.characters > limits::kDocumentCharacters) return broke_rules("more characters than a document may have");
    last_page_ = page.number;
    if (page.confidence >= 0) wait_for_more();
    if (auto taken = on_page_(page); !taken) return tl::unexpected(ExtractFailure{"receiver", taken.error()});
    return false;
  }

  /// Pages of scans take their time: each that was recognised earns as much for the next ones, up to a limit.
  void wait_for_more() { ends_at_ms_ = std::min(ends_at_latest_ms_, clock_.steady_ms() + options_.timeout_ms); }

  tl::unexpected<ExtractFailure> broke_rules(const std::string& detail) { return failed("worker_broke_rules", ErrorCode::kInvalid, detail); }
  tl::unexpected<ExtractFailure> ended() {
    const auto how = child_.wait(kEnding_ms);
    return failed("worker_ended", ErrorCode::kInvalid, "the worker ended in the middle: " + how.value_or("no word"));
  }

  process::Child& child_;
  const ExtractOptions& options_;
  const Clock& clock_;
  const OnPage& on_page_;
  std::int64_t ends_at_ms_;
  const std::int64_t ends_at_latest_ms_;
  Extracted extracted_;
  std::int64_t last_page_ = 1;
};

}  // namespace

tl::expected<Extracted, ExtractFailure> extract(int document_fd, const ExtractOptions& options, const Clock& clock, const OnPage& on_page) {
  const auto child = process::spawn({.program = options.program, .arguments = {}, .input_fd = document_fd, .nice = kNice});
  if (!child) return failed("unavailable", ErrorCode::kUnavailable, child.error().detail);
  return Conversation(**child, options, clock, on_page).run();
}

tl::expected<std::string, ExtractFailure> draw(int document_fd, const ExtractOptions& options, std::int64_t page, const std::string& marked, const Clock& clock) {
  const auto child = process::spawn({.program = options.program, .arguments = {"draw"}, .input_fd = document_fd, .nice = kDrawNice});
  if (!child) return failed("unavailable", ErrorCode::kUnavailable, child.error().detail);
  const OnPage no_pages = [](const process::extract::Page&) -> Result<void> { return fail(ErrorCode::kInvalid, "a page of text for a picture"); };
  return Conversation(**child, options, clock, no_pages).draw(page, marked);
}

}  // namespace sekisho::library
