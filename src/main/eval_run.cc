#include "main/eval_run.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "main/progress.h"

namespace sekisho::main {
namespace {

constexpr std::chrono::milliseconds kPatience{500};
constexpr int kTries = 240;

/// What the asking threads share.
class Run {
 public:
  /// `open`: the indices to ask, in this order.
  Run(const EvalOptions& options, const std::vector<EvalRecord>& records, std::vector<std::size_t> open, const AskOne& ask_one, std::ostream* details)
      : options_(options), records_(records), open_(std::move(open)), ask_one_(ask_one), details_(details) {}

  void work() {
    auto remote = Remote::open(options_);
    if (!remote) return stop(remote.error());
    while (!stopped_) {
      const std::size_t next = next_++;
      if (next >= open_.size()) return;
      const std::size_t index = open_[next];
      auto told = ask_one_(*remote, index);
      if (!told) return stop(told.error());
      note(index, *std::move(told));
    }
  }
  Try<void> result() const {
    if (trouble_) return trouble(*trouble_);
    return {};
  }

 private:
  void stop(Trouble why) {
    const std::lock_guard lock(mutex_);
    if (!stopped_.exchange(true)) trouble_ = std::move(why);
  }
  void note(std::size_t index, Json told) {
    const std::lock_guard lock(mutex_);
    line_.show("評価しています " + progress_words(++done_, open_.size(), clock_.steady_ms() - started_ms_));
    if (details_ == nullptr) return;
    Json detail = Json::object({{"line", records_[index].line}, {"question", records_[index].question}, {"result", std::move(told)}});
    *details_ << detail.dump() << "\n" << std::flush;
  }

  const EvalOptions& options_;
  const std::vector<EvalRecord>& records_;
  const std::vector<std::size_t> open_;
  const AskOne& ask_one_;
  std::ostream* const details_;
  const SystemClock clock_;
  const std::int64_t started_ms_ = clock_.steady_ms();
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;  ///< Of what follows.
  ProgressLine line_;
  std::size_t done_ = 0;
  std::optional<Trouble> trouble_;
};

/// What an earlier run wrote of `records` and `take_back` accepts; the indices that are left are returned.
std::vector<std::size_t> left_after(const std::string& details_file, const std::vector<EvalRecord>& records, const TakeBack& take_back) {
  std::map<std::int64_t, Json> told;
  std::ifstream file(details_file);
  for (std::string line; std::getline(file, line);) {
    auto detail = Json::parse(line);
    if (detail) told[detail->int_or("line")] = *std::move(detail);  // The last line may be torn.
  }
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto found = told.find(static_cast<std::int64_t>(records[i].line));
    const bool same = found != told.end() && found->second.text_or("question") == records[i].question;
    const Json* result = same ? found->second.find("result") : nullptr;
    if (result == nullptr || !take_back(i, *result)) left.push_back(i);
  }
  return left;
}

}  // namespace

Try<void> run_each(const EvalOptions& options, const std::vector<EvalRecord>& records, const AskOne& ask_one, const TakeBack& take_back) {
  std::vector<std::size_t> open;
  if (options.resume) {
    open = left_after(options.details_file, records, take_back);
  } else {
    open.resize(records.size());
    std::iota(open.begin(), open.end(), std::size_t{0});
  }
  std::ofstream details;
  if (!options.details_file.empty()) {
    details.open(options.details_file, options.resume ? std::ios::app : std::ios::trunc);
    if (!details) return wrong_use(options.details_file + "に書けません。");
    if (options.resume) details << "\n";  // Behind a line that was cut off.
  }
  Run run(options, records, std::move(open), ask_one, options.details_file.empty() ? nullptr : &details);
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < std::min(options.parallel, records.size()); ++i) threads.emplace_back([&run] { run.work(); });
  run.work();
  for (std::thread& thread : threads) thread.join();
  if (details.is_open() && !details.flush()) return trouble(Trouble{ErrorCode::kUnavailable, options.details_file + "に書けませんでした。"});
  return run.result();
}

Result<void> patiently(const std::function<Result<void>()>& request) {
  for (int tries = 1;; ++tries) {
    auto result = request();
    const bool later = !result && (result.error().code == ErrorCode::kRateLimited || result.error().code == ErrorCode::kBusy);
    if (!later || tries == kTries) return result;
    std::this_thread::sleep_for(kPatience);
  }
}

}  // namespace sekisho::main
