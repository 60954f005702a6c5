#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "audit/chain.h"
#include "audit/verify.h"
#include "base/clock.h"
#include "crypto/password.h"
#include "gate/policy.h"
#include "identity/account.h"
#include "store/database.h"
#include "store/migrate.h"
#include "store/test_folder.h"

namespace sekisho::identity {

/// A database, a log and a policy, with three groups; for tests alone. Passwords are hashed cheaply.
class Office : public testing::Test {
 protected:
  Office() {
    EXPECT_TRUE(store::migrate(*database_, folder_ / "backup"));
    for (const char* group : {"総務課", "財政課", "係長以上"}) EXPECT_TRUE(accounts_.add_group(by_, group));
  }
  NewAccount yamada() const {
    return {.name = "yamada", .display_name = "山田 花子", .roles = {gate::Role::kOfficial}, .clearance = gate::Level{1}, .groups = {"総務課"}};
  }
  UserId add_yamada() { return accounts_.create(by_, yamada(), kPassword).value(); }
  std::vector<audit::Entry> entries(const std::string& kind) const {
    std::vector<audit::Entry> found;
    EXPECT_TRUE(audit::for_each_entry(folder_ / "audit", [&](const audit::ReadLine& line) {
      if (line.entry.kind == kind) found.push_back(line.entry);
      return true;
    }));
    return found;
  }
  std::int64_t count(const std::string& from) {
    return database_->read([&](store::Connection& c) { return c.query("SELECT count(*) FROM " + from); }).value()[0].integer(0);
  }

  static constexpr const char* kPassword = "みなと町の海は今日も青い";
  static constexpr crypto::PasswordCost kCheap{.passes = 1, .memory_bytes = 64UL * 1024};
  FakeClock clock_;
  const store::TestFolder folder_{store::TestFolder::On::kMemory};
  const gate::Policy policy_ = gate::Policy::load(std::string(SEKISHO_SOURCE_DIR) + "/policies/ministry.toml").value();
  const std::unique_ptr<store::Database> database_ = store::Database::open(folder_ / "db").value();
  const std::unique_ptr<audit::Chain> chain_ = audit::Chain::open(folder_ / "audit", clock_).value();
  const gate::Actor by_ = gate::Actor::local_operator("root", policy_.highest());
  Accounts accounts_{*database_, *chain_, policy_, clock_, kCheap};
};

}  // namespace sekisho::identity
