#include "audit/notary.h"

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>

#include "audit/proof.h"
#include "audit/prune.h"
#include "audit/pruned.h"
#include "audit/signed_text.h"
#include "audit/verify.h"
#include "audit/testing/log_files.h"
#include "store/test_folder.h"

namespace sekisho::audit {
namespace {

using store::TestFolder;

/// A log, its keys and a witness, opened and closed at will.
class NotaryTest : public testing::Test {
 protected:
  void open() {
    close();
    chain_ = Chain::open(log_, clock_, {.segment_bytes = 2000, .known = last_known_tree(log_).value()}).value();
    notary_ = try_notary().value();
  }
  Result<std::unique_ptr<Notary>> try_notary() { return Notary::open(log_, *chain_, clock_, options_); }
  void close() {
    notary_.reset();
    chain_.reset();
  }
  void append(int count) {
    for (int i = 0; i < count; ++i) {
      clock_.advance_ms(1000);
      ASSERT_TRUE(chain_->append({.kind = "release.answer", .actor_name = "山田"}));
    }
  }
  CheckpointLine write(int entries) {
    append(entries);
    return notary_->checkpoint().value();
  }
  VerifyReport report(VerifyOptions options = {}) {
    options.now_ms = clock_.wall_ms();
    return verify(log_, options).value();
  }
  std::string why(VerifyOptions options = {}) {
    const auto broken = report(std::move(options)).broken;
    return broken ? broken->why : "";
  }
  std::vector<std::string> entry_lines() {
    std::vector<std::string> lines;
    for (const auto& segment : list_of_segments()) {
      for (std::string& line : lines_of(read_file(segment))) lines.push_back(std::move(line));
    }
    return lines;
  }
  std::vector<std::filesystem::path> list_of_segments() {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(log_)) {
      if (entry.path().stem().string().size() == 20 && entry.path().extension() == ".jsonl") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }
  /// The same Entries but for one, rightly hashed and chained: what one does who has all rights.
  void rewrite(std::int64_t sequence) {
    const auto lines = entry_lines();
    for (const auto& path : list_of_segments()) std::filesystem::remove(path);
    std::string bytes;
    crypto::Digest previous;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const ReadLine read = parse_line(lines[i]).value();
      Entry entry = read.entry;
      if (read.sequence == sequence) entry.actor_name = "別人";
      const Line line = to_line(entry, read.sequence, previous);
      previous = line.hash;
      bytes += line.text + "\n";
    }
    write_file(log_ / "00000000000000000001.jsonl", bytes);
  }

  FakeClock clock_;
  const TestFolder folder_{TestFolder::On::kMemory};
  const std::filesystem::path log_ = folder_ / "audit";
  const std::filesystem::path file_ = log_ / kCheckpointFile;
  const std::filesystem::path key_ = folder_ / "keys" / "checkpoint.key";
  NotaryOptions options_{.keys = folder_ / "keys", .witness = folder_ / "witness.jsonl", .key_checkpoints = 3};
  std::unique_ptr<Chain> chain_;
  std::unique_ptr<Notary> notary_;
};

TEST_F(NotaryTest, CoversEveryEntryAndSignsIt) {
  open();
  const CheckpointLine line = write(5);
  EXPECT_EQ(line.tree.size(), 7) << "log.begun, five, log.keyed";
  const VerifyReport found = report();
  EXPECT_FALSE(found.broken);
  EXPECT_EQ(found.covered, line.head());
  EXPECT_EQ(found.tree, line.head());
  EXPECT_EQ(found.key, line.key);
  EXPECT_EQ(found.beginnings, 1);
}

TEST_F(NotaryTest, WritesNothingWhereNothingCame) {
  open();
  const CheckpointLine first = write(1);
  const std::string before = read_file(file_);
  EXPECT_EQ(notary_->checkpoint().value().number, first.number);
  open();
  EXPECT_EQ(notary_->checkpoint().value().number, first.number);
  EXPECT_EQ(read_file(file_), before);
}

TEST_F(NotaryTest, HandsOverToFreshKeysAndKeepsNoneOfTheOld) {
  open();
  std::vector<std::string> secrets;
  for (int i = 0; i < 10; ++i) {
    write(1);
    secrets.push_back(read_file(key_));
    if (i % 4 == 3) open();
  }
  const VerifyReport found = report({.public_key = report().key});
  EXPECT_FALSE(found.broken) << found.broken->why;
  EXPECT_EQ(found.checkpoints, 10);
  EXPECT_EQ(found.keys, 4);
  EXPECT_NE(secrets.front(), secrets.back());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(read_file(entry.path()).find(secrets.front().substr(0, 64)), std::string::npos) << entry.path();
  }
}

TEST_F(NotaryTest, ReplacesAKeyThatIsADayOld) {
  options_.key_checkpoints = 1000;
  open();
  write(1);
  clock_.advance_ms(options_.key_life_ms);
  write(1);
  EXPECT_EQ(report().keys, 2);
}

TEST_F(NotaryTest, GoesOnFromTheLastCheckpointWithoutReadingWhatItCovers) {
  open();
  const CheckpointLine line = write(40);
  const auto segments = list_of_segments();
  ASSERT_GT(segments.size(), 3U);
  close();
  std::filesystem::rename(segments[0], folder_ / "away");  // Would be missed if it were read.
  open();
  append(3);
  EXPECT_EQ(chain_->tree().size(), line.tree.size() + 3);
  close();
  std::filesystem::rename(folder_ / "away", segments[0]);
  open();
  notary_->checkpoint().value();
  EXPECT_EQ(why(), "");
}

TEST_F(NotaryTest, FindsAHistoryThatWasWrittenAnew) {
  open();
  write(6);
  append(3);
  close();
  rewrite(4);
  EXPECT_EQ(why(), "the log up to here is not the one that the checkpoint covers");
  EXPECT_EQ(report().broken->file, kCheckpointFile);
}

TEST_F(NotaryTest, FindsAnEndThatWasCutOff) {
  open();
  write(3);
  const std::size_t lines = entry_lines().size();
  close();
  auto kept = entry_lines();
  ASSERT_EQ(list_of_segments().size(), 1U);
  std::string bytes;
  for (std::size_t i = 0; i + 1 < lines; ++i) bytes += kept[i] + "\n";
  write_file(list_of_segments()[0], bytes);
  EXPECT_EQ(why(), "the checkpoint covers 5 entries, the log has 4: its end was cut off");
  EXPECT_EQ(Chain::open(log_, clock_, {.known = last_known_tree(log_).value()}).error().code, ErrorCode::kCorrupt);
}

TEST_F(NotaryTest, DoesNotSignWhatWasWrittenAnewBehindItsBack) {
  open();
  write(6);
  close();
  rewrite(3);
  clock_.advance_ms(1);
  chain_ = Chain::open(log_, clock_, {.known = last_known_tree(log_).value()}).value();
  notary_ = try_notary().value();
  write(2);
  EXPECT_EQ(why(), "the log up to here is not the one that the checkpoint covers");
}

TEST_F(NotaryTest, FindsEveryFlippedByteOfItsFile) {
  open();
  write(1);
  write(1);
  close();
  const std::string bytes = read_file(file_);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x01);
    write_file(file_, changed);
    ASSERT_TRUE(report().broken) << i;
  }
}

TEST_F(NotaryTest, FindsAForgedKey) {
  open();
  write(2);
  close();
  const crypto::SigningKey forger = crypto::SigningKey::random();
  const auto lines = lines_of(read_file(file_));
  CheckpointLine key{.number = 3, .previous = line_hash(lines[1]), .time_ms = clock_.wall_ms(), .key = crypto::to_hex(forger.public_key())};
  key.by = key.key;
  const std::string forged = to_text(key, forger);
  write_file(file_, lines[0] + "\n" + lines[1] + "\n" + forged + "\n");
  const std::string office_key = parse_checkpoint_line(lines[0]).value().key;
  EXPECT_EQ(why({.public_key = office_key}), "the checkpoints do not begin with the public key that was given");
  EXPECT_EQ(report().beginnings, 2) << "without the office's key, at least it is told";
  CheckpointLine checkpoint{.number = 4, .previous = line_hash(forged), .time_ms = clock_.wall_ms(), .key = key.key};
  checkpoint.tree = MerkleEdge::from(8, {leaf_hash("anything")}).value();
  write_file(file_, lines[0] + "\n" + lines[1] + "\n" + forged + "\n" + to_text(checkpoint, forger) + "\n");
  EXPECT_TRUE(report().broken);
}

TEST_F(NotaryTest, FindsThatTheCheckpointsWereRemoved) {
  open();
  write(2);
  close();
  std::filesystem::remove(file_);
  EXPECT_EQ(why(), "the log tells of a key that the checkpoint file does not bring in");
}

TEST_F(NotaryTest, FindsASwappedKeyOfWhichTheLogDoesNotTell) {
  open();
  write(2);
  close();
  const crypto::SigningKey other = crypto::SigningKey::random();
  CheckpointLine key{.number = 1, .time_ms = clock_.wall_ms(), .key = crypto::to_hex(other.public_key())};
  key.by = key.key;
  const std::string first = to_text(key, other);
  CheckpointLine checkpoint = parse_checkpoint_line(lines_of(read_file(file_))[1]).value();
  checkpoint.previous = line_hash(first);
  checkpoint.key = key.key;
  write_file(file_, first + "\n" + to_text(checkpoint, other) + "\n");
  EXPECT_EQ(why(), "the log does not tell of the key that signed the checkpoint");
}

TEST_F(NotaryTest, FindsACheckpointFromTheFuture) {
  open();
  append(1);
  clock_.advance_ms(3'600'000);
  notary_->checkpoint().value();
  clock_.advance_ms(-3'600'000);
  EXPECT_EQ(why(), "the checkpoint is from the future");
  clock_.advance_ms(3'600'000);
  EXPECT_EQ(why(), "");
}

TEST_F(NotaryTest, ComparesWithACheckpointOnPaper) {
  open();
  const TreeHead kept = write(3).head();
  write(3);
  std::string paper = kept.paper();
  EXPECT_EQ(paper.size(), 54U);
  paper.insert(10, "-");
  EXPECT_EQ(why({.trees = {TreeHead::from_paper(paper + " ").value()}}), "");
  EXPECT_EQ(why({.trees = {{kept.size, leaf_hash("a fork")}}}), "the checkpoint that was kept is not this log's");
  EXPECT_EQ(why({.trees = {{1000, kept.root}}}), "the checkpoint that was kept is not this log's");
  EXPECT_FALSE(TreeHead::from_paper("5:ABC"));
  EXPECT_FALSE(TreeHead::from_paper(kept.root.base32()));
  EXPECT_FALSE(TreeHead::from_paper("0:" + kept.root.base32()));
}

TEST_F(NotaryTest, CopiesEveryLineToTheWitnessAndCatchesUp) {
  open();
  write(1);
  EXPECT_EQ(read_file(options_.witness), read_file(file_));
  close();
  const std::filesystem::path witness = std::exchange(options_.witness, folder_ / "missing" / "witness.jsonl");
  open();
  for (int i = 0; i < 5; ++i) write(1);
  EXPECT_NE(notary_->witness_trouble(), "");
  close();
  write_file(witness, read_file(witness) + "a line that broke off");
  options_.witness = witness;
  open();
  EXPECT_EQ(notary_->witness_trouble(), "");
  EXPECT_EQ(read_file(witness), read_file(file_));
  EXPECT_EQ(why({.witness = witness}), "");
}

TEST_F(NotaryTest, AWitnessFindsALogThatWasTakenBack) {
  open();
  write(3);
  const std::string log_then = read_file(list_of_segments()[0]);
  const std::string file_then = read_file(file_);
  write(3);
  close();
  for (const auto& path : list_of_segments()) std::filesystem::remove(path);
  write_file(log_ / "00000000000000000001.jsonl", log_then);
  write_file(file_, file_then);
  EXPECT_EQ(why(), "") << "a state of before is whole in itself";
  EXPECT_EQ(why({.witness = options_.witness}), "the checkpoint file does not hold the line that was witnessed");
  std::filesystem::remove(key_);
  open();
  write(4);
  EXPECT_NE(notary_->witness_trouble(), "") << "the server itself sees it too";
}

TEST_F(NotaryTest, TakesNoCheckpointFileForAWitness) {
  open();
  write(1);
  write_file(folder_ / "empty", "");
  write_file(folder_ / "other", "SEQUENCE:HASH\n");
  EXPECT_EQ(why({.witness = folder_ / "empty"}), "the witness holds no checkpoint");
  EXPECT_NE(why({.witness = folder_ / "other"}), "");
  EXPECT_EQ(verify(log_, {.witness = folder_ / "missing"}).error().code, ErrorCode::kUnavailable);
}

TEST_F(NotaryTest, RefusesAKeyThatOthersMayRead) {
  open();
  write(1);
  notary_.reset();
  ASSERT_EQ(::chmod(key_.c_str(), 0640), 0);
  const auto refused = try_notary();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().detail.find("may be read by others (mode 640)"), std::string::npos) << refused.error().detail;
  ASSERT_EQ(::chmod(key_.c_str(), 0600), 0);
  EXPECT_TRUE(try_notary());
}

TEST_F(NotaryTest, RefusesALinkAndAnotherKeyInTheKeysPlace) {
  open();
  write(1);
  notary_.reset();
  std::filesystem::rename(key_, folder_ / "moved");
  std::filesystem::create_symlink(folder_ / "moved", key_);
  EXPECT_FALSE(try_notary());
  std::filesystem::remove(key_);
  const crypto::SigningKey other = crypto::SigningKey::random();
  write_file(key_, crypto::to_hex(other.seed().reveal()) + " 0 1\n");
  ASSERT_EQ(::chmod(key_.c_str(), 0600), 0);
  EXPECT_EQ(try_notary().error().code, ErrorCode::kCorrupt);
  write_file(key_, "not a key\n");
  EXPECT_EQ(try_notary().error().code, ErrorCode::kCorrupt);
}

TEST_F(NotaryTest, BeginsAnewWhereTheKeyIsLostAndSaysSo) {
  open();
  const std::string first = write(2).key;
  close();
  std::filesystem::remove(key_);
  open();
  const std::string second = write(2).key;
  EXPECT_NE(first, second);
  EXPECT_EQ(report().beginnings, 2);
  EXPECT_EQ(why(), "");
  EXPECT_EQ(why({.public_key = second}), "");
  EXPECT_NE(why({.public_key = first}), "");
}

TEST_F(NotaryTest, SignsReportsThatAnyChangeUndoes) {
  open();
  for (int i = 0; i < 4; ++i) write(1);
  const std::string began = parse_checkpoint_line(lines_of(read_file(file_))[0]).value().key;
  Json::Array keys;
  const std::vector<std::string> lines = key_lines(log_).value();
  for (const std::string& line : lines) keys.emplace_back(line);
  ASSERT_EQ(keys.size(), 2U);
  const Json report = Json::object({{"office", "みどり市役所"}, {"keys", Json(keys)}, {"count", 3}});
  const std::string text = sign_report(report, *notary_);
  const CheckedReport checked = check_report(text + "\n", began).value();
  EXPECT_EQ(checked.report.text_or("office"), "みどり市役所");
  EXPECT_EQ(checked.keys.size(), 2U);
  EXPECT_TRUE(check_report(text, ""));
  EXPECT_FALSE(check_report(text, std::string(64, 'a')));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 0x01);
    ASSERT_FALSE(check_report(changed, "")) << i;
  }
  EXPECT_FALSE(check_report("", ""));
  EXPECT_FALSE(check_report(sign_report(Json::object({{"office", "x"}, {"keys", Json(Json::Array{keys[0]})}}), *notary_), "")) << "a key that does not lead to the signer";
  EXPECT_FALSE(check_report(sign_report(Json::object({{"office", "x"}}), *notary_), ""));
}

TEST_F(NotaryTest, ProvesAnEntryToWhoHasThePublicKeyAlone) {
  open();
  for (int i = 0; i < 4; ++i) write(2);
  append(1);
  const std::string began = parse_checkpoint_line(lines_of(read_file(file_))[0]).value().key;
  const Json proof = prove(log_, 5, 3).value();
  const Proved proved = check_proof(proof, began).value();
  EXPECT_EQ(proved.entry.sequence, 5);
  EXPECT_EQ(proved.since->size, 3);
  EXPECT_FALSE(check_proof(proof, std::string(64, '0')));
  EXPECT_TRUE(check_proof(prove(log_, 5, std::nullopt).value(), ""));
  EXPECT_EQ(prove(log_, chain_->tree().size(), std::nullopt).error().code, ErrorCode::kDenied) << "no checkpoint covers it yet";
  EXPECT_EQ(prove(log_, 0, std::nullopt).error().code, ErrorCode::kDenied);
  EXPECT_EQ(prove(log_, 1, 1000).error().code, ErrorCode::kInvalid);
}

class PruneTest : public NotaryTest {
 protected:
  /// Forty old Entries and forty new ones, in files of a few each; the old are removed.
  void SetUp() override {
    open();
    for (int i = 0; i < 8; ++i) write(5);
    early_ = parse_checkpoint_line(lines_of(read_file(file_))[3]).value().head();
    clock_.advance_ms(1'000'000'000);
    limit_ = clock_.wall_ms();
    for (int i = 0; i < 8; ++i) write(5);
    before_ = entry_lines();
    removed_ = prune(log_, *chain_, *notary_, limit_).value();
  }
  std::int64_t limit_ = 0;
  TreeHead early_;
  std::vector<std::string> before_;
  Removed removed_;
};

TEST_F(PruneTest, RemovesOldFilesAndTheRestVerifies) {
  EXPECT_GT(removed_.files, 3);
  EXPECT_GT(removed_.entries, 30);
  const VerifyReport found = report({.public_key = report().key});
  EXPECT_FALSE(found.broken) << found.broken->why;
  EXPECT_EQ(found.removed, removed_.up_to);
  EXPECT_EQ(found.entries, static_cast<std::int64_t>(before_.size()) + 1) << "and log.pruned";
  EXPECT_EQ(entry_lines().size(), before_.size() + 1 - static_cast<std::size_t>(removed_.entries));
  EXPECT_TRUE(std::filesystem::exists(list_of_segments().back()));
}

TEST_F(PruneTest, LeavesEverythingElseAtWork) {
  const std::int64_t sequence = removed_.up_to + 3;
  const Json proof = prove(log_, sequence, sequence - 1).value();
  EXPECT_EQ(check_proof(proof, report().key).value().entry.sequence, sequence);
  EXPECT_EQ(prove(log_, removed_.up_to, std::nullopt).error().code, ErrorCode::kDenied);
  open();
  write(3);
  EXPECT_EQ(why(), "");
  close();
  chain_ = Chain::open(log_, clock_).value();  // Without the last checkpoint's tree.
  EXPECT_EQ(chain_->tree(), MerkleEdge::from(chain_->tree().size(), last_known_tree(log_).value().roots()).value());
  std::vector<std::int64_t> seen;
  ASSERT_TRUE(for_each_entry(log_, [&](const ReadLine& line) {
    seen.push_back(line.sequence);
    return true;
  }));
  EXPECT_EQ(seen.front(), removed_.up_to + 1);
}

TEST_F(PruneTest, IsKnownToWhoKeptAnEarlyCheckpoint) {
  ASSERT_LT(early_.size, removed_.up_to);
  EXPECT_EQ(why({.trees = {early_}}), "");
  EXPECT_NE(why({.trees = {{early_.size, leaf_hash("another")}}}), "");
  const ReadLine last = parse_line(before_[static_cast<std::size_t>(removed_.up_to) - 1]).value();
  EXPECT_EQ(why({.witnessed = EntryReceipt{last.sequence, last.hash}}), "");
  const ReadLine gone = parse_line(before_[4]).value();
  EXPECT_NE(why({.witnessed = EntryReceipt{gone.sequence, gone.hash}}), "") << "cannot be told any more";
  EXPECT_EQ(why({.witness = options_.witness}), "");
}

TEST_F(PruneTest, FindsEveryFlippedByteOfTheRecord) {
  const std::filesystem::path path = log_ / kPrunedFile;
  const std::string bytes = read_file(path);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x01);
    write_file(path, changed);
    ASSERT_TRUE(report().broken) << i;
  }
  std::filesystem::remove(path);
  EXPECT_TRUE(report().broken) << "the record is missing";
}

TEST_F(PruneTest, FindsARemovalThatTheLogDoesNotTellOf) {
  Pruned pruned = read_pruned(log_).value();
  const auto lines = entry_lines();
  std::size_t taken = 0;
  for (const std::string& text : lines_of(read_file(list_of_segments()[0]))) {
    const ReadLine line = parse_line(text).value();
    pruned.tree.add(line.hash);
    pruned.head = line.hash;
    if (line.entry.kind == kKeyedKind) pruned.keys.emplace(line.entry.details.text_or("key"), line.sequence);
    ++taken;
  }
  ASSERT_LT(taken, lines.size());
  std::filesystem::remove(list_of_segments()[0]);
  write_file(log_ / kPrunedFile, pruned.text() + "\n");
  EXPECT_EQ(why(), "the log does not tell of what was removed");
}

TEST_F(PruneTest, PassesOverFilesThatACrashLeft) {
  write_file(log_ / "00000000000000000001.jsonl", before_[0] + "\n");
  EXPECT_EQ(why(), "");
  open();
  write(1);
  const Removed again = prune(log_, *chain_, *notary_, limit_).value();
  EXPECT_EQ(again.entries, 0);
  EXPECT_EQ(again.files, 1);
  EXPECT_EQ(why(), "");
}

TEST_F(PruneTest, RemovesMoreLater) {
  clock_.advance_ms(1000);
  const Removed more = prune(log_, *chain_, *notary_, clock_.wall_ms()).value();
  EXPECT_GT(more.up_to, removed_.up_to);
  EXPECT_EQ(why(), "");
  EXPECT_FALSE(list_of_segments().empty());
}

TEST_F(PruneTest, RemovesNothingFromALogThatIsNotWhole) {
  const auto segments = list_of_segments();
  std::string bytes = read_file(segments[0]);
  bytes[100] = static_cast<char>(bytes[100] ^ 1);
  write_file(segments[0], bytes);
  EXPECT_EQ(prune(log_, *chain_, *notary_, clock_.wall_ms()).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(list_of_segments(), segments);
}

TEST_F(NotaryTest, CutsOffALineThatACrashBroke) {
  open();
  write(1);
  const std::string whole = read_file(file_);
  write(1);
  const std::string more = read_file(file_);
  for (std::size_t cut = whole.size() + 1; cut + 1 < more.size(); cut += 37) {
    close();
    write_file(file_, more.substr(0, cut));
    EXPECT_EQ(why(), "") << cut;
    open();
    EXPECT_EQ(read_file(file_), whole);
  }
  write(1);
  EXPECT_EQ(why(), "");
}

}  // namespace
}  // namespace sekisho::audit
