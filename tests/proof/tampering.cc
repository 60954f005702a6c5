#include "tampering.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "audit/chain.h"
#include "audit/notary.h"
#include "audit/segment.h"
#include "audit/testing/log_files.h"
#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "store/test_folder.h"

namespace sekisho::proof {
namespace fs = std::filesystem;
namespace {

using audit::CheckpointLine;
using audit::Entry;
using audit::ReadLine;
using audit::joined;
using audit::lines_of;
using audit::read_file;
using Random = std::mt19937_64;

constexpr std::string_view kSeals = audit::kCheckpointFile;

std::size_t below(Random& random, std::size_t end) { return static_cast<std::size_t>(random() % end); }

ReadLine read(const std::string& line) { return audit::parse_line(line).value(); }
CheckpointLine read_seal(const std::string& line) { return audit::parse_checkpoint_line(line).value(); }

/// The lines from `at` on, numbered, chained and hashed as the log itself would: whole, but another history.
void chain_anew(std::vector<std::string>& lines, std::size_t at) {
  crypto::Digest previous = at == 0 ? crypto::Digest() : read(lines[at - 1]).hash;
  for (std::size_t i = at; i < lines.size(); ++i) {
    const audit::Line line = audit::to_line(read(lines[i]).entry, static_cast<std::int64_t>(i) + 1, previous);
    previous = line.hash;
    lines[i] = line.text;
  }
}

std::string hashed_again(const Entry& entry, const ReadLine& was) { return audit::to_line(entry, was.sequence, was.previous).text; }

audit::MerkleEdge tree_of(const std::vector<std::string>& lines, std::int64_t size) {
  audit::MerkleEdge tree;
  for (std::int64_t i = 0; i < size; ++i) tree.add(read(lines[static_cast<std::size_t>(i)]).hash);
  return tree;
}

/// The lines of the checkpoint file from `at` on, for `lines`, signed as well as a thief of the key that signs now can.
void sign_anew(std::vector<std::string>& seals, std::size_t at, const std::vector<std::string>& lines, const crypto::SigningKey& stolen) {
  const std::string own = crypto::to_hex(stolen.public_key());
  for (std::size_t i = at; i < seals.size(); ++i) {
    CheckpointLine line = read_seal(seals[i]);
    line.number = static_cast<std::int64_t>(i) + 1;
    line.previous = i == 0 ? crypto::Digest() : audit::line_hash(seals[i - 1]);
    if ((line.brings_key() ? line.by : line.key) != own) continue;  // Its secret was erased.
    if (!line.brings_key()) line.tree = tree_of(lines, std::min(line.tree.size(), static_cast<std::int64_t>(lines.size())));
    seals[i] = audit::to_text(line, stolen);
  }
}

/// Where the key that signs now was brought in.
std::size_t own_line(const World& world) {
  std::size_t at = world.seals.size() - 1;
  while (!read_seal(world.seals[at]).brings_key()) --at;
  return at;
}

/// All checkpoints by keys of the forger's own, for the log as it is.
void forge_all(World& world) {
  std::vector<crypto::SigningKey> keys;
  std::string real;
  crypto::Digest previous;
  for (std::size_t i = 0; i < world.seals.size(); ++i) {
    CheckpointLine line = read_seal(world.seals[i]);
    const bool begins = line.begins();
    line.previous = previous;
    if (line.brings_key()) {
      keys.push_back(crypto::SigningKey::random());
      line.key = crypto::to_hex(keys.back().public_key());
      line.by = begins ? line.key : crypto::to_hex(keys[keys.size() - 2].public_key());
    } else {
      line.key = crypto::to_hex(keys.back().public_key());
      line.tree = tree_of(world.lines, line.tree.size());
    }
    world.seals[i] = audit::to_text(line, line.brings_key() && !begins ? keys[keys.size() - 2] : keys.back());
    previous = audit::line_hash(world.seals[i]);
  }
}

Entry changed(Entry entry, Random& random) {
  switch (random() % 5) {
    case 0: entry.actor_name = "別人"; break;
    case 1: entry.outcome = entry.outcome == audit::Outcome::kDenied ? audit::Outcome::kAllowed : audit::Outcome::kDenied; break;
    case 2: entry.kind += ".x"; break;
    case 3: entry.label = audit::EntryLabel{"機密性1", {{"全職員"}}}; break;
    default: entry.details.set("added", 1); break;
  }
  return entry;
}

void flip_a_bit(std::string& bytes, Random& random) {
  const std::size_t at = below(random, bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
}

// What is done to the lines as they stand. Each returns whether it did anything.
using Change = bool (*)(World&, const World& other, Random&);

bool edit_entry(World& world, const World&, Random& random) {
  std::string& line = world.lines[below(random, world.lines.size())];
  flip_a_bit(line, random);
  return line.find('\n') == std::string::npos;
}
bool edit_and_hash(World& world, const World&, Random& random) {
  std::string& line = world.lines[below(random, world.lines.size())];
  const ReadLine was = read(line);
  line = hashed_again(changed(was.entry, random), was);
  return true;
}
bool edit_and_chain(World& world, const World& other, Random& random) {
  const std::size_t at = below(random, world.lines.size());
  const ReadLine was = read(world.lines[at]);
  world.lines[at] = hashed_again(changed(was.entry, random), was);
  chain_anew(world.lines, at);
  static_cast<void>(other);
  return true;
}
bool edit_chain_and_sign(World& world, const World& other, Random& random) {
  edit_and_chain(world, other, random);
  sign_anew(world.seals, own_line(world) + 1, world.lines, *world.stolen);
  return true;
}
bool drop_entry(World& world, const World&, Random& random) {
  world.lines.erase(world.lines.begin() + static_cast<std::ptrdiff_t>(below(random, world.lines.size())));
  return true;
}
bool drop_and_chain(World& world, const World&, Random& random) {
  const std::size_t at = below(random, world.lines.size() - 1);
  world.lines.erase(world.lines.begin() + static_cast<std::ptrdiff_t>(at));
  chain_anew(world.lines, at);
  return true;
}
bool swap_entries(World& world, const World&, Random& random) {
  std::swap(world.lines[below(random, world.lines.size())], world.lines[below(random, world.lines.size())]);
  return true;
}
bool swap_and_chain(World& world, const World&, Random& random) {
  const std::size_t a = below(random, world.lines.size());
  const std::size_t b = below(random, world.lines.size());
  std::swap(world.lines[a], world.lines[b]);
  chain_anew(world.lines, std::min(a, b));
  return a != b;
}
bool cut_log(World& world, const World&, Random& random) {
  world.lines.resize(1 + below(random, world.lines.size() - 1));
  return true;
}
bool cut_log_and_sign(World& world, const World&, Random& random) {
  world.lines.resize(1 + below(random, world.lines.size() - 1));
  sign_anew(world.seals, own_line(world) + 1, world.lines, *world.stolen);
  return true;
}
bool splice_in(World& world, const World& other, Random& random) {
  const std::size_t at = 1 + below(random, std::min(world.lines.size(), other.lines.size()) - 1);
  world.lines.resize(at);
  world.lines.insert(world.lines.end(), other.lines.begin() + static_cast<std::ptrdiff_t>(at), other.lines.end());
  return true;
}
bool splice_and_chain(World& world, const World& other, Random& random) {
  const std::size_t at = 1 + below(random, std::min(world.lines.size(), other.lines.size()) - 1);
  splice_in(world, other, random);
  chain_anew(world.lines, at);
  return true;
}
bool replace_log(World& world, const World& other, Random&) {
  world.lines = other.lines;
  return true;
}
bool replace_seals(World& world, const World& other, Random&) {
  world.seals = other.seals;
  return true;
}
bool replay_entry(World& world, const World&, Random& random) {
  const std::string again = world.lines[below(random, world.lines.size())];
  world.lines.insert(world.lines.begin() + static_cast<std::ptrdiff_t>(below(random, world.lines.size() + 1)), again);
  return true;
}
bool replay_and_chain(World& world, const World&, Random& random) {
  const std::string again = world.lines[below(random, world.lines.size())];
  const std::size_t at = below(random, world.lines.size());
  const std::string last = world.lines.back();
  world.lines.insert(world.lines.begin() + static_cast<std::ptrdiff_t>(at), again);
  chain_anew(world.lines, at);
  return world.lines[world.lines.size() - 2] != last;  // An Entry more behind the end is no change of what was.
}
bool back_date(World& world, const World&, Random& random) {
  const std::size_t at = below(random, world.lines.size());
  const ReadLine was = read(world.lines[at]);
  Entry entry = was.entry;
  entry.time_ms -= 1 + static_cast<std::int64_t>(random() % 1'000'000'000);
  world.lines[at] = hashed_again(entry, was);
  chain_anew(world.lines, at);
  return true;
}
bool edit_seal(World& world, const World&, Random& random) {
  std::string& seal = world.seals[below(random, world.seals.size())];
  flip_a_bit(seal, random);
  return seal.find('\n') == std::string::npos;
}
bool drop_seal(World& world, const World&, Random& random) {
  world.seals.erase(world.seals.begin() + static_cast<std::ptrdiff_t>(below(random, world.seals.size() - 1)));
  return true;
}
bool drop_seal_and_sign(World& world, const World&, Random& random) {
  const std::size_t at = below(random, world.seals.size() - 1);
  world.seals.erase(world.seals.begin() + static_cast<std::ptrdiff_t>(at));
  if (at > own_line(world)) return false;  // The thief's own: seen by a witness alone.
  sign_anew(world.seals, at, world.lines, *world.stolen);
  return true;
}
bool swap_seals(World& world, const World&, Random& random) {
  std::swap(world.seals[below(random, world.seals.size())], world.seals[below(random, world.seals.size())]);
  return true;
}
bool replay_seal(World& world, const World&, Random& random) {
  world.seals.push_back(world.seals[below(random, world.seals.size())]);
  return true;
}
bool cut_seals(World& world, const World&, Random& random) {
  world.seals.resize(below(random, world.seals.size()));
  return true;
}
bool remove_seals(World& world, const World&, Random&) {
  world.seals.clear();
  return true;
}
bool forge_keys(World& world, const World&, Random&) {
  forge_all(world);
  return true;
}
bool forge_keys_and_tell(World& world, const World&, Random&) {
  const crypto::SigningKey key = crypto::SigningKey::random();
  CheckpointLine begin;
  begin.number = 1;
  begin.time_ms = read(world.lines.front()).entry.time_ms;
  begin.key = begin.by = crypto::to_hex(key.public_key());
  for (std::string& text : world.lines) {
    ReadLine line = read(text);
    if (line.entry.kind != audit::kKeyedKind) continue;
    line.entry.details = Json::object({{"key", begin.key}, {"line", 1}});
    text = hashed_again(line.entry, line);
  }
  chain_anew(world.lines, 0);
  CheckpointLine line = begin;
  line.number = 2;
  line.by.clear();
  world.seals = {audit::to_text(begin, key)};
  line.previous = audit::line_hash(world.seals.front());
  line.tree = tree_of(world.lines, static_cast<std::int64_t>(world.lines.size()));
  world.seals.push_back(audit::to_text(line, key));
  return true;
}
bool bring_in_key(World& world, const World&, Random&) {
  const crypto::SigningKey key = crypto::SigningKey::random();
  CheckpointLine line = read_seal(world.seals.back());
  line.tree = audit::MerkleEdge();
  line.previous = audit::line_hash(world.seals.back());
  ++line.number;
  line.key = line.by = crypto::to_hex(key.public_key());
  world.seals.push_back(audit::to_text(line, key));
  return true;
}
bool forge_checkpoint(World& world, const World&, Random& random) {
  const crypto::SigningKey key = crypto::SigningKey::random();
  CheckpointLine line = read_seal(world.seals.back());
  line.previous = audit::line_hash(world.seals.back());
  ++line.number;
  line.key = crypto::to_hex(key.public_key());
  line.tree.add(audit::leaf_hash(std::to_string(random())));
  world.seals.push_back(audit::to_text(line, key));
  return true;
}
bool sign_beyond(World& world, const World&, Random& random) {
  CheckpointLine line = read_seal(world.seals.back());
  line.previous = audit::line_hash(world.seals.back());
  ++line.number;
  for (std::uint64_t i = 0; i <= random() % 5; ++i) line.tree.add(audit::leaf_hash(std::to_string(random())));
  world.seals.push_back(audit::to_text(line, *world.stolen));
  return true;
}
bool sign_a_fork(World& world, const World&, Random& random) {
  CheckpointLine line = read_seal(world.seals.back());
  std::vector<crypto::Digest> roots = line.tree.roots();
  roots[below(random, roots.size())] = audit::leaf_hash(std::to_string(random()));
  line.tree = audit::MerkleEdge::from(line.tree.size(), roots).value();
  world.seals.back() = audit::to_text(line, *world.stolen);
  return true;
}
bool sign_the_future(World& world, const World&, Random& random) {
  CheckpointLine line = read_seal(world.seals.back());
  line.time_ms = world.now_ms + 300'001 + static_cast<std::int64_t>(random() % 1'000'000'000);
  world.seals.back() = audit::to_text(line, *world.stolen);
  return true;
}
bool back_date_checkpoint(World& world, const World&, Random& random) {
  CheckpointLine line = read_seal(world.seals.back());
  line.time_ms -= 1 + static_cast<std::int64_t>(random() % 1'000'000'000);
  world.seals.back() = audit::to_text(line, *world.stolen);
  return true;
}
/// To the state after one of the checkpoints but the last.
bool take_back(World& world, const World&, Random& random) {
  const std::size_t end = 2 + below(random, world.seals.size() - 2);
  world.seals.resize(end);
  while (!world.seals.empty() && read_seal(world.seals.back()).brings_key()) world.seals.pop_back();
  world.lines.resize(static_cast<std::size_t>(read_seal(world.seals.back()).tree.size()));
  return true;
}
/// The newest part of the log, which the stolen key may sign for.
bool rewrite_today(World& world, const World&, Random& random) {
  const std::size_t own = own_line(world);
  const auto before = own == 0 ? 0 : static_cast<std::size_t>(read_seal(world.seals[own - 1]).tree.size());
  const std::size_t at = before + below(random, world.lines.size() - before);
  const ReadLine was = read(world.lines[at]);
  if (was.entry.kind == audit::kKeyedKind || was.entry.kind == audit::kFirstKind) return false;
  Entry entry = was.entry;
  entry.actor_name = "別人";
  world.lines[at] = hashed_again(entry, was);
  chain_anew(world.lines, at);
  sign_anew(world.seals, own + 1, world.lines, *world.stolen);
  return true;
}

struct Way {
  const char* name;
  Kept needs;
  Change change;
};

constexpr Way kWays[] = {
    {"edit an entry", Kept::kNothing, edit_entry},
    {"edit an entry and hash it", Kept::kNothing, edit_and_hash},
    {"edit an entry and chain the rest to it", Kept::kNothing, edit_and_chain},
    {"edit, chain and sign with the stolen key", Kept::kPaper, edit_chain_and_sign},
    {"drop an entry", Kept::kNothing, drop_entry},
    {"drop an entry and chain the rest", Kept::kNothing, drop_and_chain},
    {"swap entries", Kept::kNothing, swap_entries},
    {"swap entries and chain the rest", Kept::kNothing, swap_and_chain},
    {"cut the log", Kept::kNothing, cut_log},
    {"cut the log and sign with the stolen key", Kept::kPaper, cut_log_and_sign},
    {"splice another log in", Kept::kNothing, splice_in},
    {"splice another log in and chain it", Kept::kNothing, splice_and_chain},
    {"put another log in place", Kept::kNothing, replace_log},
    {"put other checkpoints in place", Kept::kNothing, replace_seals},
    {"replay an entry", Kept::kNothing, replay_entry},
    {"replay an entry and chain the rest", Kept::kNothing, replay_and_chain},
    {"back-date an entry and chain the rest", Kept::kNothing, back_date},
    {"edit a checkpoint", Kept::kNothing, edit_seal},
    {"drop a checkpoint", Kept::kNothing, drop_seal},
    {"drop a checkpoint and sign with the stolen key", Kept::kNothing, drop_seal_and_sign},
    {"swap checkpoints", Kept::kNothing, swap_seals},
    {"replay a checkpoint", Kept::kNothing, replay_seal},
    {"cut the checkpoints", Kept::kWitness, cut_seals},
    {"remove the checkpoints", Kept::kNothing, remove_seals},
    {"sign with other keys", Kept::kNothing, forge_keys},
    {"sign with other keys of which the log is made to tell", Kept::kPublicKey, forge_keys_and_tell},
    {"begin anew with another key", Kept::kPublicKey, bring_in_key},
    {"forge a checkpoint", Kept::kNothing, forge_checkpoint},
    {"sign beyond the end with the stolen key", Kept::kNothing, sign_beyond},
    {"sign a fork with the stolen key", Kept::kNothing, sign_a_fork},
    {"sign the future with the stolen key", Kept::kNothing, sign_the_future},
    {"back-date a checkpoint with the stolen key", Kept::kWitness, back_date_checkpoint},
    {"take log and checkpoints back", Kept::kPaper, take_back},
    {"rewrite today and sign with the stolen key", Kept::kPaper, rewrite_today},
};

/// What is done to the files themselves, once the lines are in them.
bool tamper_with_files(Files& files, Random& random) {
  auto file = std::next(files.begin(), static_cast<std::ptrdiff_t>(below(random, files.size())));
  switch (random() % 4) {
    case 0: {  // A segment that is missing.
      if (file->first == kSeals) return false;
      files.erase(file);
      return !files.empty() && files.begin()->first != kSeals;
    }
    case 1: {  // Another name.
      if (file->first == kSeals) return false;
      const std::string name = fmt::format("{:020}.jsonl", random() % 40 + 1);
      std::string bytes = std::move(file->second);
      files.erase(file);
      files[name] = std::move(bytes);
      return true;
    }
    case 2: file->second.resize(file->second.size() - 1 - below(random, std::min<std::size_t>(file->second.size() - 1, 3000))); return file->first != kSeals;
    default: flip_a_bit(file->second, random); return true;
  }
}

}  // namespace

World make_world(std::uint64_t seed) {
  Random random(seed);
  World world;
  FakeClock clock;
  const store::TestFolder folder(store::TestFolder::On::kMemory);
  const fs::path log = folder / "audit";
  {
    const auto chain = audit::Chain::open(log, clock, {.segment_bytes = 1200 + random() % 3000}).value();
    const auto notary = audit::Notary::open(log, *chain, clock, {.keys = folder / "keys", .key_checkpoints = 2}).value();
    const std::size_t rounds = 3 + random() % 3;
    for (std::size_t round = 0; round < rounds; ++round) {
      for (std::uint64_t i = 0; i <= random() % 3; ++i) {
        clock.advance_ms(1 + static_cast<std::int64_t>(random() % 100'000));
        static_cast<void>(chain->append({.kind = "release.answer", .actor_name = "山田", .subjects = {std::to_string(random() % 100)},
                                         .outcome = audit::Outcome::kAllowed, .details = Json::object({{"number", static_cast<std::int64_t>(random() % 1000)}})}));
      }
      world.paper = notary->checkpoint().value().head().paper();
    }
  }
  const std::vector<audit::Segment> segments = audit::list_segments(log).value();
  for (const audit::Segment& segment : segments) {
    world.segment_starts.push_back(segment.first_sequence);
    for (std::string& line : lines_of(read_file(segment.path))) world.lines.push_back(std::move(line));
  }
  world.seals = lines_of(read_file(log / kSeals));
  world.public_key = read_seal(world.seals.front()).key;
  world.now_ms = clock.wall_ms();
  const std::string seed_hex = read_file(folder / "keys" / "checkpoint.key").substr(0, 64);
  world.stolen = crypto::SigningKey::from_seed(crypto::SecretBytes::take(crypto::bytes_from_hex(seed_hex).value())).value();
  return world;
}

Files files_of(const World& world) {
  Files files;
  std::string* file = nullptr;
  for (std::size_t i = 0; i < world.lines.size(); ++i) {
    const auto sequence = static_cast<std::int64_t>(i) + 1;
    if (std::find(world.segment_starts.begin(), world.segment_starts.end(), sequence) != world.segment_starts.end()) {
      file = &files[fmt::format("{:020}.jsonl", sequence)];
    }
    file->append(world.lines[i]).push_back('\n');
  }
  if (!world.seals.empty()) files[std::string(kSeals)] = joined(world.seals);
  return files;
}

std::optional<Tampering> tamper(const World& world, const World& other, Random& random) {
  Tampering tampering;
  const std::size_t way = below(random, std::size(kWays) + 2);
  const Files original = files_of(world);
  if (way < std::size(kWays)) {
    World changed{world.lines, world.segment_starts, world.seals, world.public_key, world.paper, world.now_ms, std::nullopt};
    changed.stolen = crypto::SigningKey::from_seed(crypto::SecretBytes::take(std::string(world.stolen->seed().reveal()))).value();
    if (!kWays[way].change(changed, other, random)) return std::nullopt;
    tampering = {kWays[way].name, kWays[way].needs, files_of(changed)};
  } else {
    tampering = {"tamper with a file", Kept::kNothing, original};
    if (!tamper_with_files(tampering.files, random)) return std::nullopt;
  }
  if (tampering.files == original) return std::nullopt;
  return tampering;
}

}  // namespace sekisho::proof
