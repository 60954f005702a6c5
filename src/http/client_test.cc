#include "http/client.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "base/limits.h"
#include "http/server.h"

namespace sekisho::http {
namespace {

namespace fs = std::filesystem;
constexpr RoutePolicy kAnyone{0};

class ClientTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "sekisho-client-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override {
    server_.reset();
    fs::remove_all(folder_);
  }

  void serve(ServerOptions options = {}) {
    Router router;
    router.add(Method::kPost, "/echo", kAnyone, BodyRule::buffered(limits::kMiB), [this](Request& request) -> Reply {
      ++asked_;
      return Response::json(Json::object({{"body", request.body}, {"key", std::string(request.headers.get("Authorization").value_or(""))}}));
    });
    router.add(Method::kDelete, "/thing", kAnyone, BodyRule::none(), [](Request&) -> Reply { return Response::empty(); });
    router.add(Method::kGet, "/refused", kAnyone, BodyRule::none(), [](Request&) -> Reply {
      const Json error = Json::object({{"code", "rate_limited"}, {"detail", "too many requests"}, {"trace_id", "01abc"}});
      return Response::json(Json::object({{"error", error}}), 429);
    });
    router.add(Method::kGet, "/words", kAnyone, BodyRule::none(), [](Request&) -> Reply { return Response::text("これはJSONではない"); });
    router.add(Method::kGet, "/events", kAnyone, BodyRule::none(), [this](Request&) -> Reply {
      stream_ = EventStream::create();
      static_cast<void>(stream_->send({.id = 1, .name = "text", .data = "予算は\n三億円"}));
      return stream_;
    });
    router.add(Method::kPost, "/file", kAnyone, BodyRule::streamed(4 * limits::kMiB), [](Request& request) -> Reply {
      std::string piece(64 * limits::kKiB, '\0');
      std::size_t bytes = 0;
      for (;;) {
        const auto got = request.upload->read(piece);
        if (!got) return error_response(got.error());
        if (*got == 0) return Response::json(Json::object({{"bytes", bytes}, {"name", std::string(request.query_value("name").value_or(""))}}), 202);
        bytes += *got;
      }
    });
    auto server = Server::start(std::move(options), std::move(router), Pipeline({}, {}));
    ASSERT_TRUE(server.has_value()) << server.error().detail;
    server_ = *std::move(server);
  }

  Client client(std::string_view origin = "http://127.0.0.1", ClientOptions options = {}) {
    auto url = parse_server_url(std::string(origin) + ":" + std::to_string(server_->port()));
    EXPECT_TRUE(url.has_value());
    options.server = *url;
    auto made = Client::create(std::move(options));
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().detail);
    return *std::move(made);
  }
  fs::path file_of(std::size_t bytes) const {
    const fs::path path = folder_ / "文書.txt";
    std::ofstream(path) << std::string(bytes, 'x');
    return path;
  }

  fs::path folder_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<EventStream> stream_;
  std::atomic<int> asked_ = 0;
};

TEST_F(ClientTest, SendsAndReadsJsonOverOneConnection) {
  serve();
  Client one = client("http://127.0.0.1", {.headers = {{"Authorization", "Bearer sk-sekisho-x"}}});
  const Json question = Json::object({{"question", "予算はいくらですか。"}});
  for (int i = 0; i < 3; ++i) {
    const auto answer = one.request(Method::kPost, "/echo", &question);
    ASSERT_TRUE(answer.has_value()) << answer.error().detail;
    EXPECT_EQ(answer->text_or("body"), question.dump());
    EXPECT_EQ(answer->text_or("key"), "Bearer sk-sekisho-x");
  }
  EXPECT_EQ(server_->stats().connections, 1U);
}

TEST_F(ClientTest, ConnectsAgainAfterTheServerClosedAnIdleConnection) {
  ServerOptions options;
  options.limits.idle_timeout_ms = 30;
  serve(options);
  Client one = client();
  const Json body = Json::object();
  ASSERT_TRUE(one.request(Method::kPost, "/echo", &body).has_value());
  while (server_->stats().connections > 0) usleep(5'000);
  EXPECT_TRUE(one.request(Method::kPost, "/echo", &body).has_value());
}

TEST_F(ClientTest, GivesNullForAnEmptyAnswer) {
  serve();
  const auto answer = client().request(Method::kDelete, "/thing");
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->is_null());
}

TEST_F(ClientTest, GivesTheServersErrorUnderItsCodeWithTheTrace) {
  serve();
  const auto answer = client().request(Method::kGet, "/refused");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kRateLimited);
  EXPECT_EQ(answer.error().detail, "too many requests [01abc]");
}

TEST_F(ClientTest, TellsAnAnswerThatIsNoJson) {
  serve();
  EXPECT_EQ(client().request(Method::kGet, "/words").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(client().events(Method::kGet, "/words").error().code, ErrorCode::kCorrupt);
}

TEST_F(ClientTest, SaysUnavailableWhenNobodyListens) {
  serve();
  Client one = client();
  server_->stop(0);
  const auto answer = one.request(Method::kGet, "/refused");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(answer.error().detail.find("127.0.0.1:"), std::string::npos);
}

TEST_F(ClientTest, ReadsEventsAsTheyComeAndTheirEnd) {
  serve();
  auto events = client().events(Method::kGet, "/events");  // The reader outlives its client.
  ASSERT_TRUE(events.has_value()) << events.error().detail;
  auto first = events->next();
  ASSERT_TRUE(first.has_value() && first->has_value());
  EXPECT_EQ((*first)->id, 1U);
  EXPECT_EQ((*first)->data, "予算は\n三億円");
  static_cast<void>(stream_->send({.id = 2, .name = "done", .data = "{}"}));
  stream_->close();
  EXPECT_EQ((*events->next())->name, "done");
  const auto end = events->next();
  ASSERT_TRUE(end.has_value());
  EXPECT_FALSE(end->has_value());
}

TEST_F(ClientTest, TellsAStreamThatBrokeOffFromOneThatEnded) {
  serve();
  auto events = client().events(Method::kGet, "/events");
  ASSERT_TRUE(events.has_value() && events->next().has_value());
  server_->stop(0);
  const auto broken = events->next();
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().code, ErrorCode::kUnavailable);
}

TEST_F(ClientTest, CountsASilentStreamAsBroken) {
  serve();
  auto events = client("http://127.0.0.1", {.silence_timeout_ms = 1'000}).events(Method::kGet, "/events");
  ASSERT_TRUE(events.has_value() && events->next().has_value());
  EXPECT_EQ(events->next().error().code, ErrorCode::kUnavailable);
}

TEST_F(ClientTest, UploadsAFileAndTellsHowFarItIs) {
  serve();
  for (const std::size_t bytes : {0UL, 10UL, 3'000'000UL}) {
    std::uint64_t last = 0;
    const auto stored = client().upload("/file?name=" + percent_encode("予算 表.csv"), file_of(bytes), [&](std::uint64_t sent, std::uint64_t total) {
      EXPECT_GT(sent, last);
      EXPECT_EQ(total, bytes);
      last = sent;
    });
    ASSERT_TRUE(stored.has_value()) << stored.error().detail;
    EXPECT_EQ(stored->int_or("bytes"), static_cast<std::int64_t>(bytes));
    EXPECT_EQ(stored->text_or("name"), "予算 表.csv");
    EXPECT_EQ(last, bytes);
  }
}

TEST_F(ClientTest, SendsNoByteOfAFileThatTheServerRefuses) {
  serve();
  std::uint64_t sent = 0;
  Client one = client();
  const auto stored = one.upload("/file?name=a", file_of(5 * limits::kMiB), [&](std::uint64_t bytes, std::uint64_t) { sent = bytes; });
  ASSERT_FALSE(stored.has_value());
  EXPECT_EQ(stored.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(sent, 0U);
  EXPECT_TRUE(one.request(Method::kDelete, "/thing").has_value());
}

TEST_F(ClientTest, RefusesToUploadWhatIsNoFile) {
  serve();
  EXPECT_EQ(client().upload("/file?name=a", folder_, {}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(client().upload("/file?name=a", folder_ / "ない.txt", {}).error().code, ErrorCode::kDenied);
}

TEST_F(ClientTest, RefusesAHeaderThatWouldBeTwo) {
  const auto made = Client::create({.server = {false, "127.0.0.1", 1}, .headers = {{"Authorization", "x\r\nHost: evil"}}});
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, ErrorCode::kInvalid);
}

TEST_F(ClientTest, ReachesAServerOnIpv6) {
  ServerOptions options;
  options.address = "::1";
  auto probe = Server::start(options, Router(), Pipeline({}, {}));
  if (!probe) GTEST_SKIP() << "this machine has no IPv6: " << probe.error().detail;
  probe->reset();
  serve(options);
  EXPECT_TRUE(client("http://[::1]").request(Method::kDelete, "/thing").has_value());
}

/// A self-signed certificate for `name` and its key.
TlsFiles make_certificate(const fs::path& folder, const char* name) {
  TlsFiles files{folder / "server.pem", folder / "server.key"};
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  EXPECT_GT(X509_sign(certificate, key, EVP_sha256()), 0);
  std::FILE* pem = std::fopen(files.certificate_file.c_str(), "w");
  PEM_write_X509(pem, certificate);
  std::fclose(pem);
  std::FILE* secret = std::fopen(files.key_file.c_str(), "w");
  PEM_write_PrivateKey(secret, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(secret);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

TEST_F(ClientTest, TrustsTheCertificateThatItWasGivenAndNoOther) {
  ServerOptions options;
  options.tls = make_certificate(folder_, "localhost");
  serve(options);
  const std::string ca = options.tls->certificate_file;
  const Json body = Json::object({{"問", "答"}});
  EXPECT_TRUE(client("https://localhost", {.ca_file = ca}).request(Method::kPost, "/echo", &body).has_value());
  const auto stranger = client("https://localhost").request(Method::kPost, "/echo", &body);
  ASSERT_FALSE(stranger.has_value());
  EXPECT_EQ(stranger.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(stranger.error().detail.find("certificate"), std::string::npos);
  // The same certificate, but for another name than the one asked for.
  EXPECT_FALSE(client("https://127.0.0.1", {.ca_file = ca}).request(Method::kPost, "/echo", &body).has_value());
  EXPECT_EQ(asked_, 1);
  auto events = client("https://localhost", {.ca_file = ca}).events(Method::kGet, "/events");
  ASSERT_TRUE(events.has_value()) << events.error().detail;
  EXPECT_EQ((*events->next())->data, "予算は\n三億円");
}

TEST_F(ClientTest, SaysThatACertificateFileCannotBeRead) {
  const auto made = Client::create({.server = {true, "localhost", 443}, .ca_file = folder_ / "ない.pem"});
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, ErrorCode::kUnavailable);
}

TEST(ServerUrl, KnowsItsPartsAndDefaults) {
  const auto plain = parse_server_url("http://127.0.0.1:8080/");
  ASSERT_TRUE(plain.has_value());
  EXPECT_FALSE(plain->tls);
  EXPECT_EQ(plain->authority(), "127.0.0.1:8080");
  EXPECT_TRUE(plain->is_loopback());
  const auto office = parse_server_url("https://sekisho.example.lg.jp");
  ASSERT_TRUE(office.has_value());
  EXPECT_EQ(office->authority(), "sekisho.example.lg.jp:443");
  EXPECT_FALSE(office->is_loopback());
  const auto six = parse_server_url("http://[::1]:80");
  ASSERT_TRUE(six.has_value());
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->authority(), "[::1]:80");
  EXPECT_TRUE(six->is_loopback());
}

TEST(ServerUrl, RefusesWhatIsNoAddressOfAServer) {
  for (const char* text : {"", "127.0.0.1:8080", "ftp://a", "http://", "http://a:0", "http://a:70000", "http://a:8080x", "http://a/b", "http://[::1",
                           "http://user@a", "http://a b", "http://関所", "https://a:"}) {
    EXPECT_FALSE(parse_server_url(text).has_value()) << text;
  }
}

TEST(PercentEncode, LeavesOnlyUnreservedCharacters) { EXPECT_EQ(percent_encode("a-Z_~.0 &＋"), "a-Z_~.0%20%26%EF%BC%8B"); }

}  // namespace
}  // namespace sekisho::http
