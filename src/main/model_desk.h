#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "audit/chain.h"
#include "base/guarded.h"
#include "base/json.h"
#include "base/result.h"
#include "gate/actor.h"

namespace sekisho::main {

/// The models that the office chose for the next start; "": none, the catalog's default.
struct ModelChoice {
  std::string answering, embedding;
};
/// As DIR/models.json says; nothing where there is no such file or it is none of ours.
[[nodiscard]] ModelChoice chosen_models(const std::filesystem::path& folder);

/// Whether the command line names them: then a choice would be without effect.
struct NamedModels {
  bool answering = false, embedding = false;
};

/// What operators do about models at the page: fetch, verify, choose. One fetch or verification at a time, in a thread of its
/// own; DIR/models.json keeps it, so that a fetch goes on after a restart from where it was. Each act and each end is an Entry.
///
/// Threads: act() from any. The destructor stops a fetch at once and waits for a verification to reach its end.
class ModelDesk {
 public:
  /// `active`: names of the models that are loaded. `audit` must outlive the desk.
  ModelDesk(std::filesystem::path folder, audit::Chain& audit, std::vector<std::string> active, NamedModels named);
  ~ModelDesk();
  ModelDesk(const ModelDesk&) = delete;
  ModelDesk& operator=(const ModelDesk&) = delete;

  /// Goes on with a fetch that the last end of the server interrupted.
  void go_on();

  /// "list", "fetch", "verify", "choose"; all give the state afterwards: items (models_json), chosen, named, job.
  /// Errors: kInvalid (unknown model or act), kConflict (another fetch is under way; the command line names the model),
  /// kUnavailable (the model is not here; no Entry could be written; the choice could not be kept).
  [[nodiscard]] Result<Json> act(const gate::Actor& actor, std::string_view act, const std::string& name);

 private:
  /// A fetch or a verification: under way, or the last one. `act` is empty before the first.
  struct Job {
    std::string act, name, actor_id, actor_name;
    std::string state;  ///< "running", "done", "failed".
    std::int64_t done_bytes = 0, total_bytes = 0;
    Error error{ErrorCode::kInternal, ""};
  };
  struct State {
    ModelChoice choice;
    Job job;
  };

  [[nodiscard]] Json list() const;
  [[nodiscard]] Result<void> begin(const gate::Actor& actor, std::string_view act, const std::string& name);
  [[nodiscard]] Result<void> choose(const gate::Actor& actor, const std::string& name);
  void run(const std::stop_token& stop, const Job& job);
  [[nodiscard]] Result<void> work(const std::stop_token& stop, const Job& job);
  void ended(const Job& job, const Result<void>& outcome);
  [[nodiscard]] Result<void> keep(const State& state) const;
  [[nodiscard]] static Json job_json(const Job& job);

  const std::filesystem::path folder_;
  audit::Chain& audit_;
  const std::vector<std::string> active_;
  const NamedModels named_;
  Guarded<State> state_;
  Guarded<std::jthread> worker_;
};

}  // namespace sekisho::main
