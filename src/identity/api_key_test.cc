#include "identity/api_key.h"

#include "identity/test_office.h"

namespace sekisho::identity {
namespace {

class ApiKeysTest : public Office {
 protected:
  const UserId user_ = add_yamada();
  ApiKeys keys_{*database_, *chain_, policy_, clock_};
};

TEST_F(ApiKeysTest, ActForTheirOwner) {
  const IssuedApiKey issued = keys_.create(by_, user_, {.name = "夜間の集計"}).value();
  EXPECT_TRUE(issued.secret.starts_with("sk-sekisho-"));
  const gate::Actor actor = keys_.resolve(issued.secret).value();
  EXPECT_EQ(actor.id, user_);
  EXPECT_EQ(actor.key, issued.id);
  EXPECT_EQ(actor.credential, gate::Credential::kApiKey);
  EXPECT_EQ(actor.groups, std::vector<std::string>{"総務課"});
  EXPECT_FALSE(actor.bound_shelves);
}

TEST_F(ApiKeysTest, AreShownOnceAndStoredAsAHash) {
  const IssuedApiKey issued = keys_.create(by_, user_, {.name = "集計"}).value();
  EXPECT_EQ(count("api_key WHERE secret_sha256 LIKE '%sk-sekisho%'"), 0);
  const std::vector<ApiKey> listed = keys_.list(user_).value();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].name, "集計");
  EXPECT_EQ(listed[0].hint, issued.secret.substr(issued.secret.size() - 4));
  const auto recorded = entries("api_key.created");
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_EQ(recorded[0].details.dump().find(issued.secret), std::string::npos);
}

TEST_F(ApiKeysTest, AreBoundToTheirShelves) {
  const ShelfId shelf = ShelfId::random();
  const IssuedApiKey bound = keys_.create(by_, user_, {.name = "一つの書架", .shelves = std::vector{shelf}}).value();
  const IssuedApiKey none = keys_.create(by_, user_, {.name = "書架なし", .shelves = std::vector<ShelfId>{}}).value();
  EXPECT_TRUE(keys_.resolve(bound.secret).value().may_use_shelf(shelf));
  EXPECT_FALSE(keys_.resolve(bound.secret).value().may_use_shelf(ShelfId::random()));
  EXPECT_FALSE(keys_.resolve(none.secret).value().may_use_shelf(shelf));
}

TEST_F(ApiKeysTest, ReachNoShelfWhenTheirBoundCannotBeRead) {
  const IssuedApiKey issued = keys_.create(by_, user_, {.name = "集計", .shelves = std::vector{ShelfId::random()}}).value();
  ASSERT_TRUE(database_->write([](store::Connection& c) { return c.execute("UPDATE api_key SET shelves = 'broken'"); }));
  EXPECT_FALSE(keys_.resolve(issued.secret).value().may_use_shelf(ShelfId::random()));
}

TEST_F(ApiKeysTest, StopAtTheNextRequest) {
  const IssuedApiKey issued = keys_.create(by_, user_, {.name = "集計"}).value();
  ASSERT_TRUE(accounts_.set_suspended(by_, user_, true));
  EXPECT_EQ(keys_.resolve(issued.secret).error().code, ErrorCode::kUnauthorized);
  ASSERT_TRUE(accounts_.set_suspended(by_, user_, false));
  EXPECT_TRUE(keys_.resolve(issued.secret));
  ASSERT_TRUE(keys_.revoke(by_, user_, issued.id));
  EXPECT_EQ(keys_.resolve(issued.secret).error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(entries("api_key.revoked").size(), 1U);
}

TEST_F(ApiKeysTest, Expire) {
  const IssuedApiKey issued = keys_.create(by_, user_, {.name = "集計", .expires_ms = clock_.wall_ms() + 1000}).value();
  clock_.advance_ms(999);
  EXPECT_TRUE(keys_.resolve(issued.secret));
  clock_.advance_ms(1);
  EXPECT_EQ(keys_.resolve(issued.secret).error().code, ErrorCode::kUnauthorized);
}

TEST_F(ApiKeysTest, AreRevokedByTheirOwnerOnly) {
  const IssuedApiKey issued = keys_.create(by_, user_, {.name = "集計"}).value();
  EXPECT_EQ(keys_.revoke(by_, UserId::random(), issued.id).error().code, ErrorCode::kDenied);
  EXPECT_TRUE(keys_.resolve(issued.secret));
}

TEST_F(ApiKeysTest, AreLimitedInNumber) {
  for (std::size_t i = 0; i < limits::kApiKeysPerOwner; ++i) ASSERT_TRUE(keys_.create(by_, user_, {.name = "集計"})) << i;
  EXPECT_EQ(keys_.create(by_, user_, {.name = "集計"}).error().code, ErrorCode::kTooLarge);
}

TEST_F(ApiKeysTest, RefuseWrongInput) {
  EXPECT_EQ(keys_.create(by_, UserId::random(), {.name = "集計"}).error().code, ErrorCode::kDenied);
  EXPECT_EQ(keys_.create(by_, user_, {.name = ""}).error().code, ErrorCode::kInvalid);
  for (const char* secret : {"", "sk-sekisho-", "sk-sekisho-wrong", "sk-other"}) {
    EXPECT_EQ(keys_.resolve(secret).error().code, ErrorCode::kUnauthorized) << secret;
  }
}

}  // namespace
}  // namespace sekisho::identity
