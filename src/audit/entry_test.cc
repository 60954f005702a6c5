#include "audit/entry.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sekisho::audit {
namespace {

Entry sample() {
  return {.kind = "release.answer",
          .time_ms = 1'752'543'720'000,
          .actor_id = "01h0000000000000000000000a",
          .actor_name = "yamada",
          .subjects = {"turn", "passage"},
          .label = EntryLabel{"機密性2", {{"総務課", "財政課"}, {"係長以上"}}},
          .outcome = Outcome::kAllowed,
          .details = Json::object({{"passages", 3}, {"engine", "local"}})};
}

TEST(Entry, IsWrittenAsTheFormatDocumentShowsIt) {
  // The example of docs/audit-format.md; change both or neither.
  const Line line = to_line(sample(), 7, crypto::Digest{});
  EXPECT_EQ(line.text,
            R"({"actor":{"id":"01h0000000000000000000000a","name":"yamada"},"details":{"engine":"local","passages":3},)"
            R"("kind":"release.answer","label":{"level":"機密性2","readers":[["総務課","財政課"],["係長以上"]]},"outcome":"allowed",)"
            R"("previous":"0000000000000000000000000000000000000000000000000000000000000000","sequence":7,"subjects":["turn","passage"],)"
            R"("time_ms":1752543720000,"hash":")" +
                line.hash.hex() + R"("})");
}

TEST(Entry, ReadsBackAsItWas) {
  for (const bool labelled : {true, false}) {
    Entry entry = sample();
    if (!labelled) entry.label.reset();
    const crypto::Digest previous = crypto::sha256("前の記録");
    const Line line = to_line(entry, 8, previous);
    const Result<ReadLine> read = parse_line(line.text);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->sequence, 8);
    EXPECT_EQ(read->previous, previous);
    EXPECT_EQ(read->hash, line.hash);
    EXPECT_EQ(read->entry.actor_name, "yamada");
    EXPECT_EQ(read->entry.label, entry.label);
    EXPECT_EQ(read->entry.outcome, Outcome::kAllowed);
    EXPECT_EQ(to_line(read->entry, 8, previous).text, line.text);
  }
}

TEST(Entry, NoticesEveryChangedByte) {
  const Line line = to_line(sample(), 1, {});
  for (std::size_t i = 0; i < line.text.size(); ++i) {
    for (const int bit : {0x01, 0x20, 0x80}) {
      std::string changed = line.text;
      changed[i] = static_cast<char>(changed[i] ^ bit);
      EXPECT_FALSE(parse_line(changed)) << i;
    }
    EXPECT_FALSE(parse_line(std::string_view(line.text).substr(0, i))) << i;
  }
}

/// A line around any body, with its right hash: what a forger could write.
std::string forged(const std::string& body) {
  const std::string hash = crypto::sha256(std::string(1, '\0') + body).hex();
  return body.substr(0, body.size() - 1) + R"(,"hash":")" + hash + R"("})";
}

TEST(Entry, HasOneFormOnly) {
  const std::string text = to_line(sample(), 1, {}).text;
  const std::string body = text.substr(0, text.size() - 75) + "}";
  ASSERT_TRUE(parse_line(forged(body)));
  const auto with = [&](const std::string& old, const std::string& replacement) {
    std::string changed = body;
    changed.replace(changed.find(old), old.size(), replacement);
    return forged(changed);
  };
  EXPECT_FALSE(parse_line(with("\"kind\":", "\"kind\": "))) << "a space";
  EXPECT_FALSE(parse_line(with("allowed", "\\u0061llowed"))) << "an escape that is not needed";
  EXPECT_FALSE(parse_line(with("\"kind\":", "\"kind\":\"x\",\"kind\":"))) << "a key twice";
  EXPECT_FALSE(parse_line(with("\"kind\":", "\"extra\":1,\"kind\":"))) << "a member that nobody knows";
  EXPECT_FALSE(parse_line(with("allowed", "perhaps"))) << "an outcome that nobody knows";
  EXPECT_FALSE(parse_line(with("\"sequence\":1", "\"sequence\":1.5"))) << "a fraction";
  EXPECT_FALSE(parse_line(with("[\"総務課\",\"財政課\"]", "3"))) << "readers of another shape";
}

TEST(Entry, IsRefusedWhereAMemberIsMissingOrOfAnotherKind) {
  const std::string text = to_line(sample(), 1, {}).text;
  const auto body = Json::parse(text.substr(0, text.find(",\"hash\":")) + "}");
  ASSERT_TRUE(body);
  for (const std::string_view name : {"actor", "details", "kind", "label", "outcome", "previous", "sequence", "subjects", "time_ms"}) {
    Json::Object without, odd;
    for (const Json::Member& member : *body->as_object()) {
      if (member.first != name) without.push_back(member);
      odd.emplace_back(member.first, member.first == name ? Json(true) : member.second);
    }
    for (const Json::Object& members : {without, odd}) {
      std::string forged = Json(members).dump();
      crypto::Sha256 hash;
      hash.update(std::string_view("\0", 1));
      hash.update(forged);
      forged.pop_back();
      forged += ",\"hash\":\"" + hash.finish().hex() + "\"}";
      EXPECT_FALSE(parse_line(forged)) << forged;
    }
  }
}

TEST(Entry, SurvivesBytesThatAreNoText) {
  Entry entry = sample();
  entry.actor_name = "\xff\xfe名前\n\x01\"";
  const Result<ReadLine> read = parse_line(to_line(entry, 1, {}).text);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->entry.actor_name, "\xEF\xBF\xBD\xEF\xBF\xBD名前\n\x01\"");
}

TEST(Canonical, SortsMembersAndKeepsOnlyWholeNumbers) {
  EXPECT_EQ(canonical(Json::object({{"b", 1}, {"a", Json::object({{"z", nullptr}, {"y", 0.5}})}})), R"({"a":{"y":"0.5","z":null},"b":1})");
}

RC_GTEST_PROP(Entry, ReadsBackWhateverTheText, (const std::string& name, const std::string& subject, std::int64_t number)) {
  Entry entry = sample();
  entry.actor_name = name;
  entry.subjects = {subject};
  entry.details = Json::object({{"number", number}, {"text", name}});
  const Line line = to_line(entry, 1, {});
  const Result<ReadLine> read = parse_line(line.text);
  RC_ASSERT(read.has_value());
  RC_ASSERT(to_line(read->entry, 1, {}).text == line.text);
  RC_ASSERT(line.text.find('\n') == std::string::npos);
}

}  // namespace
}  // namespace sekisho::audit
