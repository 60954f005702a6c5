#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include <tl/expected.hpp>

#include "base/result.h"
#include "http/head.h"
#include "http/request.h"

namespace sekisho::http {

/// Takes one HTTP/1 request apart as its bytes come, without any input or output: first head(), until it is whole; then
/// body(), until it is done. Beast's parser with our stricter rules of head.h. Threads: one at a time.
class RequestParser {
 public:
  /// A head of more than `header_bytes` is refused.
  explicit RequestParser(std::size_t header_bytes);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  struct HeadProgress {
    std::size_t used = 0;  ///< Of the bytes; give the others again, with more behind them.
    bool whole = false;
  };
  /// Refusals: 400, 414 (no end of the first line within the limit), 431, 505.
  [[nodiscard]] tl::expected<HeadProgress, Refusal> head(std::string_view bytes);
  [[nodiscard]] bool head_is_whole() const;

  /// The request without its body, once the head is whole. Refusals: those of make_request().
  [[nodiscard]] tl::expected<Request, Refusal> request() const;
  [[nodiscard]] bool is_http_1_1() const;

  struct BodyProgress {
    std::size_t used = 0;     ///< Of the bytes, as above. Nothing used and nothing written: more bytes are needed.
    std::size_t written = 0;  ///< Into `into`.
  };
  /// Decodes Content-Length and chunked bodies. `bytes` must not be empty, nor the body done.
  /// Errors: kInvalid (broken chunk framing).
  [[nodiscard]] Result<BodyProgress> body(std::string_view bytes, std::span<char> into);
  /// Whether the whole request, its body included, has been parsed.
  [[nodiscard]] bool is_done() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sekisho::http
