#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/id.h"
#include "base/result.h"
#include "crypto/secret.h"
#include "gate/gate.h"
#include "search/passage_search.h"
#include "store/blobs.h"
#include "store/database.h"

namespace sekisho::library {

struct Extracted;

/// Reads waiting documents in the background: one sealed extract worker a document, passages, terms, one transaction, index.
/// A document's row is its job: what a crash or SIGKILL broke off goes on at the next start, what the machine did not allow
/// (a full disk) is tried again a little later; a document that has broken its reading three times is `failed` and holds up
/// nobody.
///
/// Threads: safe from any. The destructor lets the document under way wait for the next start.
class IndexJobs {
 public:
  struct Options {
    std::string extract_program;  ///< Absolute path of sekisho-extract.
    std::size_t threads = 1;      ///< Documents at once.
  };
  /// All must outlive this.
  IndexJobs(Options options, store::Database& database, store::Blobs& blobs, gate::Gate& gate, search::PassageSearch& search,
            const Clock& clock);
  ~IndexJobs();
  IndexJobs(const IndexJobs&) = delete;
  IndexJobs& operator=(const IndexJobs&) = delete;

  /// Takes up what an earlier run left and begins. Errors: kUnavailable.
  [[nodiscard]] Result<void> start();
  /// There may be a waiting document.
  void wake();

  /// The next reading of this document uses `password`, which is kept in memory alone until then, and wiped.
  /// Errors: kBusy (kPasswords are kept already).
  [[nodiscard]] Result<void> give_password(const DocumentId& document, crypto::SecretBytes password);
  void forget_password(const DocumentId& document);

  /// Calls `changed` now and each time the document's row may have changed, until it returns false.
  void watch(const DocumentId& document, std::function<bool()> changed);

 private:
  static constexpr std::size_t kPasswords = 1'000;
  struct Job;
  struct Row;

  void run();
  [[nodiscard]] Result<bool> take_next(Job& job);
  /// Errors: what has nothing to do with the document. It is to be read again.
  [[nodiscard]] Result<void> read(const Job& job);
  [[nodiscard]] Result<std::optional<std::vector<PassageId>>> keep_all(const Job& job, const std::vector<Row>& rows, const Extracted& extracted,
                                                                            const Json& personal);
  /// Puts a document that has been read in the place of the version before, where it has one.
  [[nodiscard]] Result<std::optional<std::vector<PassageId>>> take_place(store::Connection& connection, const Job& job);
  [[nodiscard]] Result<void> fail_job(const Job& job, const Error& error, const std::string& note);
  /// Lets it wait again, without counting this try.
  void put_back(const Job& job);
  void note_progress(const Job& job, std::int64_t pages);
  void tell(const DocumentId& document);

  const Options options_;
  store::Database& database_;
  store::Blobs& blobs_;
  gate::Gate& gate_;
  search::PassageSearch& search_;
  const Clock& clock_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool work_ = false;
  std::vector<std::thread> threads_;
  Guarded<std::vector<DocumentId>> stranded_;  ///< `reading` in the database, but nobody reads them.
  Guarded<std::multimap<DocumentId, std::function<bool()>>> watchers_;
  Guarded<std::map<DocumentId, crypto::SecretBytes>> passwords_;
};

}  // namespace sekisho::library
