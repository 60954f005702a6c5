#include "identity/sign_in.h"

#include <string>
#include <utility>

#include "identity/account_rows.h"
#include "text/utf8.h"

namespace sekisho::identity {
namespace {

constexpr std::size_t kKeyBytes = 128;  ///< Of a name or address, in the limiters' memory.

std::string key_of(std::string_view text) { return lower_case(text.substr(0, kKeyBytes)); }

std::string pair_of(std::string_view name, std::string_view address) { return key_of(name) + '\n' + key_of(address); }

}  // namespace

SignIn::SignIn(Accounts& accounts, Sessions& sessions, audit::Chain& chain, const gate::Policy& policy, const Clock& clock)
    : accounts_(accounts),
      sessions_(sessions),
      chain_(chain),
      per_pair_([&policy] { return policy.rates().sign_in_per_account_and_address; }, clock),
      per_account_([&policy] { return policy.rates().sign_in_per_account; }, clock),
      per_address_([&policy] { return policy.rates().sign_in_per_address; }, clock) {}

Result<void> SignIn::take(std::string_view name, std::string_view address) {
  if (Result<void> taken = per_address_.take(key_of(address)); !taken) return taken;
  if (Result<void> taken = per_pair_.take(pair_of(name, address)); !taken) return taken;
  return per_account_.take(key_of(name));
}

Result<NewSession> SignIn::with_password(std::string_view name, std::string_view password, std::string_view address) {
  if (Result<void> taken = take(name, address); !taken) return fail(taken.error());
  const Result<UserId> user = accounts_.check_password(name, password);
  if (!user && user.error().code != ErrorCode::kUnauthorized) return fail(user.error());

  // People type passwords into the wrong field: only the name of an account goes into the log.
  const Result<Account> account = accounts_.find(name);
  audit::Entry entry{.kind = "sign_in", .outcome = user ? audit::Outcome::kAllowed : audit::Outcome::kDenied};
  entry.details = Json::object({{"address", text::first_characters(address, kKeyBytes)}});
  if (account) {
    entry.actor_id = account->id.text();
    entry.actor_name = account->name;
  }
  if (Result<audit::EntryReceipt> recorded = chain_.append(std::move(entry)); !recorded) return fail(recorded.error());
  if (!user) return fail(user.error());

  // Only failures count: a whole office signs in from one address in the morning.
  per_pair_.forget(pair_of(name, address));
  per_account_.refund(key_of(name));
  per_address_.refund(key_of(address));
  return sessions_.begin(*user);
}

}  // namespace sekisho::identity
