#include "gate/actor.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sekisho::gate {
namespace {

struct RoleName {
  Role role;
  std::string_view english;
  std::string_view japanese;
};
constexpr std::array<RoleName, 4> kRoles = {{{Role::kOfficial, "official", "職員"},
                                             {Role::kAuthor, "author", "作成者"},
                                             {Role::kOperator, "operator", "運用"},
                                             {Role::kAuditor, "auditor", "監査"}}};

}  // namespace

std::string_view name_of(Role role) {
  const auto found = std::find_if(kRoles.begin(), kRoles.end(), [&](const RoleName& name) { return name.role == role; });
  return found == kRoles.end() ? "official" : found->english;
}

Result<Role> role_named(std::string_view name) {
  for (const RoleName& role : kRoles) {
    if (name == role.english || name == role.japanese) return role.role;
  }
  return fail(ErrorCode::kInvalid, "role: official (職員), author (作成者), operator (運用) or auditor (監査)");
}

std::vector<Role> Roles::list() const {
  std::vector<Role> roles;
  for (const RoleName& name : kRoles) {
    if (has(name.role)) roles.push_back(name.role);
  }
  return roles;
}

std::string_view name_of(Credential credential) {
  switch (credential) {
    case Credential::kSession: return "session";
    case Credential::kApiKey: return "api_key";
    case Credential::kLocalCli: return "local_cli";
  }
  return "session";
}

bool Actor::may_use_shelf(const ShelfId& shelf) const {
  return !bound_shelves || std::find(bound_shelves->begin(), bound_shelves->end(), shelf) != bound_shelves->end();
}

Actor Actor::local_operator(std::string system_user, Level clearance) {
  Actor actor;
  actor.name = std::move(system_user);
  actor.display_name = actor.name;
  actor.roles = {Role::kOfficial, Role::kAuthor, Role::kOperator, Role::kAuditor};
  actor.clearance = clearance;
  actor.credential = Credential::kLocalCli;
  return actor;
}

}  // namespace sekisho::gate
