#pragma once

#include <string>

#include "api/context.h"
#include "chat/claim_check.h"
#include "chat/turn.h"
#include "identity/rate_limit.h"
#include "main/office.h"
#include "model/engine.h"

namespace sekisho::main {

/// Refuses every request: in place of an engine where none was chosen.
class NoEngine final : public model::Engine {
 public:
  Result<model::RequestId> start(model::Request request, model::Listener listener) override;
  void taken(model::RequestId, std::int64_t) override {}
  void cancel(model::RequestId) override {}
  void forget(const std::string&) override {}
  model::EngineInfo info() const override { return {}; }
};

/// What stands between an open office and its routes: turns, limits of rate, and the context that the routes speak for. The server
/// and proof G1 (tests/proof/twin_worlds.cc) are put together here alike, so that what is proved is what runs.
///
/// Threads: as the parts say.
class Composition {
 public:
  /// `office`, `engine` and `embedder` outlive it; nullptr: none of that kind. `model` says nothing where there is no engine.
  Composition(Office& office, chat::AnsweringModel model, model::Engine* engine, model::Engine* embedder, std::string embedder_name);
  Composition(const Composition&) = delete;
  Composition& operator=(const Composition&) = delete;

  /// For the routes; whoever serves adds what it alone knows (cookies over TLS, health, storage, models).
  [[nodiscard]] api::Context& context() { return context_; }
  [[nodiscard]] chat::Turns& turns() { return turns_; }
  [[nodiscard]] const chat::AnsweringModel& model() const { return model_; }
  /// The engine that answers, or the one that refuses.
  [[nodiscard]] model::Engine& engine() { return engine_; }

 private:
  NoEngine no_engine_;
  const chat::AnsweringModel model_;
  model::Engine& engine_;
  const chat::ClaimChecker checker_;
  chat::Turns turns_;
  identity::RateLimiter requests_;
  identity::RateLimiter questions_;
  api::Context context_;
};

}  // namespace sekisho::main
