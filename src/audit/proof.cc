#include "audit/proof.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "audit/merkle.h"
#include "audit/pruned.h"
#include "audit/segment.h"
#include "audit/verify.h"

namespace sekisho::audit {
namespace {

constexpr std::size_t kKeyLines = 100'000;

Json hashes_json(const Path& path) {
  Json::Array items;
  for (const crypto::Digest& hash : path) items.emplace_back(hash.hex());
  return Json(std::move(items));
}

Json texts_json(const std::vector<std::string>& texts) { return Json(Json::Array(texts.begin(), texts.end())); }

Result<Path> path_of(JsonReader& reader, const char* name) {
  Path path;
  for (const std::string& text : reader.texts(name, 64)) {
    const Result<crypto::Digest> hash = crypto::Digest::from_hex(text);
    if (!hash) return fail(ErrorCode::kCorrupt, "the proof holds what is no hash");
    path.push_back(*hash);
  }
  return path;
}

/// The line of the last checkpoint.
Result<std::string> last_checkpoint(const std::filesystem::path& directory) {
  Result<CheckpointTail> tail = read_checkpoint_tail(directory);
  if (!tail) return fail(tail.error());
  Result<LineReader> reader = LineReader::open(directory / kCheckpointFile);
  if (!tail->checkpoint || !reader) return fail(ErrorCode::kDenied, "no checkpoint yet");
  for (std::int64_t number = 1;; ++number) {
    Result<std::optional<std::string>> line = reader->next();
    if (!line) return fail(line.error());
    if (!*line) return fail(ErrorCode::kCorrupt, "the checkpoint file: its numbers do not count its lines");
    if (number == tail->checkpoint->number) return std::move(**line);
  }
}

Result<TreeHead> since_of(const Json& json) {
  JsonReader reader(json, "$.since");
  TreeHead head;
  head.size = reader.integer("size", {.min = 1});
  const Result<crypto::Digest> root = crypto::Digest::from_hex(reader.text("root"));
  if (Result<void> done = reader.finish(); !done || !root) return fail(ErrorCode::kCorrupt, "$.since is malformed");
  head.root = *root;
  return head;
}

Result<void> check_since(JsonReader& reader, Proved& proved) {
  const Json* since = reader.raw_if("since");
  if (since == nullptr) return {};
  const Result<TreeHead> head = since_of(*since);
  const Result<Path> path = path_of(reader, "consistency");
  if (!head || !path) return fail(head ? path.error() : head.error());
  if (!proves_consistency(*path, head->size, head->root, proved.checkpoint.size, proved.checkpoint.root)) {
    return fail(ErrorCode::kCorrupt, "the earlier log is not proved to be the beginning of the later");
  }
  proved.since = *head;
  return {};
}

}  // namespace

Result<Json> prove(const std::filesystem::path& directory, std::int64_t sequence, std::optional<std::int64_t> since) {
  const Result<std::string> text = last_checkpoint(directory);
  if (!text) return fail(text.error());
  const Result<CheckpointLine> checkpoint = parse_checkpoint_line(*text);
  if (!checkpoint) return fail(checkpoint.error());
  const std::int64_t size = checkpoint->tree.size();
  if (sequence < 1 || sequence > size) return fail(ErrorCode::kDenied, "no checkpoint covers such an entry");
  if (since && (*since < 1 || *since > size)) return fail(ErrorCode::kInvalid, "--since: a size up to the last checkpoint's");
  Result<Pruned> pruned = read_pruned(directory);
  if (!pruned) return fail(pruned.error());
  if (sequence <= pruned->size() || (since && *since < pruned->size())) return fail(ErrorCode::kDenied, "that entry was removed");
  Leaves leaves{pruned->tree, {}};
  MerkleEdge tree = pruned->tree;
  crypto::Digest since_root = tree.root();
  std::string entry;
  Result<void> read = for_each_entry(directory, [&](const ReadLine& line) {
    leaves.hashes.push_back(line.hash);
    tree.add(line.hash);
    if (since == line.sequence) since_root = tree.root();
    if (line.sequence == sequence) entry = to_line(line.entry, line.sequence, line.previous).text;
    return line.sequence < size;
  });
  if (!read) return fail(read.error());
  if (leaves.size() != size) return fail(ErrorCode::kCorrupt, "the log ends before its last checkpoint");
  const Result<std::vector<std::string>> keys = key_lines(directory);
  if (!keys) return fail(keys.error());
  Json proof = Json::object({{"entry", entry}, {"checkpoint", *text}, {"inclusion", hashes_json(inclusion_proof(sequence - 1, leaves))}, {"keys", texts_json(*keys)}});
  if (since) {
    proof.set("since", Json::object({{"size", *since}, {"root", since_root.hex()}}));
    proof.set("consistency", hashes_json(consistency_proof(*since, leaves)));
  }
  return proof;
}

Result<Proved> check_proof(const Json& proof, const std::string& public_key) {
  JsonReader reader(proof);
  const std::string entry_text = reader.text("entry");
  const std::string checkpoint_text = reader.text("checkpoint");
  const Result<Path> inclusion = path_of(reader, "inclusion");
  const std::vector<std::string> key_texts = reader.texts("keys", kKeyLines);
  if (!inclusion) return fail(inclusion.error());
  const Result<ReadLine> entry = parse_line(entry_text);
  const Result<CheckpointLine> checkpoint = parse_checkpoint_line(checkpoint_text);
  const Result<std::vector<std::string>> keys = follow_keys(key_texts);
  if (!entry) return fail(entry.error());
  if (!checkpoint) return fail(checkpoint.error());
  if (!keys) return fail(keys.error());
  Proved proved{*entry, checkpoint->head(), checkpoint->time_ms, std::nullopt, keys->front()};
  if (Result<void> checked = check_since(reader, proved); !checked) return fail(checked.error());
  if (Result<void> done = reader.finish(); !done) return fail(ErrorCode::kCorrupt, done.error().detail);
  if (!public_key.empty() && public_key != proved.key) return fail(ErrorCode::kCorrupt, "the keys do not begin with the public key that was given");
  if (checkpoint->brings_key() || std::find(keys->begin(), keys->end(), checkpoint->key) == keys->end()) {
    return fail(ErrorCode::kCorrupt, "the checkpoint is signed by a key that is not among the keys");
  }
  if (!proves_inclusion(*inclusion, entry->hash, entry->sequence - 1, proved.checkpoint.size, proved.checkpoint.root)) {
    return fail(ErrorCode::kCorrupt, "the entry is not proved to stand in the checkpoint's tree");
  }
  return proved;
}

}  // namespace sekisho::audit
