#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "gate/actor.h"
#include "identity/account.h"

namespace sekisho::api {

/// An account as the operator sees it: nothing of how it signs in.
[[nodiscard]] Json account_json(const identity::Account& account);
/// Errors: kInvalid.
[[nodiscard]] Result<gate::Roles> roles_named(const std::vector<std::string>& names);

}  // namespace sekisho::api
