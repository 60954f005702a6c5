#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "library/embed_job.h"
#include "main/models.h"
#include "main/office.h"
#include "model/local_engine.h"

namespace sekisho::main {

/// Search by meaning: one worker that embeds questions, and another, at the lowest priority, that gives the passages their vectors
/// while there are some without.
class Embedding {
 public:
  /// `name`: of the catalog, or a GGUF file; "none": nullptr; "": the catalog's own if it is in the cache, else nullptr.
  /// Errors: as resolve_model; kInvalid (the model is not for embeddings).
  [[nodiscard]] static Result<std::unique_ptr<Embedding>> open(const std::string& name, const Clock& clock);

  /// From now on `office` is searched by meaning too; to be called before anything is searched or read in. `office` must outlive this,
  /// and nobody may search any more when this ends. Errors: kUnavailable (database).
  [[nodiscard]] Result<void> serve(Office& office);

  [[nodiscard]] model::Engine& engine() { return *engine_; }
  [[nodiscard]] const std::string& name() const { return file_.name; }
  /// How far the passages are; only after serve().
  [[nodiscard]] Result<library::EmbedJobs::Progress> progress() { return jobs_->progress(); }

 private:
  Embedding(ModelFile file, std::string program, const Clock& clock) : file_(std::move(file)), program_(std::move(program)), clock_(clock) {}
  [[nodiscard]] Result<std::unique_ptr<model::Engine>> open_engine(int nice) const;

  const ModelFile file_;
  const std::string program_;
  const Clock& clock_;
  std::unique_ptr<model::Engine> engine_;
  std::unique_ptr<library::EmbedJobs> jobs_;
};

}  // namespace sekisho::main
