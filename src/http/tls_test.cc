#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>

#include "http/server.h"
#include "http/test_client.h"

namespace sekisho::http {
namespace {

namespace fs = std::filesystem;

template <auto release>
struct Release {
  template <typename T>
  void operator()(T* value) const {
    release(value);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Release<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Release<SSL_free>>;
using File = std::unique_ptr<std::FILE, Release<std::fclose>>;

/// Writes a self-signed certificate for localhost and its key.
TlsFiles make_certificate(const fs::path& folder) {
  TlsFiles files{folder / "server.pem", folder / "server.key"};
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  EXPECT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
  const File pem(std::fopen(files.certificate_file.c_str(), "w"));
  PEM_write_X509(pem.get(), certificate.get());
  const File secret(std::fopen(files.key_file.c_str(), "w"));
  PEM_write_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return files;
}

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "sekisho-tls-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    files_ = make_certificate(folder_);
    Router router;
    router.add(Method::kPost, "/echo", RoutePolicy(0), BodyRule::buffered(limits::kMiB), [](Request& request) -> Reply {
      return Response::text((request.encrypted ? "TLS " : "plain ") + request.body);
    });
    router.add(Method::kGet, "/events", RoutePolicy(0), BodyRule::none(), [this](Request&) -> Reply {
      stream_ = EventStream::create();
      static_cast<void>(stream_->send({.data = "予算"}));
      return stream_;
    });
    ServerOptions options;
    options.tls = files_;
    options.limits.header_timeout_ms = 300;
    auto server = Server::start(options, std::move(router), Pipeline({}, {security_headers()}));
    ASSERT_TRUE(server.has_value()) << server.error().detail;
    server_ = *std::move(server);
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_load_verify_locations(context_.get(), files_.certificate_file.c_str(), nullptr);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  }
  void TearDown() override { fs::remove_all(folder_); }

  Session connect(const TestClient& client) {
    Session session(SSL_new(context_.get()));
    SSL_set_fd(session.get(), client.socket());
    EXPECT_EQ(SSL_connect(session.get()), 1);
    return session;
  }
  static std::string read_through(SSL* session, std::string_view end) {
    std::string text;
    char bytes[4096];
    while (text.find(end) == std::string::npos) {
      const int got = SSL_read(session, bytes, sizeof bytes);
      if (got <= 0) break;
      text.append(bytes, static_cast<std::size_t>(got));
    }
    return text;
  }

  fs::path folder_;
  TlsFiles files_;
  std::shared_ptr<EventStream> stream_;
  std::unique_ptr<Server> server_;
  Context context_;
};

TEST_F(TlsTest, ServesAVerifiedClient) {
  TestClient client(server_->port());
  const Session session = connect(client);
  const std::string body = std::string(200'000, 'x') + "終";  // No header ends so: random numbers are letters.
  const std::string request = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200003\r\n\r\n" + body;
  EXPECT_EQ(SSL_write(session.get(), request.data(), static_cast<int>(request.size())), static_cast<int>(request.size()));
  const std::string answer = read_through(session.get(), "終");
  EXPECT_NE(answer.find("Strict-Transport-Security: "), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\nTLS " + body));
}

TEST_F(TlsTest, StreamsEventsAndNoticesTheClientsEnd) {
  TestClient client(server_->port());
  Session session = connect(client);
  const std::string request = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
  SSL_write(session.get(), request.data(), static_cast<int>(request.size()));
  EXPECT_NE(read_through(session.get(), "\n\n\r\n").find("data: 予算\n\n"), std::string::npos);
  EXPECT_EQ(server_->stats().streams, 1U);
  SSL_shutdown(session.get());
  session.reset();
  client.close();
  while (server_->stats().streams > 0) std::this_thread::yield();
  EXPECT_TRUE(stream_->gone());
}

TEST_F(TlsTest, ClosesOnPlainTextAndOnASilentHandshake) {
  TestClient plain(server_->port());
  plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(plain.read_response().status, 0);
  TestClient silent(server_->port());
  EXPECT_TRUE(silent.at_end());
}

TEST_F(TlsTest, RefusesAKeyThatIsNotTheCertificates) {
  const fs::path other = folder_ / "other";
  fs::create_directory(other);
  const TlsFiles second = make_certificate(other);
  auto server = Server::start({.tls = TlsFiles{files_.certificate_file, second.key_file}}, Router(), {});
  ASSERT_FALSE(server.has_value());
  EXPECT_EQ(server.error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace sekisho::http
