#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "audit/chain.h"
#include "audit/content.h"
#include "audit/notary.h"
#include "base/clock.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/conversation_list.h"
#include "chat/conversation_search.h"
#include "chat/rating.h"
#include "gate/gate.h"
#include "identity/account.h"
#include "identity/api_key.h"
#include "identity/opening.h"
#include "identity/session.h"
#include "identity/sign_in.h"
#include "library/document.h"
#include "library/index_job.h"
#include "library/page_image.h"
#include "library/shelf.h"
#include "search/passage_search.h"
#include "store/blobs.h"
#include "store/database.h"
#include "text/words.h"

namespace sekisho::main {

struct OfficeOptions {
  std::filesystem::path witness;  ///< A file elsewhere for checkpoints of the audit log; empty: the policy's audit_witness.
  const Clock* clock = nullptr;   ///< Must outlive the office; nullptr: the machine's own.
};

/// One office's data folder, opened: everything that does not need the network or a model. Held by one process at a time.
///
///     DIR/sekisho.db  DIR/blobs/  DIR/audit/  DIR/keys/  DIR/backup/  DIR/policy.toml  DIR/dlp.toml
///
/// Threads: the rooms in it say. The members are destroyed in reverse order, so that whoever borrows goes first.
class Office {
 public:
  /// Opens, or makes an empty office: folders that only their owner may enter, the newest schema, the policy (a copy
  /// of policies/ministry.toml, the office's own from then on).
  /// Errors: kConflict (another process has it open), kUnsupported (a newer Sekisho made it), kInvalid (policy), kCorrupt
  /// (the log or its key was changed), kUnavailable.
  [[nodiscard]] static Result<std::unique_ptr<Office>> open(const std::filesystem::path& folder, OfficeOptions options = {});

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::string name();
  [[nodiscard]] Result<void> set_name(std::string_view name);
  /// Reads policy.toml and dlp.toml again and puts them in force, from the next request on and in answers that are under way. Each
  /// reload is an Entry `policy.reloaded`. Errors: kInvalid (with file, line and reason), kUnavailable: what was in force stays.
  [[nodiscard]] Result<void> reload_policy(const gate::Actor& by);
  /// The operator at this machine's shell, by the system user's name.
  [[nodiscard]] gate::Actor local_operator() const;

  const Clock& clock;
  gate::Policy policy;
  const std::unique_ptr<audit::Chain> chain;
  const std::unique_ptr<audit::Notary> notary;
  const std::unique_ptr<audit::Contents> contents;
  const std::unique_ptr<store::Database> database;
  const std::unique_ptr<store::Blobs> blobs;
  const std::unique_ptr<text::WordAnalyser> analyser;
  gate::Dlp dlp;
  gate::Gate gate;
  identity::Accounts accounts;
  identity::Sessions sessions;
  identity::SignIn sign_in;
  identity::ApiKeys api_keys;
  identity::Openings openings;
  search::PassageSearch search;
  library::Shelves shelves;
  library::IndexJobs jobs;
  library::Documents documents;
  library::PageImages page_images;
  chat::Conversations conversations;
  chat::ConversationList conversation_list;
  chat::ConversationSearch conversation_search;
  chat::Ratings ratings;

 private:
  struct Opened {
    const Clock& clock;
    std::filesystem::path folder;
    std::string extract_program;
    gate::Policy policy;
    std::unique_ptr<audit::Chain> chain;
    std::unique_ptr<audit::Notary> notary;
    std::unique_ptr<audit::Contents> contents;
    std::unique_ptr<store::Database> database;
    std::unique_ptr<store::Blobs> blobs;
    std::unique_ptr<text::WordAnalyser> analyser;
    gate::Dlp dlp;
    bool own_witness = false;  ///< Chosen at the start, whatever the policy says.
  };
  explicit Office(Opened opened);
  const std::filesystem::path folder_;
  const bool own_witness_;
  std::mutex reloading_;
};

}  // namespace sekisho::main
