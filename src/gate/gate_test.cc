#include "gate/gate.h"

#include <fstream>
#include <type_traits>

#include <gtest/gtest.h>

#include "audit/verify.h"
#include "gate/labeled.h"
#include "store/test_folder.h"
#include "gate/personal.h"

namespace sekisho::gate {
namespace {

static_assert(!std::is_default_constructible_v<Permit> && !std::is_copy_constructible_v<Permit> && !std::is_copy_assignable_v<Permit>);
static_assert(!std::is_constructible_v<Permit, PermitId, Label, std::vector<Destination>, audit::EntryReceipt>, "only the gate makes one");
static_assert(std::is_move_constructible_v<Permit>);

class GateTest : public testing::Test {
 protected:
  Actor actor_of(Level clearance, std::vector<std::string> groups, Credential credential = Credential::kSession) {
    Actor actor;
    actor.id = UserId::random();
    actor.name = "yamada";
    actor.clearance = clearance;
    actor.groups = std::move(groups);
    actor.credential = credential;
    return actor;
  }
  std::vector<audit::ReadLine> entries() {
    std::vector<audit::ReadLine> all;
    EXPECT_TRUE(audit::for_each_entry(folder_.path(), [&](const audit::ReadLine& line) {
      all.push_back(line);
      return true;
    }));
    return all;
  }
  const FakeClock clock_;
  const store::TestFolder folder_;
  const Policy policy_ = Policy::load(std::filesystem::path(SEKISHO_SOURCE_DIR) / "policies/ministry.toml").value();
  const std::unique_ptr<audit::Chain> chain_ = audit::Chain::open(folder_.path(), clock_).value();
  Gate gate_{policy_, *chain_};
  const Label secret_{Level{2}, {{"総務課"}}};
};

TEST(PersonalGroup, AdmitsItsPersonWithinTheirClearanceAndNobodyElse) {
  Actor owner, other;
  owner.id = UserId::random();
  other.id = UserId::random();
  owner.clearance = other.clearance = Level{1};
  owner.groups = other.groups = {"総務課"};
  const Label own(Level{1}, {{personal_group(owner.id)}});
  EXPECT_TRUE(may_read(owner, own));
  EXPECT_FALSE(may_read(other, own));
  EXPECT_FALSE(may_read(Actor::local_operator("root", Level{2}), own));
  EXPECT_FALSE(may_read(owner, Label(Level{2}, {{personal_group(owner.id)}})));
  EXPECT_FALSE(may_read(owner, join(own, Label(Level{1}, {{personal_group(other.id)}}))));
  EXPECT_TRUE(may_read(owner, join(own, Label(Level{0}, {{"総務課", "財政課"}}))));
}

TEST_F(GateTest, RecordsAReleaseBeforeThePermitExists) {
  const Actor actor = actor_of(Level{2}, {"総務課"});
  const Purpose purpose{.what = "answer", .subjects = {"turn-1"}, .facts = Json::object({{"passages", 3}})};
  const Result<Permit> permit = gate_.admit(actor, secret_, {Destination::local_engine(), Destination::screen()}, purpose);
  ASSERT_TRUE(permit) << permit.error().detail;
  const auto recorded = entries();
  ASSERT_EQ(recorded.size(), 2U);
  EXPECT_EQ(recorded[1].sequence, permit->receipt().sequence);
  EXPECT_EQ(recorded[1].hash, permit->receipt().hash);
  const audit::Entry& entry = recorded[1].entry;
  EXPECT_EQ(entry.kind, "release.answer");
  EXPECT_EQ(entry.outcome, audit::Outcome::kAllowed);
  EXPECT_EQ(entry.actor_id, actor.id.text());
  EXPECT_EQ(entry.subjects, std::vector<std::string>{"turn-1"});
  EXPECT_EQ(entry.label, (audit::EntryLabel{"機密性3", {{"総務課"}}}));
  EXPECT_EQ(entry.details.text_or("permit"), permit->id().text());
  EXPECT_EQ(entry.details.find("destinations")->dump(), R"(["engine.local","screen"])");
  EXPECT_EQ(entry.details.find("facts")->int_or("passages"), 3);
  EXPECT_TRUE(permit->is_for(Destination::screen()));
  EXPECT_FALSE(permit->is_for(Destination::exported()));
}

TEST_F(GateTest, RecordsARefusalWithItsReasonAndTellsTheAskerNone) {
  const Result<Permit> permit = gate_.admit(actor_of(Level{2}, {"財政課"}), secret_, Destination::screen(), {.what = "passages"});
  ASSERT_FALSE(permit);
  EXPECT_EQ(permit.error().code, ErrorCode::kDenied);
  EXPECT_EQ(permit.error().detail.find("reader"), std::string::npos);
  const audit::Entry entry = entries().back().entry;
  EXPECT_EQ(entry.kind, "release.passages");
  EXPECT_EQ(entry.outcome, audit::Outcome::kDenied);
  EXPECT_EQ(entry.details.text_or("refusal"), "readers");
  EXPECT_EQ(entry.details.find("permit"), nullptr);
}

TEST_F(GateTest, GivesTheSameErrorForEveryRefusal) {
  const auto detail = [&](const Actor& actor, const Label& label, Destination to) { return gate_.admit(actor, label, std::move(to), {.what = "answer"}).error().detail; };
  const std::string clearance = detail(actor_of(Level{0}, {"総務課"}), secret_, Destination::screen());
  EXPECT_EQ(detail(actor_of(Level{2}, {}), secret_, Destination::screen()), clearance);
  EXPECT_EQ(detail(actor_of(Level{2}, {"総務課"}), secret_, Destination::exported()), clearance);
}

TEST_F(GateTest, GivesNoPermitWhenTheLogCannotBeWritten) {
  const store::FileSizeLimit limit(10);
  const Result<Permit> permit = gate_.admit(actor_of(Level{2}, {"総務課"}), secret_, Destination::screen(), {.what = "answer"});
  ASSERT_FALSE(permit);
  EXPECT_EQ(permit.error().code, ErrorCode::kUnavailable);
}

TEST_F(GateTest, RefusesNoDestinationAtAll) {
  EXPECT_FALSE(gate_.admit(actor_of(Level{2}, {"総務課"}), secret_, std::vector<Destination>{}, {.what = "answer"}));
}

TEST_F(GateTest, ClosesAReleaseWithTheNumberOfItsOpening) {
  const Actor actor = actor_of(Level{2}, {"総務課"});
  const Permit permit = gate_.admit(actor, secret_, Destination::screen(), {.what = "answer"}).value();
  ASSERT_TRUE(gate_.close(actor, permit, {.what = "answer", .subjects = {"turn-1"}, .facts = Json::object({{"tokens", 120}})}, audit::Outcome::kDone));
  const audit::Entry entry = entries().back().entry;
  EXPECT_EQ(entry.kind, "closed.answer");
  EXPECT_EQ(entry.details.int_or("opened_by"), permit.receipt().sequence);
  EXPECT_EQ(entry.details.text_or("permit"), permit.id().text());
}

TEST_F(GateTest, RecordsWithWhichKeySomethingWasDone) {
  Actor actor = actor_of(Level{2}, {}, Credential::kApiKey);
  actor.key = KeyId::random();
  ASSERT_TRUE(gate_.record(actor, "shelf.created", {"shelf-1"}, audit::Outcome::kDone, Json::object({{"documents", 0}})));
  const audit::Entry entry = entries().back().entry;
  EXPECT_EQ(entry.kind, "shelf.created");
  EXPECT_EQ(entry.details.find("credential")->text_or("key"), actor.key.text());
  EXPECT_EQ(entry.details.find("credential")->text_or("kind"), "api_key");
}

using LabeledTest = GateTest;

TEST_F(LabeledTest, OpensWithAPermitThatCoversIt) {
  const Labeled<std::string> text("予備費の内訳", secret_);
  const Permit permit = gate_.admit(actor_of(Level{2}, {"総務課"}), text.label(), Destination::screen(), {.what = "document"}).value();
  EXPECT_EQ(text.open(permit), "予備費の内訳");
  EXPECT_EQ(text.map([](const std::string& value) { return value.size(); }).open(permit), 18U);
  EXPECT_EQ(Labeled<std::string>(text).take(permit), "予備費の内訳");
}

TEST_F(LabeledTest, JoinsTheLabelsOfAllThatWentIn) {
  const Labeled<int> left(1, Label(Level{0}, {{"総務課"}}));
  const Labeled<int> right(2, Label(Level{1}, {{"財政課"}}));
  const Labeled<int> sum = combine(left, right, [](int a, int b) { return a + b; });
  EXPECT_EQ(sum.label(), Label(Level{1}, {{"総務課"}, {"財政課"}}));
  EXPECT_EQ(gather<int>({left, right}).label(), sum.label());
  EXPECT_EQ(gather<int>({}).label(), Label());
  EXPECT_EQ(left.raised(secret_).label(), join(left.label(), secret_));
  const Permit permit = gate_.admit(actor_of(Level{2}, {"総務課", "財政課"}), sum.label(), Destination::screen(), {.what = "answer"}).value();
  EXPECT_EQ(sum.open(permit), 3);
  EXPECT_EQ(gather<int>({left, right}).open(permit), (std::vector<int>{1, 2}));
}

TEST_F(LabeledTest, EndsTheProcessWhenThePermitDoesNotCoverIt) {
  GTEST_FLAG_SET(death_test_style, "fast");
  const Permit low = gate_.admit(actor_of(Level{2}, {"総務課"}), Label(Level{1}, {{"総務課"}}), Destination::screen(), {.what = "answer"}).value();
  const Labeled<std::string> higher("x", secret_);
  const Labeled<std::string> others("x", Label(Level{0}, {{"財政課"}}));
  EXPECT_DEATH((void)higher.open(low), "covers");
  EXPECT_DEATH((void)others.open(low), "covers");
  EXPECT_DEATH((void)Labeled<std::string>(higher).take(low), "covers");
}

TEST(Roles, AreNamedInBothLanguages) {
  EXPECT_EQ(role_named("監査").value(), Role::kAuditor);
  EXPECT_EQ(role_named("operator").value(), Role::kOperator);
  EXPECT_FALSE(role_named("admin"));
  const Roles roles{Role::kAuditor, Role::kOfficial};
  EXPECT_EQ(roles.list(), (std::vector<Role>{Role::kOfficial, Role::kAuditor}));
  for (const Role role : roles.list()) EXPECT_EQ(role_named(name_of(role)).value(), role);
  EXPECT_TRUE(Roles().empty());
}

TEST(Actor, WithABoundKeyUsesThoseShelvesOnly) {
  const ShelfId mine = ShelfId::random();
  Actor actor;
  EXPECT_TRUE(actor.may_use_shelf(mine));
  actor.bound_shelves = {mine};
  EXPECT_TRUE(actor.may_use_shelf(mine));
  EXPECT_FALSE(actor.may_use_shelf(ShelfId::random()));
  actor.bound_shelves->clear();
  EXPECT_FALSE(actor.may_use_shelf(mine));
}

TEST(Actor, AtTheLocalShellReadsNoReadersOnlyDocument) {
  const Actor actor = Actor::local_operator("root", Level{2});
  EXPECT_TRUE(actor.roles.has(Role::kOperator));
  EXPECT_FALSE(may_read(actor, Label(Level{0}, {{"総務課"}})));
}

}  // namespace
}  // namespace sekisho::gate
