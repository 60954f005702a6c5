#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "gate/gate.h"
#include "model/engine.h"
#include "search/passage_search.h"
#include "store/database.h"

namespace sekisho::library {

/// Gives every passage its vector, in the background and at the lowest priority, a few at a time: what has none yet is found by words
/// meanwhile. Its engine is started when there is something to do and ended when there is not. What a crash broke off goes
/// on at the next start: a passage without a vector is the job. Passages whose level the policy does not let go to the local
/// engine get none; no shelf's passages go before an Entry says so.
///
/// Threads: safe from any. The destructor lets what is under way wait for the next start.
class EmbedJobs {
 public:
  struct Options {
    std::string model;           ///< SHA-256 of its file: what vectors are kept under.
    std::string passage_prefix;  ///< That it wants before each text.
    std::function<Result<std::unique_ptr<model::Engine>>()> open_engine;
  };
  struct Progress {
    std::int64_t done = 0;   ///< Passages with a vector of this model,
    std::int64_t total = 0;  ///< of all that can be found.
    std::string trouble;     ///< Why it does not go on, in English; "" while it does.
  };
  /// All must outlive this.
  EmbedJobs(Options options, store::Database& database, gate::Gate& gate, search::PassageSearch& search);
  ~EmbedJobs();
  EmbedJobs(const EmbedJobs&) = delete;
  EmbedJobs& operator=(const EmbedJobs&) = delete;

  void start();
  /// Errors: kUnavailable.
  [[nodiscard]] Result<Progress> progress();

 private:
  struct Batch;

  void run();
  [[nodiscard]] bool wait_for_work();
  void embed_all();
  /// False: nothing was left to do.
  [[nodiscard]] Result<bool> embed_next(std::unique_ptr<model::Engine>& engine);
  [[nodiscard]] Result<Batch> take();
  /// Of shelves whose passages may go to the engine: their ids as a list for SQL.
  [[nodiscard]] Result<std::string> allowed_shelves(store::Connection& connection) const;
  /// An Entry for each shelf whose passages go to the engine, once a run. Errors: kUnavailable: they do not go.
  [[nodiscard]] Result<void> record(const Batch& batch);
  [[nodiscard]] Result<void> keep(const Batch& batch, const std::vector<search::PackedVector>& vectors);
  [[nodiscard]] Result<void> drop_other_models();

  const Options options_;
  store::Database& database_;
  gate::Gate& gate_;
  search::PassageSearch& search_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::optional<std::uint64_t> seen_;  ///< search_.additions() when it last looked.
  std::set<ShelfId> recorded_;         ///< In this run.
  Guarded<std::string> trouble_;
  std::thread thread_;
};

}  // namespace sekisho::library
