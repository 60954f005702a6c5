#include "search/lexical.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "search/segment.h"

namespace sekisho::search {
namespace {

const text::WordAnalyser& analyser() {
  static const auto kAnalyser = text::WordAnalyser::open();
  EXPECT_TRUE(kAnalyser);
  return **kAnalyser;
}

std::vector<Hit> found_by(std::string_view question, std::vector<const ShelfIndex*> readable, std::size_t limit = 10) {
  return rank(parse_query(analyser(), question), readable, {.limit = limit, .explain = true});
}

TEST(Rank, PutsThePassageThatAnswersFirst) {
  ShelfIndex shelf;
  const PassageId leave = PassageId::random(), tax = PassageId::random(), travel = PassageId::random();
  shelf.add(analyser(), leave, "休暇規程", "年次有給休暇は、一年につき二十日とする。職員は休暇の承認を受けなければならない。");
  shelf.add(analyser(), tax, "税条例", "固定資産税の納期は、四月、七月、十二月及び二月とする。");
  shelf.add(analyser(), travel, "旅費規程", "旅費は、最も経済的な通常の経路及び方法により計算する。");
  const auto hits = found_by("固定資産税はいつ納めますか", {&shelf});
  ASSERT_FALSE(hits.empty());
  EXPECT_EQ(hits[0].passage, tax);
  EXPECT_EQ(found_by("有給休暇は何日か", {&shelf})[0].passage, leave);
}

TEST(Rank, FindsShortWordsInsideLongerOnes) {
  ShelfIndex shelf;
  const PassageId tax = PassageId::random(), other = PassageId::random();
  shelf.add(analyser(), tax, "", "所得税法の改正");
  shelf.add(analyser(), other, "", "道路の占用");
  for (const char* question : {"税", "得税", "税法", "所得税"}) {
    const auto hits = found_by(question, {&shelf});
    ASSERT_EQ(hits.size(), 1U) << question;
    EXPECT_EQ(hits[0].passage, tax);
  }
}

TEST(Rank, FindsOneSpellingByAnother) {
  ShelfIndex shelf;
  const PassageId passage = PassageId::random();
  shelf.add(analyser(), passage, "", "第二百三十四条の申込みは、令和6年に渡邊様がサーバで行なった。");
  for (const char* question : {"第234条", "申し込み", "2024年", "渡辺", "サーバー"}) {
    const auto hits = found_by(question, {&shelf});
    ASSERT_EQ(hits.size(), 1U) << question;
    EXPECT_GT(hits[0].shares[0], 0.0) << question;
  }
}

TEST(Rank, FindsNothingWithoutAWordInCommon) {
  ShelfIndex shelf;
  EXPECT_TRUE(found_by("税", {&shelf}).empty());
  EXPECT_TRUE(found_by("税", {}).empty());
  shelf.add(analyser(), PassageId::random(), "", "道路の占用");
  EXPECT_TRUE(found_by("税", {&shelf}).empty());
  EXPECT_TRUE(found_by("", {&shelf}).empty());
  EXPECT_TRUE(found_by("道路", {&shelf}, 0).empty());
}

TEST(Rank, ExplainsItsScore) {
  ShelfIndex shelf;
  shelf.add(analyser(), PassageId::random(), "", "住民税の申告");
  shelf.add(analyser(), PassageId::random(), "", "住民票の写し");
  const auto hits = found_by("住民税の申告はどこで", {&shelf});
  ASSERT_EQ(hits.size(), 2U);
  for (const Hit& hit : hits) EXPECT_NEAR(hit.score, hit.shares[0] + hit.shares[1] + hit.shares[2], 1e-5);
  EXPECT_EQ(hits[0].matched, (std::vector<std::string>{"住民", "税", "申告"}));
  EXPECT_EQ(hits[1].matched, (std::vector<std::string>{"住民"}));
}

// ---- Against a naive model -------------------------------------------------------------------------------------

using Model = std::map<PassageId, PassageTerms>;

std::uint32_t count_of(const PassageTerms& passage, const QueryTerm& term) {
  for (const TermCount& t : passage.fields[static_cast<std::size_t>(term.field)].terms) {
    if (t.key == term.key) return t.count;
  }
  return 0;
}

/// BM25 as the books have it, in double and by looking at everything.
std::map<PassageId, double> naive_scores(const Query& query, const Model& model) {
  std::array<double, kFields> average{};
  for (const auto& [id, passage] : model) {
    for (std::size_t field = 0; field < kFields; ++field) average[field] += passage.fields[field].length;
  }
  for (double& a : average) a = std::max(1.0, a / static_cast<double>(model.size()));
  std::map<PassageId, double> scores;
  for (const QueryTerm& term : query.terms) {
    const auto field = static_cast<std::size_t>(term.field);
    double having = 0;
    for (const auto& [id, passage] : model) having += count_of(passage, term) > 0 ? 1 : 0;
    const double idf = std::log(1 + (static_cast<double>(model.size()) - having + 0.5) / (having + 0.5));
    for (const auto& [id, passage] : model) {
      const double tf = count_of(passage, term);
      if (tf == 0) continue;
      const double norm = kBm25K1 * (1 - kBm25B + kBm25B * passage.fields[field].length / average[field]);
      scores[id] += kFieldWeights[field] * term.count * static_cast<double>(term.boost) * idf * tf * (kBm25K1 + 1) / (tf + norm);
    }
  }
  return scores;
}

const std::vector<std::string>& vocabulary() {
  static const std::vector<std::string> kWords = {"住民", "税", "申告", "道路", "占用", "許可", "休暇", "承認", "市長", "議会", "予算", "補正",
                                                  "令和6年", "第三条", "サーバー", "申込み", "保育", "手当", "防災", "訓練"};
  return kWords;
}

std::string random_text(std::mt19937& random, std::size_t words) {
  std::string text;
  for (std::size_t i = 0; i < words; ++i) text += vocabulary()[random() % vocabulary().size()] + (random() % 3 == 0 ? "の" : "を");
  return text;
}

void expect_as_model(const ShelfIndex& shelf, const Model& model, const std::string& question) {
  const Query query = parse_query(analyser(), question);
  const ShelfIndex* const readable[] = {&shelf};
  const auto hits = rank(query, readable, {.limit = limits::kHits});
  const auto expected = naive_scores(query, model);
  ASSERT_EQ(hits.size(), expected.size()) << question;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    ASSERT_TRUE(expected.contains(hits[i].passage));
    EXPECT_NEAR(hits[i].score, expected.at(hits[i].passage), 1e-4);
    if (i == 0) continue;
    EXPECT_TRUE(hits[i - 1].score > hits[i].score || (hits[i - 1].score == hits[i].score && hits[i - 1].passage < hits[i].passage));
  }
}

/// Adds, replaces, removes, compacts, saves and loads at random, and compares with the model each time.
void run_random_operations(unsigned seed) {
  std::mt19937 random(seed);
  auto shelf = std::make_unique<ShelfIndex>();
  Model model;
  std::vector<PassageId> ids;
  const std::string path = testing::TempDir() + "sekisho_lexical_" + PassageId::random().text();
  for (int step = 0; step < 60; ++step) {
    IndexChange change;
    change.generation = static_cast<std::uint64_t>(step);
    for (std::size_t i = 0, n = random() % 6; i < n; ++i) {
      const bool again = !ids.empty() && random() % 4 == 0;
      const PassageId id = again ? ids[random() % ids.size()] : PassageId::random();
      if (!again) ids.push_back(id);
      change.add.push_back({id, terms_of_passage(analyser(), "", random_text(random, 1 + random() % 30))});
      model[id] = change.add.back().terms;
    }
    for (std::size_t i = 0, n = ids.empty() ? 0 : random() % 5; i < n; ++i) {
      const PassageId& id = ids[random() % ids.size()];
      if (std::any_of(change.add.begin(), change.add.end(), [&](const auto& added) { return added.passage == id; })) continue;
      change.remove.push_back(id);
      model.erase(id);
    }
    shelf->apply(std::move(change));
    if (random() % 8 == 0) shelf->compact();
    if (random() % 8 == 0) {
      ASSERT_TRUE(shelf->save(path, "v"));
      shelf = std::make_unique<ShelfIndex>();
      ASSERT_TRUE(shelf->load(path, "v"));
    }
    ASSERT_EQ(shelf->passages(), model.size());
    ASSERT_EQ(shelf->generation(), static_cast<std::uint64_t>(step));
    expect_as_model(*shelf, model, random_text(random, 1 + random() % 6));
    if (testing::Test::HasFatalFailure()) return;
  }
  std::remove(path.c_str());
}

TEST(ShelfIndex, RanksAsANaiveModelDoesThroughAnyChanges) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    run_random_operations(seed);
    if (HasFatalFailure()) return;
  }
}

// ---- Non-interference ------------------------------------------------------------------------------------------

std::vector<std::pair<std::string, std::uint64_t>> bits(const std::vector<Hit>& hits) {
  std::vector<std::pair<std::string, std::uint64_t>> all;
  for (const Hit& hit : hits) all.emplace_back(hit.passage.text(), std::bit_cast<std::uint64_t>(hit.score));
  return all;
}

TEST(Rank, DoesNotChangeOneBitWhateverAnUnreadableShelfHolds) {
  std::mt19937 random(7);
  ShelfIndex readable, another, secret;
  for (int i = 0; i < 40; ++i) readable.add(analyser(), PassageId::random(), "", random_text(random, 20));
  for (int i = 0; i < 10; ++i) another.add(analyser(), PassageId::random(), "", random_text(random, 12));
  const std::string question = "住民税の申告と道路の占用許可";
  const auto before = bits(found_by(question, {&readable, &another}, 50));
  for (int i = 0; i < 200; ++i) secret.add(analyser(), PassageId::random(), "", "住民税の申告" + random_text(random, 60));
  EXPECT_EQ(bits(found_by(question, {&readable, &another}, 50)), before);
  EXPECT_NE(bits(found_by(question, {&readable, &another, &secret}, 50)), before);
}

TEST(Rank, DoesNotDependOnHowTheShelfCameToBe) {
  std::mt19937 random(11);
  ShelfIndex one_by_one, at_once;
  IndexChange all;
  std::vector<PassageId> gone;
  for (int i = 0; i < 64; ++i) {
    IndexedPassage passage{PassageId::random(), terms_of_passage(analyser(), "", random_text(random, 15))};
    IndexChange one;
    one.add.push_back(passage);
    one_by_one.apply(std::move(one));
    if (i % 5 == 0) {
      gone.push_back(passage.passage);
    } else {
      all.add.push_back(std::move(passage));
    }
  }
  for (const PassageId& id : gone) one_by_one.remove(id);
  at_once.apply(std::move(all));
  const std::string question = "議会の承認と補正予算";
  const auto expected = bits(found_by(question, {&at_once}, 100));
  EXPECT_EQ(bits(found_by(question, {&one_by_one}, 100)), expected);
  one_by_one.compact();
  EXPECT_EQ(bits(found_by(question, {&one_by_one}, 100)), expected);
}

// ---- Readers beside a writer -----------------------------------------------------------------------------------

TEST(ShelfIndex, ShowsAReaderAllOfAChangeOrNothing) {
  ShelfIndex shelf;
  // Each change adds two passages or removes two, so that a reader always counts an even number.
  const PassageTerms terms = terms_of_passage(analyser(), "", "住民税の申告");
  std::atomic<bool> done = false;
  std::thread writer([&] {
    std::vector<PassageId> ids;
    for (int i = 0; i < 300; ++i) {
      IndexChange change;
      for (int k = 0; k < 2; ++k) change.add.push_back({PassageId::random(), terms});
      for (const auto& added : change.add) ids.push_back(added.passage);
      if (i % 3 == 2) change.remove = {ids[0], ids[1]}, ids.erase(ids.begin(), ids.begin() + 2);
      shelf.apply(std::move(change));
    }
    done = true;
  });
  const Query query = parse_query(analyser(), "住民税");
  const ShelfIndex* const readable[] = {&shelf};
  std::size_t odd = 0;
  while (!done) odd += rank(query, readable, {.limit = limits::kHits}).size() % 2;
  writer.join();
  EXPECT_EQ(odd, 0U);
  EXPECT_EQ(shelf.passages(), 400U);
}

TEST(ShelfIndex, TakesTheLastOfAPassageThatComesTwice) {
  ShelfIndex shelf;
  const PassageId id = PassageId::random();
  IndexChange change;
  change.add.push_back({id, terms_of_passage(analyser(), "", "住民税")});
  change.add.push_back({id, terms_of_passage(analyser(), "", "道路")});
  shelf.apply(std::move(change));
  EXPECT_EQ(shelf.passages(), 1U);
  EXPECT_TRUE(found_by("住民", {&shelf}).empty());
  EXPECT_EQ(found_by("道路", {&shelf}).size(), 1U);
}

TEST(ShelfIndex, ForgetsWhatWasRemoved) {
  ShelfIndex shelf;
  const PassageId id = PassageId::random();
  shelf.add(analyser(), id, "", "住民税");
  shelf.remove(PassageId::random());
  EXPECT_EQ(shelf.passages(), 1U);
  shelf.remove(id);
  EXPECT_EQ(shelf.passages(), 0U);
  EXPECT_TRUE(shelf.state()->parts.empty());
}

}  // namespace
}  // namespace sekisho::search
