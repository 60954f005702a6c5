#include "api/account_json.h"

#include <utility>

#include "api/respond.h"

namespace sekisho::api {

Json account_json(const identity::Account& account) {
  Json::Array roles;
  for (const gate::Role role : account.roles.list()) roles.emplace_back(gate::name_of(role));
  return Json::object({{"id", account.id.text()},
                       {"name", account.name},
                       {"display_name", account.display_name},
                       {"roles", Json::array(std::move(roles))},
                       {"clearance", level_number(account.clearance)},
                       {"groups", texts_json(account.groups)},
                       {"suspended", account.suspended},
                       {"created_ms", account.created_ms}});
}

Result<gate::Roles> roles_named(const std::vector<std::string>& names) {
  gate::Roles roles;
  for (const std::string& name : names) {
    auto role = gate::role_named(name);
    if (!role) return fail(role.error());
    roles.add(*role);
  }
  return roles;
}

}  // namespace sekisho::api
