#include "main/composition.h"

#include <utility>

namespace sekisho::main {

Result<model::RequestId> NoEngine::start(model::Request, model::Listener) {
  return fail(ErrorCode::kUnavailable, "the server was started without a model");
}

Composition::Composition(Office& office, chat::AnsweringModel model, model::Engine* engine, model::Engine* embedder, std::string embedder_name)
    : model_(std::move(model)),
      engine_(engine != nullptr ? *engine : no_engine_),
      checker_(*office.analyser),
      turns_(chat::TurnParts{office.clock, office.gate, office.search, office.conversations, engine_, model_, checker_, office.contents.get()}),
      requests_([&office] { return office.policy.rates().requests_per_actor; }, office.clock),
      questions_([&office] { return office.policy.rates().turns_per_actor; }, office.clock),
      context_{office.clock,       office.policy,        office.gate,          *office.database,         *office.blobs,
               office.accounts,    office.sessions,      office.sign_in,       office.api_keys,          requests_,
               questions_,         office.shelves,       office.documents,     office.page_images,       office.jobs,
               office.search,      office.conversations, office.conversation_list, office.conversation_search, turns_,
               office.ratings} {
  context_.openings = &office.openings;
  context_.engine = engine;
  context_.embedder = embedder;
  context_.embedder_name = std::move(embedder_name);
  context_.office_name = office.name();
  context_.model_name = model_.name;
  context_.model_title = model_.title;
  context_.model_family = model::name_of(model_.family);
  context_.audit_folder = office.folder() / "audit";
}

}  // namespace sekisho::main
