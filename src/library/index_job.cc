#include "library/index_job.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/log.h"
#include "library/chunk.h"
#include "library/extract.h"
#include "library/personal_tally.h"
#include "search/terms.h"
#include "store/stored_id.h"

namespace sekisho::library {
namespace {

constexpr std::int64_t kAttempts_max = 3;
constexpr std::int64_t kProgressEvery_ms = 500;
constexpr std::chrono::seconds kLookAgain{5};
constexpr int kNice = 19;
constexpr std::string_view kPutBack = "UPDATE document SET state = 'waiting', attempts = attempts - 1 WHERE id = ? AND state = 'reading'";

/// Failures of the machine and not of the document: it is tried again.
bool may_pass(const ExtractFailure& failure) {
  return failure.reason == "unavailable" || failure.reason == "cancelled" || failure.reason == "receiver";
}

Json notes_json(const std::vector<process::extract::Note>& notes) {
  Json::Array items;
  for (const process::extract::Note& note : notes) items.push_back(process::extract::to_json(note));
  return Json::array(std::move(items));
}

}  // namespace

struct IndexJobs::Job {
  DocumentId document;
  ShelfId shelf;
  std::string name;
  std::string blob;
  std::int64_t attempts = 0;
};

/// A passage ready to be stored.
struct IndexJobs::Row {
  PassageId id;
  TextPassage passage;
  search::PassageTerms terms;
  std::optional<std::int64_t> ocr;  ///< How surely it was recognised, where it was.
};

IndexJobs::IndexJobs(Options options, store::Database& database, store::Blobs& blobs, gate::Gate& gate, search::PassageSearch& search,
                     const Clock& clock)
    : options_(std::move(options)), database_(database), blobs_(blobs), gate_(gate), search_(search), clock_(clock) {}

IndexJobs::~IndexJobs() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Result<void> IndexJobs::start() {
  auto resumed = database_.write([](store::Connection& connection) {
    return connection.execute("UPDATE document SET state = 'waiting' WHERE state = 'reading'");
  });
  if (!resumed) return fail(resumed.error());
  if (*resumed > 0) log_info("index_jobs.resumed", {{"documents", *resumed}});
  work_ = true;
  for (std::size_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { run(); });
  return {};
}

void IndexJobs::wake() {
  {
    const std::lock_guard lock(mutex_);
    work_ = true;
  }
  wake_.notify_one();
}

Result<void> IndexJobs::give_password(const DocumentId& document, crypto::SecretBytes password) {
  return passwords_.with([&](auto& passwords) -> Result<void> {
    if (passwords.size() >= kPasswords && !passwords.contains(document)) return fail(ErrorCode::kBusy, "too many documents wait to be opened with a password");
    passwords.insert_or_assign(document, std::move(password));
    return {};
  });
}

void IndexJobs::forget_password(const DocumentId& document) {
  passwords_.with([&](auto& passwords) { passwords.erase(document); });
}

void IndexJobs::run() {
  // Reading slows no answer: this thread analyses words at the lowest priority, as its workers read.
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kLookAgain, [this] { return stopping_ || work_; });
      if (stopping_) return;
      work_ = false;
    }
    for (;;) {
      Job job;
      const auto taken = take_next(job);
      if (!taken) log_error("index_jobs.take", {{"detail", taken.error().detail}});
      if (!taken || !*taken) break;
      tell(job.document);
      const auto done = read(job);
      if (!done) log_error("index_jobs.read", {{"document", job.document.text()}, {"detail", done.error().detail}});
      if (!done) put_back(job);
      tell(job.document);
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      if (!done) break;  // Not at once: what refused it needs time.
    }
  }
}

Result<bool> IndexJobs::take_next(Job& job) {
  const std::vector<DocumentId> stranded = stranded_.with([](auto& ids) { return ids; });
  auto taken = database_.write([&](store::Connection& connection) -> Result<bool> {
    for (const DocumentId& id : stranded) {
      if (auto back = connection.execute(kPutBack, {id.text()}); !back) return fail(back.error());
    }
    auto rows = connection.query("SELECT id, shelf_id, name, blob, attempts FROM document WHERE state = 'waiting' AND deleted_ms IS NULL ORDER BY created_ms, id LIMIT 1");
    if (!rows) return fail(rows.error());
    if (rows->empty()) return false;
    const store::Row& row = rows->front();
    job = {store::stored_id<DocumentId>(row.text(0)), store::stored_id<ShelfId>(row.text(1)), row.text(2), row.text(3), row.integer(4) + 1};
    auto done = connection.execute("UPDATE document SET state = 'reading', attempts = ?, pages_read = 0 WHERE id = ?",
                                   {job.attempts, job.document.text()});
    if (!done) return fail(done.error());
    return true;
  });
  if (taken) {
    stranded_.with([&](auto& ids) {
      std::erase_if(ids, [&](const DocumentId& id) { return std::find(stranded.begin(), stranded.end(), id) != stranded.end(); });
    });
  }
  return taken;
}

Result<void> IndexJobs::read(const Job& job) {
  // Each try is counted before it begins: a document that takes the server down with it is not read for ever.
  if (job.attempts > kAttempts_max) {
    return fail_job(job, {ErrorCode::kCorrupt, fmt::format("reading it broke off {} times", kAttempts_max)}, "worker_ended");
  }
  auto blob = store::BlobId::parse(job.blob);
  if (!blob) return fail_job(job, blob.error(), "");
  auto file = blobs_.open_fd(*blob);
  if (!file) return fail_job(job, file.error(), "");

  Chunker chunker;
  PersonalTally tally(gate_.dlp(), gate_.policy());
  std::vector<Row> rows;
  std::map<std::int64_t, std::int64_t> recognised;  // Pages and how surely.
  const auto keep = [&](std::vector<TextPassage> passages) {
    for (TextPassage& passage : passages) {
      Row row{PassageId::random(), std::move(passage), {}, {}};
      for (auto page = recognised.lower_bound(row.passage.page_first); page != recognised.end() && page->first <= row.passage.page_last; ++page) {
        row.ocr = std::min(row.ocr.value_or(100), page->second);
      }
      row.terms = search::terms_of_passage(search_.analyser(), job.name + " " + row.passage.path, row.passage.text);
      rows.push_back(std::move(row));
    }
  };
  std::int64_t told_ms = clock_.steady_ms();
  ExtractOptions options{.program = options_.extract_program, .file_name = job.name};
  passwords_.with([&](auto& passwords) {
    if (const auto given = passwords.find(job.document); given != passwords.end()) options.password = std::string(given->second.reveal());
    passwords.erase(job.document);
  });
  options.cancelled = [this] {
    const std::lock_guard lock(mutex_);
    return stopping_;
  };
  auto extracted = extract(file->get(), options, clock_, [&](const process::extract::Page& page) -> Result<void> {
    tally.add(page.number, page.text);
    if (page.confidence >= 0) recognised[page.number] = page.confidence;
    keep(chunker.add(page));
    if (clock_.steady_ms() - told_ms >= kProgressEvery_ms) {
      told_ms = clock_.steady_ms();
      note_progress(job, page.number);
    }
    return {};
  });
  const auto wiped = crypto::SecretBytes::take(std::move(options.password));
  if (!extracted) {
    const ExtractFailure& failure = extracted.error();
    if (may_pass(failure)) return fail(failure.error);
    return fail_job(job, failure.error, failure.reason == "unsupported" ? failure.error.detail : failure.reason);
  }
  keep(chunker.finish());

  const gate::DlpVerdict personal = tally.verdict();
  Json facts = Json::object({{"pages", extracted->end.pages}, {"passages", rows.size()}, {"notes", extracted->notes.size()}});
  if (!personal.empty()) facts.set("personal", personal.facts(gate::DlpPlace::kFile));
  const bool stopped = personal.action == gate::DlpAction::kBlock;
  auto recorded = gate_.record(gate::Actor{}, "document.read", {job.document.text()}, stopped ? audit::Outcome::kDenied : audit::Outcome::kDone, std::move(facts));
  if (!recorded) return fail(recorded.error());
  if (stopped) return fail_job(job, {ErrorCode::kInvalid, "personal_data: " + personal.counts().dump()}, "personal_data");
  const auto stored = keep_all(job, rows, *extracted, tally.to_json(personal));
  if (!stored) return fail(stored.error());
  if (!*stored) return {};
  search::IndexChange change;
  change.remove = std::move(**stored);
  for (Row& row : rows) change.add.push_back({row.id, std::move(row.terms)});
  search_.apply(job.shelf, std::move(change));
  return {};
}

/// The passages of the version that it replaces; nothing: the document was deleted while it was read.
Result<std::optional<std::vector<PassageId>>> IndexJobs::keep_all(const Job& job, const std::vector<Row>& rows, const Extracted& extracted, const Json& personal) {
  const std::string version = search::terms_version(search_.analyser());
  return database_.write([&](store::Connection& connection) -> Result<std::optional<std::vector<PassageId>>> {
    auto gone = connection.execute("DELETE FROM passage WHERE document_id = ?", {job.document.text()});
    if (!gone) return fail(gone.error());
    std::int64_t number = 0;
    for (const Row& row : rows) {
      auto added = connection.execute(
          "INSERT INTO passage (id, document_id, shelf_id, number, page_first, page_last, path, text, terms, ocr) "
          "SELECT ?, id, shelf_id, ?, ?, ?, ?, ?, ?, ? FROM document WHERE id = ?",
          {row.id.text(), ++number, row.passage.page_first, row.passage.page_last, row.passage.path, row.passage.text,
           store::Blob{row.terms.to_blob()}, row.ocr ? store::Value(*row.ocr) : store::Value(nullptr), job.document.text()});
      if (!added) return fail(added.error());
    }
    auto ready = connection.execute(
        "UPDATE document SET state = 'ready', kind = ?, pages = ?, pages_read = ?, passages = ?, notes = ?, terms_version = ?, personal = ?, "
        "error_code = NULL, error_detail = NULL WHERE id = ?",
        {extracted.end.kind, extracted.end.pages, extracted.end.pages, number, notes_json(extracted.notes).dump(), version,
         personal.is_null() ? store::Value(nullptr) : store::Value(personal.dump()), job.document.text()});
    if (!ready) return fail(ready.error());
    return take_place(connection, job);
  });
}

Result<std::optional<std::vector<PassageId>>> IndexJobs::take_place(store::Connection& connection, const Job& job) {
  using Replaced = std::optional<std::vector<PassageId>>;
  auto rows = connection.query("SELECT replaces FROM document WHERE id = ? AND deleted_ms IS NULL", {job.document.text()});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return Replaced();
  std::vector<PassageId> replaced;
  if (rows->front().is_null(0)) return Replaced(std::move(replaced));
  auto marked = connection.execute("UPDATE document SET replaced_ms = ? WHERE id = ? AND replaced_ms IS NULL", {clock_.wall_ms(), rows->front().text(0)});
  if (!marked) return fail(marked.error());
  auto passages = connection.query("SELECT id FROM passage WHERE document_id = ?", {rows->front().text(0)});
  if (!passages) return fail(passages.error());
  for (const store::Row& row : *passages) replaced.push_back(store::stored_id<PassageId>(row.text(0)));
  return Replaced(std::move(replaced));
}

Result<void> IndexJobs::fail_job(const Job& job, const Error& error, const std::string& note) {
  const std::string code = std::string(name_of(error.code)) + (note.empty() ? "" : ":" + note);
  auto done = database_.write([&](store::Connection& connection) {
    return connection.execute("UPDATE document SET state = 'failed', error_code = ?, error_detail = ? WHERE id = ?",
                              {code, error.detail, job.document.text()});
  });
  return done ? Result<void>() : fail(done.error());
}

void IndexJobs::put_back(const Job& job) {
  auto done = database_.write([&](store::Connection& connection) { return connection.execute(kPutBack, {job.document.text()}); });
  if (!done) stranded_.with([&](auto& ids) { ids.push_back(job.document); });
}

void IndexJobs::note_progress(const Job& job, std::int64_t pages) {
  auto done = database_.write([&](store::Connection& connection) {
    return connection.execute("UPDATE document SET pages_read = ? WHERE id = ?", {pages, job.document.text()});
  });
  if (done) tell(job.document);
}

void IndexJobs::watch(const DocumentId& document, std::function<bool()> changed) {
  if (!changed()) return;
  watchers_.with([&](auto& watchers) { watchers.emplace(document, std::move(changed)); });
}

void IndexJobs::tell(const DocumentId& document) {
  std::vector<std::function<bool()>> called;
  watchers_.with([&](auto& watchers) {
    const auto [begin, end] = watchers.equal_range(document);
    for (auto it = begin; it != end; ++it) called.push_back(std::move(it->second));
    watchers.erase(begin, end);
  });
  for (auto& changed : called) {
    if (!changed()) continue;
    watchers_.with([&](auto& watchers) { watchers.emplace(document, std::move(changed)); });
  }
}

}  // namespace sekisho::library
