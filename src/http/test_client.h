#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "http/headers.h"

/// A blocking client that sends exactly the bytes that a test gives, well-formed or not. For tests and benchmarks.
namespace sekisho::http {

struct ClientResponse {
  int status = 0;  ///< 0: the connection ended before a whole head came.
  Headers headers;
  std::string body;
};

class TestClient {
 public:
  explicit TestClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  TestClient(TestClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_), buffer_(std::move(other.buffer_)) {}
  ~TestClient() { close(); }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int socket() const { return socket_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void half_close() const { ::shutdown(socket_, SHUT_WR); }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

  /// What comes up to and with `end`; empty where the connection ends or 20 s pass first.
  std::string read_through(std::string_view end) {
    std::size_t found = 0;
    while ((found = buffer_.find(end)) == std::string::npos) {
      if (!read_more()) return {};
    }
    std::string text = buffer_.substr(0, found + end.size());
    buffer_.erase(0, found + end.size());
    return text;
  }
  std::string read_exactly(std::size_t bytes) {
    while (buffer_.size() < bytes && read_more()) {
    }
    std::string text = buffer_.substr(0, bytes);
    buffer_.erase(0, bytes);
    return text;
  }
  std::string read_to_end() {
    while (read_more()) {
    }
    return std::exchange(buffer_, {});
  }
  /// Whether the server closed the connection and nothing more came.
  bool at_end() { return buffer_.empty() && !read_more() && ended_; }

  enum class Body { kExpected, kNone };
  ClientResponse read_response(Body body = Body::kExpected) {
    ClientResponse response = read_head();
    if (response.status == 0 || body == Body::kNone) return response;
    if (const auto length = response.headers.get("Content-Length")) {
      response.body = read_exactly(std::strtoull(std::string(*length).c_str(), nullptr, 10));
    } else if (response.headers.has_token("Transfer-Encoding", "chunked")) {
      while (true) {
        const std::string piece = read_chunk();
        if (piece.empty()) break;
        response.body += piece;
      }
    } else if (response.status != 204 && response.status != 304 && response.status != 100) {
      response.body = read_to_end();
    }
    return response;
  }
  ClientResponse read_head() {
    ClientResponse response;
    std::string_view head;
    const std::string text = read_through("\r\n\r\n");
    head = text;
    if (!head.starts_with("HTTP/1.1 ")) return response;
    response.status = std::atoi(text.c_str() + 9);
    head.remove_prefix(head.find("\r\n") + 2);
    while (head != "\r\n") {
      const std::size_t colon = head.find(": ");
      const std::size_t end = head.find("\r\n");
      response.headers.add(head.substr(0, colon), head.substr(colon + 2, end - colon - 2));
      head.remove_prefix(end + 2);
    }
    return response;
  }
  std::string read_chunk() {
    const std::string size = read_through("\r\n");
    const std::string piece = read_exactly(std::strtoull(size.c_str(), nullptr, 16));
    read_through("\r\n");
    return piece;
  }
  ClientResponse ask(std::string_view request) {
    send(request);
    return read_response();
  }

 private:
  bool read_more() {
    char bytes[16384];
    const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
    ended_ = got == 0;
    if (got <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  int socket_;
  bool connected_ = false;
  bool ended_ = false;
  std::string buffer_;
};

}  // namespace sekisho::http
