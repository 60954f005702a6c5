#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "gate/actor.h"

namespace sekisho::store {
class Blobs;
class Database;
}  // namespace sekisho::store
namespace sekisho::gate {
class Gate;
class Policy;
}  // namespace sekisho::gate
namespace sekisho::identity {
class Accounts;
class ApiKeys;
class Openings;
class RateLimiter;
class Sessions;
class SignIn;
}  // namespace sekisho::identity
namespace sekisho::library {
class Documents;
class PageImages;
class Shelves;
class IndexJobs;
}  // namespace sekisho::library
namespace sekisho::search {
class PassageSearch;
}
namespace sekisho::chat {
class ConversationList;
class ConversationSearch;
class Conversations;
class Ratings;
class Turns;
}  // namespace sekisho::chat
namespace sekisho::model {
class Engine;
}

namespace sekisho::api {

/// The rooms that the routes speak for, borrowed: `main` owns them and they outlive the server.
struct Context {
  const Clock& clock;
  const gate::Policy& policy;
  gate::Gate& gate;
  store::Database& database;
  store::Blobs& blobs;
  identity::Accounts& accounts;
  identity::Sessions& sessions;
  identity::SignIn& sign_in;
  identity::ApiKeys& api_keys;
  identity::RateLimiter& requests;
  identity::RateLimiter& questions;  ///< Of them, what the model is to answer.
  library::Shelves& shelves;
  library::Documents& documents;
  library::PageImages& page_images;
  library::IndexJobs& jobs;
  search::PassageSearch& search;
  chat::Conversations& conversations;
  chat::ConversationList& conversation_list;
  chat::ConversationSearch& conversation_search;
  chat::Turns& turns;
  chat::Ratings& ratings;
  identity::Openings* openings = nullptr;  ///< Always there while the server serves.
  /// The engines; nullptr where there is none of that kind (no model chosen, no embedding model).
  model::Engine* engine = nullptr;
  model::Engine* embedder = nullptr;

  std::string office_name;
  std::string model_name;   ///< Empty where no model is loaded.
  std::string model_title;  ///< What people read.
  std::string model_family;  ///< model::name_of its chat format.
  std::string embedder_name;
  bool secure_cookies = false;            ///< Over TLS.
  std::function<Json()> models;           ///< The catalog and what is installed.
  /// What an operator does about models ("list", "fetch", "verify", "choose") and the state after it (main/model_desk.h).
  std::function<Result<Json>(const gate::Actor& actor, std::string_view act, const std::string& name)> model_desk;
  std::string audit_folder;               ///< The log that auditors read.
  std::function<Json()> storage;          ///< What the data folder holds, in bytes.
  std::function<Json()> health;           ///< What `doctor` says.
};

}  // namespace sekisho::api
