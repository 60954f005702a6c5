#include "library/embed_job.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <utility>

#include "base/log.h"
#include "store/stored_id.h"

namespace sekisho::library {
namespace {

constexpr std::int64_t kTextsAtOnce = 8;
constexpr std::int64_t kBatchTimeout_ms = 120'000;
constexpr std::chrono::seconds kTryAgain{30};
constexpr std::chrono::milliseconds kLookAgain{500};
constexpr int kNice = 19;
constexpr std::string_view kActor = "library.embed";

// A passage that can be found, and whose vector of one model is missing.
constexpr std::string_view kFindable =
    "FROM passage p JOIN document d ON d.id = p.document_id "
    "WHERE d.state = 'ready' AND d.deleted_ms IS NULL AND d.replaced_ms IS NULL";
constexpr std::string_view kMissing = " AND NOT EXISTS (SELECT 1 FROM passage_vector v WHERE v.passage_id = p.id AND v.model = ?)";

}  // namespace

struct EmbedJobs::Batch {
  std::vector<PassageId> passages;
  std::vector<ShelfId> shelves;
  std::vector<std::string> texts;
};

EmbedJobs::EmbedJobs(Options options, store::Database& database, gate::Gate& gate, search::PassageSearch& search)
    : options_(std::move(options)), database_(database), gate_(gate), search_(search) {}

EmbedJobs::~EmbedJobs() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void EmbedJobs::start() {
  thread_ = std::thread([this] { run(); });
}

bool EmbedJobs::wait_for_work() {
  const bool in_trouble = trouble_.with([](const std::string& trouble) { return !trouble.empty(); });
  std::unique_lock lock(mutex_);
  const auto stops = [this] { return stopping_; };
  if (in_trouble) return !wake_.wait_for(lock, kTryAgain, stops);
  while (seen_ == search_.additions()) {
    if (wake_.wait_for(lock, kLookAgain, stops)) return false;
  }
  return !stopping_;
}

void EmbedJobs::run() {
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
  while (wait_for_work()) {
    seen_ = search_.additions();
    recorded_.clear();
    embed_all();
  }
}

void EmbedJobs::embed_all() {
  std::unique_ptr<model::Engine> engine;
  for (;;) {
    const auto more = embed_next(engine);
    trouble_.with([&](std::string& trouble) { trouble = more ? "" : more.error().detail; });
    if (!more) log_warning("embed_jobs.later", {{"detail", more.error().detail}});
    if (!more || !*more) return;
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
  }
}

Result<void> EmbedJobs::record(const Batch& batch) {
  for (const ShelfId& shelf : batch.shelves) {
    if (recorded_.contains(shelf)) continue;
    Json facts = Json::object({{"model_sha256", options_.model}, {"destination", gate::Destination::local_engine().name}});
    auto recorded = gate_.record(gate::Actor{}, "passages.embedded", {shelf.text()}, audit::Outcome::kAllowed, std::move(facts));
    if (!recorded) return fail(recorded.error());
    recorded_.insert(shelf);
  }
  return {};
}

Result<bool> EmbedJobs::embed_next(std::unique_ptr<model::Engine>& engine) {
  auto batch = take();
  if (!batch) return fail(batch.error());
  if (batch->texts.empty()) {
    if (auto dropped = drop_other_models(); !dropped) return fail(dropped.error());
    return false;
  }
  if (auto recorded = record(*batch); !recorded) return fail(recorded.error());
  if (!engine) {
    auto opened = options_.open_engine();
    if (!opened) return fail(opened.error());
    engine = *std::move(opened);
  }
  auto vectors = model::embed(*engine, {.texts = batch->texts}, {.actor = std::string(kActor), .timeout_ms = kBatchTimeout_ms});
  if (!vectors) return fail(vectors.error());
  if (vectors->rows.size() != batch->texts.size()) return fail(ErrorCode::kInternal, "the engine gave another number of vectors");
  std::vector<search::PackedVector> packed;
  for (const std::vector<float>& row : vectors->rows) packed.push_back(search::PackedVector::of(row));
  if (auto kept = keep(*batch, packed); !kept) return fail(kept.error());
  std::map<ShelfId, std::vector<search::ShelfVectors::Added>> added;
  for (std::size_t i = 0; i < packed.size(); ++i) added[batch->shelves[i]].push_back({batch->passages[i], std::move(packed[i])});
  for (auto& [shelf, vectors_of_shelf] : added) search_.apply_vectors(shelf, std::move(vectors_of_shelf));
  return true;
}

Result<std::string> EmbedJobs::allowed_shelves(store::Connection& connection) const {
  const auto highest = gate_.policy().approved_up_to(gate::Destination::local_engine());
  auto rows = connection.query("SELECT id, label FROM shelf", {});
  if (!rows) return fail(rows.error());
  std::string ids;
  for (const store::Row& row : *rows) {
    const auto label = gate_.policy().label_from_text(row.text(1));
    if (!label || !highest || label->level() > *highest) continue;
    ids += (ids.empty() ? "'" : ",'") + store::stored_id<ShelfId>(row.text(0)).text() + "'";
  }
  return ids;
}

Result<EmbedJobs::Batch> EmbedJobs::take() {
  return database_.read([&](store::Connection& connection) -> Result<Batch> {
    const auto shelves = allowed_shelves(connection);
    if (!shelves) return fail(shelves.error());
    auto rows = connection.query("SELECT p.id, p.shelf_id, d.name, p.path, p.text " + std::string(kFindable) + std::string(kMissing) +
                                     " AND p.shelf_id IN (" + *shelves + ") LIMIT ?",
                                 {options_.model, kTextsAtOnce});
    if (!rows) return fail(rows.error());
    Batch batch;
    for (const store::Row& row : *rows) {
      batch.passages.push_back(store::stored_id<PassageId>(row.text(0)));
      batch.shelves.push_back(store::stored_id<ShelfId>(row.text(1)));
      batch.texts.push_back(options_.passage_prefix + row.text(2) + " " + row.text(3) + "\n" + row.text(4));
    }
    return batch;
  });
}

Result<void> EmbedJobs::keep(const Batch& batch, const std::vector<search::PackedVector>& vectors) {
  return database_.write([&](store::Connection& connection) -> Result<void> {
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      // A passage may have gone meanwhile.
      auto kept = connection.execute("INSERT OR REPLACE INTO passage_vector (passage_id, model, vector) SELECT id, ?, ? FROM passage WHERE id = ?",
                                     {options_.model, store::Blob{vectors[i].to_blob()}, batch.passages[i].text()});
      if (!kept) return fail(kept.error());
    }
    return {};
  });
}

Result<void> EmbedJobs::drop_other_models() {
  auto dropped = database_.write([&](store::Connection& connection) {
    return connection.execute("DELETE FROM passage_vector WHERE model <> ?", {options_.model});
  });
  return dropped ? Result<void>() : fail(dropped.error());
}

Result<EmbedJobs::Progress> EmbedJobs::progress() {
  return database_.read([&](store::Connection& connection) -> Result<Progress> {
    auto total = connection.query("SELECT count(*) " + std::string(kFindable), {});
    if (!total) return fail(total.error());
    auto missing = connection.query("SELECT count(*) " + std::string(kFindable) + std::string(kMissing), {options_.model});
    if (!missing) return fail(missing.error());
    Progress progress;
    progress.total = total->front().integer(0);
    progress.done = progress.total - missing->front().integer(0);
    progress.trouble = trouble_.with([](const std::string& trouble) { return trouble; });
    return progress;
  });
}

}  // namespace sekisho::library
