#include "http/client.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include "base/file_descriptor.h"
#include "base/limits.h"
#include "http/client_wire.h"
#include "http/response.h"

namespace sekisho::http {
namespace {

namespace beast = boost::beast;
using Parser = beast::http::response_parser<beast::http::string_body>;
using Piece = std::array<char, 64 * limits::kKiB>;

constexpr std::uint64_t kAskFirstBytes = 256 * 1024;  ///< Smaller files go without asking first.

bool is_header_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7F; });
}

/// What a status means where the server does not say it in its own form (a proxy's answer).
ErrorCode code_of_status(int status) {
  for (const ErrorCode code : {ErrorCode::kInvalid, ErrorCode::kTooLarge, ErrorCode::kUnauthorized, ErrorCode::kDenied, ErrorCode::kConflict,
                               ErrorCode::kRateLimited, ErrorCode::kUnavailable, ErrorCode::kTimeout, ErrorCode::kUnsupported}) {
    if (status_of(code) == status) return code;
  }
  return status == 403 ? ErrorCode::kDenied : status == 502 ? ErrorCode::kUnavailable : ErrorCode::kInternal;
}

Error server_error(int status, std::string_view body) {
  const auto json = Json::parse(body);
  const Json* error = json ? json->find("error") : nullptr;
  if (error == nullptr || error->find("code") == nullptr) return {code_of_status(status), fmt::format("the server answered {}", status)};
  const std::string trace = error->text_or("trace_id");
  return {error_code_named(error->text_or("code")),
          error->text_or("detail") + (trace.empty() ? "" : fmt::format(" [{}]", trace))};
}

/// Reads one answer off a wire, whole or piece by piece.
class Inflow {
 public:
  explicit Inflow(Wire& wire) : wire_(&wire) { renew(); }

  [[nodiscard]] Result<void> read_head() {
    while (!parser_->is_header_done()) {
      if (auto more = read_more(); !more) return fail(more.error());
    }
    return {};
  }
  [[nodiscard]] Result<std::string> read_body() {
    while (!parser_->is_done()) {
      if (auto more = read_more(); !more) return fail(more.error());
    }
    return take();
  }
  /// The bytes of the body that came since; empty at the end.
  [[nodiscard]] Result<std::string> read_piece() {
    std::string piece = take();
    while (piece.empty() && !parser_->is_done()) {
      if (auto more = read_more(); !more) return fail(more.error());
      piece = take();
    }
    return piece;
  }
  /// After "100 Continue", the answer itself.
  void renew() {
    parser_ = std::make_unique<Parser>();
    parser_->eager(true);
    parser_->body_limit(limits::kClientResponseBytes);
  }
  [[nodiscard]] int status() const { return static_cast<int>(parser_->get().result_int()); }
  [[nodiscard]] bool is_events() const { return parser_->get()[beast::http::field::content_type].starts_with("text/event-stream"); }
  [[nodiscard]] bool can_keep_wire() const { return parser_->is_done() && parser_->keep_alive() && pending_.empty(); }

 private:
  [[nodiscard]] std::string take() { return std::exchange(parser_->get().body(), {}); }

  [[nodiscard]] Result<void> read_more() {
    if (!pending_.empty()) {
      if (auto parsed = parse(); !parsed || consumed_) return parsed;
    }
    Piece piece;
    auto count = wire_->read(piece);
    if (!count) return fail(count.error());
    if (*count == 0) return end_of_wire();
    pending_.append(piece.data(), *count);
    return parse();
  }
  [[nodiscard]] Result<void> parse() {
    beast::error_code ec;
    const std::size_t used = parser_->put(boost::asio::buffer(pending_), ec);
    pending_.erase(0, used);
    consumed_ = used > 0;
    if (ec == beast::http::error::body_limit) return fail(ErrorCode::kTooLarge, "the server's answer is too large");
    if (ec && ec != beast::http::error::need_more) return fail(ErrorCode::kCorrupt, "the server's answer is not HTTP: " + ec.message());
    return {};
  }
  [[nodiscard]] Result<void> end_of_wire() {
    beast::error_code ec;
    if (parser_->got_some()) parser_->put_eof(ec);
    if (ec || !parser_->is_done()) return fail(ErrorCode::kUnavailable, "the connection broke off");
    return {};
  }

  Wire* wire_;
  std::unique_ptr<Parser> parser_;
  std::string pending_;
  bool consumed_ = false;
};

}  // namespace

bool ServerUrl::is_loopback() const { return host == "localhost" || host == "::1" || host.starts_with("127."); }

std::string ServerUrl::authority() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

Result<ServerUrl> parse_server_url(std::string_view text) {
  ServerUrl url;
  if (text.starts_with("https://")) {
    url.tls = true;
  } else if (!text.starts_with("http://")) {
    return fail(ErrorCode::kInvalid, "the address must begin with http:// or https://");
  }
  text.remove_prefix(url.tls ? 8 : 7);
  if (text.ends_with('/')) text.remove_suffix(1);
  const bool bracketed = text.starts_with('[');
  const std::size_t host_end = bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (host_end == std::string_view::npos) return fail(ErrorCode::kInvalid, "the address lacks a ']'");
  url.host = text.substr(bracketed ? 1 : 0, bracketed ? host_end - 1 : host_end);
  const std::string_view rest = text.substr(host_end + (bracketed ? 1 : 0));
  const auto is_host_character = [&](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '-' || (bracketed && (c == ':' || c == '%')); };
  if (url.host.empty() || !std::all_of(url.host.begin(), url.host.end(), is_host_character)) return fail(ErrorCode::kInvalid, "the address has no host");
  url.port = url.tls ? 443 : 80;
  if (rest.empty()) return url;
  const auto [end, ec] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), url.port);
  if (rest.front() != ':' || ec != std::errc() || end != rest.data() + rest.size() || url.port == 0) {
    return fail(ErrorCode::kInvalid, "the address must end with its port, 1 to 65535");
  }
  return url;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = byte < 0x80 && (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~');
    out += unreserved ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

struct EventReader::Parts {
  // The dialer outlives the wire, because the wire's TLS context is in it; the client may be gone by then.
  std::shared_ptr<Dialer> dialer;
  std::unique_ptr<Wire> wire;
  Inflow inflow;
  EventParser parser;
};

EventReader::EventReader(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader& EventReader::operator=(EventReader&&) noexcept = default;
EventReader::~EventReader() = default;

Result<std::optional<ReceivedEvent>> EventReader::next() {
  for (;;) {
    if (auto event = parts_->parser.next()) return event;
    auto piece = parts_->inflow.read_piece();
    if (!piece) return fail(piece.error().code == ErrorCode::kTimeout ? Error{ErrorCode::kUnavailable, piece.error().detail} : piece.error());
    if (piece->empty()) return std::nullopt;
    if (auto fed = parts_->parser.feed(*piece); !fed) return fail(fed.error());
  }
}

struct Client::Parts {
  // Shared with the event readers, whose wires need it.
  std::shared_ptr<Dialer> dialer;
  std::string host;
  Headers headers;
  std::unique_ptr<Wire> idle;

  Result<std::unique_ptr<Wire>> wire() {
    if (idle && !idle->is_stale()) return std::move(idle);
    idle.reset();
    return dialer->connect();
  }
  std::string head(Method method, std::string_view target, std::string_view more) const {
    std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: sekisho-cli\r\n", name_of(method), target, host);
    for (const Header& header : headers) text += fmt::format("{}: {}\r\n", header.name, header.value);
    return text.append(more).append("\r\n");
  }
  std::string whole(Method method, std::string_view target, std::string_view accept, const Json* body) const {
    std::string more = fmt::format("Accept: {}\r\n", accept);
    const std::string text = body == nullptr ? "" : body->dump();
    if (body != nullptr) more += "Content-Type: application/json\r\n";
    if (method != Method::kGet) more += fmt::format("Content-Length: {}\r\n", text.size());
    return head(method, target, more) + text;
  }
  /// The answer as JSON; the wire is kept where both sides can.
  Result<Json> finish(std::unique_ptr<Wire> used, Inflow& inflow) {
    auto body = inflow.read_body();
    if (!body) return fail(body.error());
    if (inflow.can_keep_wire()) idle = std::move(used);
    if (inflow.status() / 100 != 2) return fail(server_error(inflow.status(), *body));
    if (body->empty()) return Json();
    auto json = Json::parse(*body, limits::kClientResponseBytes);
    if (!json) return fail(ErrorCode::kCorrupt, "the server's answer is not JSON: " + json.error().detail);
    return json;
  }
};

Client::Client(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::create(ClientOptions options) {
  for (const Header& header : options.headers) {
    if (!is_header_value(header.value)) return fail(ErrorCode::kInvalid, header.name + ": control characters");
  }
  auto dialer = Dialer::create(options);
  if (!dialer) return fail(dialer.error());
  auto parts = std::make_unique<Parts>();
  parts->dialer = *std::move(dialer);
  parts->host = options.server.authority();
  parts->headers = std::move(options.headers);
  return Client(std::move(parts));
}

Result<Json> Client::request(Method method, std::string_view target, const Json* body) {
  auto wire = parts_->wire();
  if (!wire) return fail(wire.error());
  if (auto sent = (*wire)->write(parts_->whole(method, target, "application/json", body)); !sent) return fail(sent.error());
  Inflow inflow(**wire);
  return parts_->finish(*std::move(wire), inflow);
}

namespace {

struct OpenFile {
  FileDescriptor fd;
  std::uint64_t size_bytes = 0;
};

Result<OpenFile> open_file(const std::filesystem::path& path) {
  OpenFile file{FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), 0};
  if (!file.fd.valid()) return fail(ErrorCode::kDenied, fmt::format("{}: {}", path.string(), std::strerror(errno)));
  struct stat status {};
  if (::fstat(file.fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return fail(ErrorCode::kInvalid, path.string() + ": not a file");
  file.size_bytes = static_cast<std::uint64_t>(status.st_size);
  return file;
}

/// Sends the file's bytes. What fails on the wire is no error yet, since the server may have said why.
Result<void> send_file(const OpenFile& file, Wire& wire, const UploadProgress& progress) {
  Piece piece;
  for (std::uint64_t sent = 0; sent < file.size_bytes;) {
    const std::size_t wanted = std::min<std::uint64_t>(piece.size(), file.size_bytes - sent);
    const ssize_t count = ::read(file.fd.get(), piece.data(), wanted);
    if (count <= 0) return fail(ErrorCode::kConflict, "the file changed while it was read");
    if (!wire.write({piece.data(), static_cast<std::size_t>(count)})) return {};
    sent += static_cast<std::uint64_t>(count);
    if (progress) progress(sent, file.size_bytes);
  }
  return {};
}

}  // namespace

Result<Json> Client::upload(std::string_view target, const std::filesystem::path& path, const UploadProgress& progress) {
  auto file = open_file(path);
  if (!file) return fail(file.error());
  auto wire = parts_->wire();
  if (!wire) return fail(wire.error());
  const bool ask_first = file->size_bytes > kAskFirstBytes;
  const std::string more = fmt::format("Accept: application/json\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n{}",
                                       file->size_bytes, ask_first ? "Expect: 100-continue\r\n" : "");
  if (auto sent = (*wire)->write(parts_->head(Method::kPost, target, more)); !sent) return fail(sent.error());
  Inflow inflow(**wire);
  if (ask_first) {
    if (auto head = inflow.read_head(); !head) return fail(head.error());
    // A refusal instead of "100 Continue" leaves the announced body unsent, so the wire cannot be used again.
    if (inflow.status() != 100) {
      auto refused = parts_->finish(*std::move(wire), inflow);
      parts_->idle.reset();
      return refused;
    }
    inflow.renew();
  }
  if (auto sent = send_file(*file, **wire, progress); !sent) return fail(sent.error());
  return parts_->finish(*std::move(wire), inflow);
}

Result<EventReader> Client::events(Method method, std::string_view target, const Json* body) {
  auto wire = parts_->wire();
  if (!wire) return fail(wire.error());
  if (auto sent = (*wire)->write(parts_->whole(method, target, "text/event-stream", body)); !sent) return fail(sent.error());
  Inflow inflow(**wire);
  if (auto head = inflow.read_head(); !head) return fail(head.error());
  if (inflow.status() / 100 != 2) return fail(parts_->finish(*std::move(wire), inflow).error());
  if (!inflow.is_events()) return fail(ErrorCode::kCorrupt, "the server answered something else than events");
  return EventReader(std::make_unique<EventReader::Parts>(EventReader::Parts{parts_->dialer, *std::move(wire), std::move(inflow), {}}));
}

}  // namespace sekisho::http
