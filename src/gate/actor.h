#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "gate/label.h"

namespace sekisho::gate {

enum class Role : std::uint8_t {
  kOfficial = 1,  ///< 職員: asks, reads what the labels admit.
  kAuthor = 2,    ///< 作成者: makes shelves and assistants, uploads.
  kOperator = 4,  ///< 運用: accounts, engines, settings; reads no content by that right.
  kAuditor = 8,   ///< 監査: reads the audit log.
};
/// "official", "author", "operator", "auditor".
[[nodiscard]] std::string_view name_of(Role role);
/// Takes the English name or 職員, 作成者, 運用, 監査. Errors: kInvalid.
[[nodiscard]] Result<Role> role_named(std::string_view name);

/// A set of roles.
class Roles {
 public:
  Roles() = default;
  Roles(std::initializer_list<Role> roles) {
    for (const Role role : roles) add(role);
  }
  void add(Role role) { bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(role)); }
  [[nodiscard]] bool has(Role role) const { return (bits_ & static_cast<std::uint8_t>(role)) != 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }
  [[nodiscard]] std::vector<Role> list() const;
  bool operator==(const Roles&) const = default;

 private:
  std::uint8_t bits_ = 0;
};

enum class Credential {
  kSession,   ///< A person at the page.
  kApiKey,    ///< A program with a key.
  kLocalCli,  ///< The operator's shell on the server's own machine (`sekisho admin …`).
};
[[nodiscard]] std::string_view name_of(Credential credential);

/// Who asks, as the database knows them at this request: read anew for each, so that a change holds at once.
struct Actor {
  UserId id;
  std::string name;
  std::string display_name;
  Roles roles;
  Level clearance;
  std::vector<std::string> groups;  ///< Sorted.
  Credential credential = Credential::kSession;
  KeyId key;                                        ///< With kApiKey.
  std::optional<std::vector<ShelfId>> bound_shelves;  ///< A key that may use these shelves only; nothing: no bound.

  [[nodiscard]] bool may_use_shelf(const ShelfId& shelf) const;
  /// The operator at the server's own shell: every role, the level given, no groups.
  [[nodiscard]] static Actor local_operator(std::string system_user, Level clearance);
};

}  // namespace sekisho::gate
