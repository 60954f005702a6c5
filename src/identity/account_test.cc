#include "identity/account.h"

#include <atomic>
#include <thread>

#include "identity/session.h"
#include "identity/test_office.h"

namespace sekisho::identity {
namespace {

class AccountsTest : public Office {};

TEST_F(AccountsTest, KeepsAnAccountAsItWasMade) {
  const UserId id = add_yamada();
  const Account account = accounts_.find("YAMADA").value();
  EXPECT_EQ(account.id, id);
  EXPECT_EQ(account.name, "yamada");
  EXPECT_EQ(account.display_name, "山田 花子");
  EXPECT_EQ(account.roles, gate::Roles{gate::Role::kOfficial});
  EXPECT_EQ(account.clearance, gate::Level{1});
  EXPECT_EQ(account.groups, std::vector<std::string>{"総務課"});
  EXPECT_TRUE(account.has_password);
  EXPECT_FALSE(account.suspended);
  EXPECT_EQ(account.created_ms, clock_.wall_ms());
  EXPECT_EQ(accounts_.get(id).value().name, "yamada");
  EXPECT_EQ(accounts_.list().value().size(), 1U);
}

TEST_F(AccountsTest, NeverStoresThePassword) {
  add_yamada();
  EXPECT_EQ(count("account WHERE password_hash LIKE '$argon2id$%'"), 1);
  EXPECT_EQ(count("account WHERE password_hash LIKE '%みなと町%'"), 0);
}

TEST_F(AccountsTest, RefusesWhatIsNotAnAccount) {
  const auto code = [&](const NewAccount& account, std::string_view password = kPassword) { return accounts_.create(by_, account, password).error().code; };
  NewAccount account = yamada();
  for (const std::string& name : {std::string(), std::string("山田"), std::string("a b"), std::string(65, 'a'), std::string("x;--")}) {
    account.name = name;
    EXPECT_EQ(code(account), ErrorCode::kInvalid) << name;
  }
  account = yamada();
  for (const char* name : {"", " 山田", "山\n田", "\xff"}) {
    account.display_name = name;
    EXPECT_EQ(code(account), ErrorCode::kInvalid) << name;
  }
  account = yamada();
  account.groups = {"ない課"};
  EXPECT_EQ(code(account), ErrorCode::kInvalid);
  account = yamada();
  account.roles = {};
  EXPECT_EQ(code(account), ErrorCode::kInvalid);
  account = yamada();
  account.clearance = gate::Level{9};
  EXPECT_EQ(code(account), ErrorCode::kInvalid);
  EXPECT_EQ(count("account"), 0);
  EXPECT_TRUE(entries("account.created").empty());
}

TEST_F(AccountsTest, TakesANameOnce) {
  add_yamada();
  NewAccount again = yamada();
  again.name = "Yamada";
  EXPECT_EQ(accounts_.create(by_, again, kPassword).error().code, ErrorCode::kConflict);
}

TEST_F(AccountsTest, RefusesAWeakPassword) {
  for (const std::string& weak : {std::string(), std::string("short"), std::string(20, 'a'), std::string("みなと町の海は今日も青"), std::string(2000, 'x') + "abcde",
                                  std::string("abcdefghijkl\xff")}) {
    EXPECT_EQ(accounts_.create(by_, yamada(), weak).error().code, ErrorCode::kInvalid) << weak;
  }
  EXPECT_TRUE(accounts_.create(by_, yamada(), "十二文字以上の合言葉である"));
}

TEST_F(AccountsTest, ChecksAPasswordWithOneAnswerForEveryFailure) {
  const UserId id = add_yamada();
  EXPECT_EQ(accounts_.check_password("Yamada", kPassword).value(), id);
  NewAccount suspended = yamada();
  suspended.name = "suzuki";
  const UserId suzuki = accounts_.create(by_, suspended, kPassword).value();
  ASSERT_TRUE(accounts_.set_suspended(by_, suzuki, true));
  NewAccount without = yamada();
  without.name = "sato";
  ASSERT_TRUE(accounts_.create(by_, without, std::nullopt));
  const Error wrong = accounts_.check_password("yamada", "wrong").error();
  EXPECT_EQ(wrong.code, ErrorCode::kUnauthorized);
  for (const auto& [name, password] : std::vector<std::pair<std::string, std::string>>{
           {"nobody", kPassword}, {"suzuki", kPassword}, {"sato", kPassword}, {"sato", ""}, {"", ""}, {"yamada", std::string(5000, 'x')}}) {
    const Error error = accounts_.check_password(name, password).error();
    EXPECT_EQ(error.code, wrong.code) << name;
    EXPECT_EQ(error.detail, wrong.detail) << name;
  }
}

TEST_F(AccountsTest, RecordsEveryChangeWithWhoMadeIt) {
  const UserId id = add_yamada();
  ASSERT_TRUE(accounts_.set_suspended(by_, id, true));
  ASSERT_TRUE(accounts_.set_suspended(by_, id, false));
  ASSERT_TRUE(accounts_.set_roles(by_, id, {gate::Role::kOfficial, gate::Role::kAuthor}));
  ASSERT_TRUE(accounts_.set_clearance(by_, id, gate::Level{2}));
  ASSERT_TRUE(accounts_.set_groups(by_, id, {"財政課", "係長以上", "財政課"}));
  ASSERT_TRUE(accounts_.set_password(by_, id, "まったく新しい合言葉であります"));
  for (const char* kind : {"account.created", "account.suspended", "account.resumed", "account.roles_set", "account.clearance_set", "account.groups_set",
                           "account.password_set"}) {
    const auto found = entries(kind);
    ASSERT_EQ(found.size(), 1U) << kind;
    EXPECT_EQ(found[0].actor_name, "root");
    EXPECT_EQ(found[0].subjects, std::vector<std::string>{id.text()});
    EXPECT_EQ(Json(found[0].details).dump().find("合言葉"), std::string::npos);
  }
  const Account account = accounts_.get(id).value();
  EXPECT_EQ(account.clearance, gate::Level{2});
  EXPECT_EQ(account.groups, (std::vector<std::string>{"係長以上", "財政課"}));
  EXPECT_TRUE(account.roles.has(gate::Role::kAuthor));
}

TEST_F(AccountsTest, ChangesNothingWhenTheLogCannotBeWritten) {
  const UserId id = add_yamada();
  {
    const store::FileSizeLimit limit(std::filesystem::file_size(folder_ / "audit" / "00000000000000000001.jsonl") + 10);
    EXPECT_EQ(accounts_.set_clearance(by_, id, gate::Level{2}).error().code, ErrorCode::kUnavailable);
  }
  EXPECT_EQ(accounts_.get(id).value().clearance, gate::Level{1});
}

TEST_F(AccountsTest, SaysThatAnAccountIsNotThere) {
  const UserId nobody = UserId::random();
  EXPECT_EQ(accounts_.set_suspended(by_, nobody, true).error().code, ErrorCode::kDenied);
  EXPECT_EQ(accounts_.set_groups(by_, nobody, {}).error().code, ErrorCode::kDenied);
  EXPECT_EQ(accounts_.find("nobody").error().code, ErrorCode::kDenied);
  EXPECT_EQ(accounts_.get(nobody).error().code, ErrorCode::kDenied);
}

TEST_F(AccountsTest, NamesGroupsOnceAndPlainly) {
  EXPECT_EQ(accounts_.groups().value(), (std::vector<std::string>{"係長以上", "総務課", "財政課"}));
  EXPECT_EQ(accounts_.add_group(by_, "総務課").error().code, ErrorCode::kConflict);
  for (const char* name : {"", "総務課、財政課", "a,b", " 総務課", "総務課　", "\t"}) EXPECT_EQ(accounts_.add_group(by_, name).error().code, ErrorCode::kInvalid) << name;
}

class SetupTest : public Office {
 protected:
  NewAccount administrator() const {
    return {.name = "kanri", .display_name = "管理者", .roles = {gate::Role::kOperator, gate::Role::kOfficial}, .clearance = policy_.highest(), .groups = {}};
  }
  static constexpr std::int64_t kHour_ms = 3'600'000;
};

TEST_F(SetupTest, MakesTheFirstAdministratorThroughALinkThatWorksOnce) {
  const std::string token = accounts_.begin_setup(administrator(), kHour_ms).value();
  EXPECT_EQ(accounts_.check_password("kanri", "").error().code, ErrorCode::kUnauthorized) << "no default password";
  EXPECT_EQ(accounts_.redeem_link(token, "短い").error().code, ErrorCode::kInvalid) << "and the link stays good";
  const UserId id = accounts_.redeem_link(token, kPassword).value();
  EXPECT_EQ(accounts_.check_password("kanri", kPassword).value(), id);
  EXPECT_EQ(accounts_.redeem_link(token, kPassword).error().code, ErrorCode::kDenied);
  EXPECT_EQ(accounts_.begin_setup(administrator(), kHour_ms).error().code, ErrorCode::kConflict);
  EXPECT_EQ(entries("account.link_used").size(), 1U);
}

TEST_F(SetupTest, StoresOnlyTheHashOfALink) {
  const std::string token = accounts_.begin_setup(administrator(), kHour_ms).value();
  EXPECT_EQ(count("password_link WHERE token_sha256 = '" + token + "'"), 0);
  EXPECT_EQ(count("password_link"), 1);
}

TEST_F(SetupTest, ReplacesALinkThatWasNotUsed) {
  const std::string first = accounts_.begin_setup(administrator(), kHour_ms).value();
  const std::string second = accounts_.begin_setup(administrator(), kHour_ms).value();
  EXPECT_EQ(count("account"), 1);
  EXPECT_EQ(accounts_.redeem_link(first, kPassword).error().code, ErrorCode::kDenied);
  EXPECT_TRUE(accounts_.redeem_link(second, kPassword));
}

TEST_F(SetupTest, LetsALinkExpire) {
  const std::string token = accounts_.begin_setup(administrator(), kHour_ms).value();
  clock_.advance_ms(kHour_ms);
  EXPECT_EQ(accounts_.redeem_link(token, kPassword).error().code, ErrorCode::kDenied);
}

TEST_F(SetupTest, LetsOneOfTwoUseALink) {
  const std::string token = accounts_.begin_setup(administrator(), kHour_ms).value();
  std::atomic<int> used = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      if (accounts_.redeem_link(token, kPassword)) ++used;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(used, 1);
}

TEST_F(SetupTest, DoesNotTouchAnAccountThatHasAPassword) {
  add_yamada();
  NewAccount taken = administrator();
  taken.name = "yamada";
  EXPECT_EQ(accounts_.begin_setup(taken, kHour_ms).error().code, ErrorCode::kConflict);
}

TEST_F(SetupTest, GivesAForgottenPasswordANewLinkAndEndsSessions) {
  const UserId id = add_yamada();
  Sessions sessions(*database_, policy_, clock_);
  const NewSession session = sessions.begin(id).value();
  const std::string token = accounts_.password_link(by_, id, kHour_ms).value();
  EXPECT_TRUE(sessions.resolve(session.token)) << "making a link changes nothing yet";
  ASSERT_TRUE(accounts_.redeem_link(token, "新しい合言葉は誰にも言わない"));
  EXPECT_EQ(sessions.resolve(session.token).error().code, ErrorCode::kUnauthorized);
  EXPECT_FALSE(accounts_.check_password("yamada", kPassword));
}

}  // namespace
}  // namespace sekisho::identity
