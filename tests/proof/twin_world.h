#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "http/server.h"
#include "http/test_client.h"
#include "main/composition.h"
#include "main/office.h"
#include "model/local_engine.h"
#include "store/test_folder.h"

/// One whole office that serves: the server's own composition over a real socket, with the scripted model worker behind the real
/// engine, a clock that stands still and random numbers that follow from keys.
namespace sekisho::proof {

/// A request as it is written.
struct Call {
  std::string method = "GET";
  std::string target;
  std::string body;
  std::string headers;  ///< Whole lines.
};

/// Counts what the engine was asked for, so that a difference in work shows as one in bytes does.
class CountingEngine final : public model::Engine {
 public:
  explicit CountingEngine(model::Engine& engine) : engine_(engine) {}
  Result<model::RequestId> start(model::Request request, model::Listener listener) override;
  void taken(model::RequestId id, std::int64_t tokens) override { engine_.taken(id, tokens); }
  void cancel(model::RequestId id) override { engine_.cancel(id); }
  void forget(const std::string& scope) override { engine_.forget(scope); }
  model::EngineInfo info() const override { return engine_.info(); }

  /// Since the last call: how many requests, how many bytes, and a hash of them all.
  [[nodiscard]] std::string told();

 private:
  struct Work {
    std::uint64_t requests = 0;
    std::uint64_t bytes = 0;
    std::uint64_t hash = 0;
  };
  model::Engine& engine_;
  Guarded<Work> work_;
};

class World {
 public:
  World();
  ~World();

  [[nodiscard]] main::Office& office() { return *office_; }
  [[nodiscard]] CountingEngine& engine() { return *counting_; }
  void advance_ms(std::int64_t by_ms) { clock_.advance_ms(by_ms); }

  /// The whole answer as it came: status line, headers, body. What time made is made alike: the value of Date, and where an event
  /// stream was cut into chunks (its events are as sent).
  [[nodiscard]] std::string ask(const Call& call);

  /// As ask(); returns when no document waits or is read, and the index has what was read.
  [[nodiscard]] std::string ask_and_settle(const Call& call);
  /// A document with this text, read and indexed. Empty where the office did not take it.
  std::string file(const gate::Actor& by, const ShelfId& shelf, std::string_view name, std::string_view text);

  /// `text` with each id named by when it was seen first: threads that work at the same time draw theirs in the order that the machine
  /// leaves them, which is no answer of the office.
  [[nodiscard]] std::string numbered(std::string_view text);

  [[nodiscard]] std::vector<std::string> ids(const std::string& query, const store::Connection::Values& values = {});

 private:
  void connect();
  [[nodiscard]] std::string read_body(std::string_view head);
  [[nodiscard]] std::int64_t count(const std::string& where);
  [[nodiscard]] std::uint64_t read_in();
  void settle(std::uint64_t ready, std::uint64_t indexed);

  store::TestFolder folder_{store::TestFolder::On::kMemory};
  FakeClock clock_;
  SystemClock machine_clock_;
  std::unique_ptr<main::Office> office_;
  std::unique_ptr<model::LocalEngine> local_;
  std::unique_ptr<CountingEngine> counting_;
  std::unique_ptr<main::Composition> composition_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::TestClient> client_;
  std::map<std::string, std::size_t, std::less<>> ids_;
};

}  // namespace sekisho::proof
