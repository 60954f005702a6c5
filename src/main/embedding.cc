#include "main/embedding.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/log.h"
#include "main/resources.h"

namespace sekisho::main {
namespace {

constexpr std::int64_t kQuestionTimeout_ms = 2'000;  ///< Words alone find too: better soon than by meaning.
constexpr int kNice = 19;
constexpr std::string_view kActor = "search";

}  // namespace

Result<std::unique_ptr<Embedding>> Embedding::open(const std::string& name, const Clock& clock) {
  if (name == "none") return nullptr;
  auto file = resolve_model(name.empty() ? "embedding" : name);
  if (!file && name.empty()) {
    log_warning("embedding.none", {{"detail", file.error().detail}});
    return nullptr;
  }
  if (!file) return fail(file.error());
  if (!file->embedding) return fail(ErrorCode::kInvalid, "--embedding: " + file->name + " is not a model for embeddings");
  auto program = find_program("sekisho-model");
  if (!program) return fail(program.error());
  std::unique_ptr<Embedding> embedding(new Embedding(*std::move(file), program->string(), clock));
  auto engine = embedding->open_engine(0);
  if (!engine) return fail(engine.error());
  embedding->engine_ = *std::move(engine);
  return embedding;
}

Result<std::unique_ptr<model::Engine>> Embedding::open_engine(int nice) const {
  model::LocalEngine::Options options;
  options.worker.program = program_;
  options.worker.load.context_tokens = file_.context_tokens;
  options.worker.load.sequences = 1;
  options.worker.load.embedding = true;
  options.worker.nice = nice;
  options.model_path = file_.path.string();
  options.model_sha256 = file_.sha256;
  auto opened = model::LocalEngine::open(std::move(options), clock_);
  if (!opened) return fail(opened.error());
  return std::unique_ptr<model::Engine>(*std::move(opened));
}

Result<void> Embedding::serve(Office& office) {
  auto used = office.search.use_vectors(file_.sha256, [this](std::string_view question) -> std::optional<std::vector<float>> {
    if (!engine_->info().ready) return std::nullopt;
    auto vectors = model::embed(*engine_, {.texts = {file_.query_prefix + std::string(question)}},
                                {.actor = std::string(kActor), .timeout_ms = kQuestionTimeout_ms});
    if (!vectors) log_warning("search.words_alone", {{"detail", vectors.error().detail}});
    if (!vectors || vectors->rows.size() != 1) return std::nullopt;
    return std::move(vectors->rows.front());
  });
  if (!used) return used;
  jobs_ = std::make_unique<library::EmbedJobs>(library::EmbedJobs::Options{.model = file_.sha256,
                                                                           .passage_prefix = file_.passage_prefix,
                                                                           .open_engine = [this] { return open_engine(kNice); }},
                                               *office.database, office.gate, office.search);
  jobs_->start();
  return {};
}

}  // namespace sekisho::main
