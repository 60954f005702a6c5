#include "gate/label.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace rc {

/// Labels over few levels and groups, so that sets overlap often.
template <>
struct Arbitrary<sekisho::gate::Label> {
  static Gen<sekisho::gate::Label> arbitrary() {
    const auto group = gen::element<std::string>("総務課", "財政課", "住民課", "係長以上");
    return gen::construct<sekisho::gate::Label>(gen::map(gen::inRange(0, 4), [](int rank) { return sekisho::gate::Level{rank}; }),
                                                gen::container<std::vector<sekisho::gate::ReaderSet>>(gen::container<sekisho::gate::ReaderSet>(group)),
                                                gen::container<sekisho::gate::HandlingSet>(gen::element<std::string>("複製禁止", "転送禁止", "関係者限り")));
  }
};

}  // namespace rc

namespace sekisho::gate {

void showValue(const Label& label, std::ostream& out) {
  out << label.level().rank;
  for (const ReaderSet& set : label.readers()) {
    out << " {";
    for (const std::string& name : set) out << name << " ";
    out << "}";
  }
  for (const std::string& name : label.handling()) out << " " << name;
}

namespace {

/// Every set of the groups that the labels above use.
std::vector<std::vector<std::string>> every_membership() {
  const std::vector<std::string> names = {"住民課", "係長以上", "総務課", "財政課"};
  std::vector<std::vector<std::string>> all;
  for (unsigned bits = 0; bits < 16; ++bits) {
    std::vector<std::string> groups;
    for (unsigned i = 0; i < 4; ++i) {
      if ((bits >> i & 1U) != 0) groups.push_back(names[i]);
    }
    std::sort(groups.begin(), groups.end());
    all.push_back(std::move(groups));
  }
  return all;
}

RC_GTEST_PROP(LabelJoin, IsIdempotentCommutativeAndAssociative, (const Label& a, const Label& b, const Label& c)) {
  RC_ASSERT(join(a, a) == a);
  RC_ASSERT(join(a, b) == join(b, a));
  RC_ASSERT(join(join(a, b), c) == join(a, join(b, c)));
  RC_ASSERT(join(a, Label()) == a);
}

RC_GTEST_PROP(LabelJoin, AdmitsExactlyThoseWhomBothAdmit, (const Label& a, const Label& b)) {
  for (int rank = 0; rank < 4; ++rank) {
    for (const auto& groups : every_membership()) {
      RC_ASSERT(admits(join(a, b), Level{rank}, groups) == (admits(a, Level{rank}, groups) && admits(b, Level{rank}, groups)));
    }
  }
}

RC_GTEST_PROP(LabelCovers, MeansThatNobodyMoreIsAdmitted, (const Label& wide, const Label& narrow)) {
  bool nobody_more = true;
  for (int rank = 0; rank < 4; ++rank) {
    for (const auto& groups : every_membership()) nobody_more = nobody_more && (!admits(wide, Level{rank}, groups) || admits(narrow, Level{rank}, groups));
  }
  // A label that nobody can read may still bear a lower level than another one: then meaning alone does not cover.
  RC_ASSERT(!covers(wide, narrow) || nobody_more);
  RC_ASSERT(covers(join(wide, narrow), narrow));
  RC_ASSERT(!(covers(wide, narrow) && covers(narrow, wide)) || wide == narrow);
}

RC_GTEST_PROP(LabelReaders, HaveOneFormForOneMeaning, (const Label& a, const Label& b)) {
  const auto same_readers = [&] {
    for (const auto& groups : every_membership()) {
      if (admits(Label(Level{0}, a.readers()), Level{0}, groups) != admits(Label(Level{0}, b.readers()), Level{0}, groups)) return false;
    }
    return true;
  };
  RC_ASSERT((a.readers() == b.readers()) == same_readers());
}

TEST(Label, AdmitsByLevelAndByEverySet) {
  const Label label(Level{1}, {{"総務課", "財政課"}, {"係長以上"}});
  EXPECT_TRUE(admits(label, Level{1}, {"係長以上", "総務課"}));
  EXPECT_TRUE(admits(label, Level{2}, {"係長以上", "財政課"}));
  EXPECT_FALSE(admits(label, Level{0}, {"係長以上", "総務課"}));
  EXPECT_FALSE(admits(label, Level{2}, {"総務課", "財政課"}));
  EXPECT_FALSE(admits(label, Level{2}, {}));
}

TEST(Label, WithoutSetsAdmitsAllWhoAreCleared) {
  EXPECT_TRUE(admits(Label(Level{1}), Level{1}, {}));
  EXPECT_FALSE(admits(Label(Level{1}), Level{0}, {}));
}

TEST(Label, WithAnEmptySetAdmitsNobody) {
  const Label nobody(Level{0}, {{}});
  for (const auto& groups : every_membership()) EXPECT_FALSE(admits(nobody, Level{3}, groups));
  EXPECT_EQ(join(nobody, Label(Level{0}, {{"総務課"}})), nobody);
}

TEST(Label, LeavesOutWhatANarrowerSetMakesNeedless) {
  EXPECT_EQ(Label(Level{0}, {{"総務課", "財政課"}, {"総務課"}}), Label(Level{0}, {{"総務課"}}));
  EXPECT_EQ(Label(Level{0}, {{"財政課", "総務課", "総務課"}}), Label(Level{0}, {{"総務課", "財政課"}}));
}

TEST(Label, CoversWhatIsBelowIt) {
  const Label label(Level{2}, {{"総務課"}});
  EXPECT_TRUE(covers(label, label));
  EXPECT_TRUE(covers(label, Label(Level{1}, {{"総務課", "財政課"}})));
  EXPECT_FALSE(covers(label, Label(Level{3})));
  EXPECT_FALSE(covers(label, Label(Level{1}, {{"財政課"}})));
}

TEST(Label, InheritsWhatMayNotBeDoneWithEitherPart) {
  const Label both = join(Label(Level{1}, {}, {"転送禁止"}), Label(Level{0}, {}, {"複製禁止", "転送禁止"}));
  EXPECT_EQ(both.handling(), (HandlingSet{"複製禁止", "転送禁止"}));
  EXPECT_TRUE(covers(both, Label(Level{1}, {}, {"複製禁止"})));
  EXPECT_FALSE(covers(Label(Level{2}), Label(Level{0}, {}, {"複製禁止"})));
}

}  // namespace
}  // namespace sekisho::gate
