#include "http/network_loop.h"

#include <string>
#include <thread>
#include <unordered_set>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>

namespace sekisho::http {

namespace asio = boost::asio;

struct NetworkLoop::Parts {
  explicit Parts(ServerShared& server) : shared(server) {}

  ServerShared& shared;
  std::optional<asio::ssl::context> tls;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard = asio::make_work_guard(context);
  bool draining = false;                                     ///< On the loop's thread alone, as the next.
  std::unordered_set<std::shared_ptr<ConnectionControl>> connections;
  std::thread thread;

  void open(AcceptedSocket accepted);
};

void NetworkLoop::Parts::open(AcceptedSocket accepted) {
  const std::string address = accepted.remote_address;
  auto connection = open_connection(shared, context, tls ? &*tls : nullptr, std::move(accepted), [this, address](const auto& ended) {
    connections.erase(ended);
    shared.on_closed(address);
  });
  if (!connection) return shared.on_closed(address);
  if (draining) connection->drain();
  connections.insert(std::move(connection));
}

NetworkLoop::NetworkLoop(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<NetworkLoop>> NetworkLoop::create(ServerShared& shared, const std::optional<TlsFiles>& tls) {
  auto parts = std::make_unique<Parts>(shared);
  if (tls) {
    boost::system::error_code error;
    parts->tls.emplace(asio::ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(parts->tls->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(parts->tls->native_handle(), SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(parts->tls->native_handle(), SSL_MODE_RELEASE_BUFFERS);
    parts->tls->use_certificate_chain_file(tls->certificate_file, error);
    if (error) return fail(ErrorCode::kInvalid, "certificate: " + error.message());
    parts->tls->use_private_key_file(tls->key_file, asio::ssl::context::pem, error);
    if (error) return fail(ErrorCode::kInvalid, "private key: " + error.message());
  }
  Parts* borrowed = parts.get();
  parts->thread = std::thread([borrowed] { borrowed->context.run(); });
  return std::unique_ptr<NetworkLoop>(new NetworkLoop(std::move(parts)));
}

NetworkLoop::~NetworkLoop() {
  parts_->guard.reset();
  parts_->context.stop();
  parts_->thread.join();
}

void NetworkLoop::adopt(AcceptedSocket accepted) {
  asio::post(parts_->context, [parts = parts_.get(), accepted = std::move(accepted)]() mutable { parts->open(std::move(accepted)); });
}

void NetworkLoop::drain() {
  asio::post(parts_->context, [parts = parts_.get()] {
    parts->draining = true;
    for (const auto& connection : parts->connections) connection->drain();
  });
}

void NetworkLoop::break_off() {
  asio::post(parts_->context, [parts = parts_.get()] {
    parts->draining = true;
    for (const auto& connection : parts->connections) connection->break_off();
  });
}

}  // namespace sekisho::http
