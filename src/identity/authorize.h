#pragma once

#include <optional>

#include "base/result.h"
#include "gate/actor.h"

namespace sekisho::identity {

/// Who a route is for.
enum class Audience {
  kPublic,    ///< Anyone, signed in or not (sign-in itself, the page's files, health).
  kSignedIn,  ///< Any account.
  kOfficial,
  kAuthor,
  kOperator,
  kAuditor,
};

/// With what one may come.
enum class Credentials {
  kAny,
  kSessionOnly,  ///< A person at the page: passwords, making keys.
};

/// What a route declares. Has no default: a route without a declared policy does not compile.
struct RoutePolicy {
  constexpr explicit RoutePolicy(Audience who, Credentials with = Credentials::kAny) : audience(who), credentials(with) {}
  Audience audience;
  Credentials credentials;
};

inline constexpr RoutePolicy kPublic{Audience::kPublic};
inline constexpr RoutePolicy kSignedIn{Audience::kSignedIn};
inline constexpr RoutePolicy kOfficial{Audience::kOfficial};
inline constexpr RoutePolicy kAuthor{Audience::kAuthor};
inline constexpr RoutePolicy kOperator{Audience::kOperator};
inline constexpr RoutePolicy kAuditor{Audience::kAuditor};
inline constexpr RoutePolicy kOwnAccount{Audience::kSignedIn, Credentials::kSessionOnly};

/// The one function that decides whether a request may reach its route. Pure.
/// What it may then see is decided by labels (gate) and ownership. A key that is bound to shelves has its owner's rights as an official alone.
/// Errors: kUnauthorized (nobody is known), kDenied.
[[nodiscard]] Result<void> authorize(const std::optional<gate::Actor>& actor, RoutePolicy policy);

}  // namespace sekisho::identity
