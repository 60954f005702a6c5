#include "audit/pruned.h"

#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/entry.h"
#include "base/json.h"

namespace sekisho::audit {
namespace {

constexpr std::size_t kFileBytes = 16 * limits::kMiB;

Result<Pruned> read_json(const Json& json) {
  JsonReader reader(json);
  Pruned pruned;
  const std::int64_t size = reader.integer("size", {.min = 1});
  const Result<crypto::Digest> head = crypto::Digest::from_hex(reader.text("head"));
  std::vector<crypto::Digest> edge;
  for (const std::string& text : reader.texts("edge", 63)) {
    const Result<crypto::Digest> hash = crypto::Digest::from_hex(text);
    if (!hash) return fail(ErrorCode::kCorrupt, "$.edge: not hashes");
    edge.push_back(*hash);
  }
  const Json* keys = reader.raw_if("keys");
  if (Result<void> done = reader.finish(); !done || !head || keys == nullptr || keys->as_object() == nullptr) {
    return fail(ErrorCode::kCorrupt, "not a record of removed entries");
  }
  for (const Json::Member& member : *keys->as_object()) {
    const std::int64_t* sequence = member.second.as_int();
    if (!is_public_key(member.first) || sequence == nullptr || *sequence < 1 || *sequence > size) return fail(ErrorCode::kCorrupt, "$.keys is malformed");
    pruned.keys.emplace(member.first, *sequence);
  }
  Result<MerkleEdge> tree = MerkleEdge::from(size, std::move(edge));
  if (!tree) return fail(ErrorCode::kCorrupt, tree.error().detail);
  pruned.tree = std::move(*tree);
  pruned.head = *head;
  return pruned;
}

}  // namespace

std::string Pruned::text() const {
  Json::Array edge;
  for (const crypto::Digest& root : tree.roots()) edge.emplace_back(root.hex());
  Json told = Json::object();
  for (const auto& [key, sequence] : keys) told.set(key, sequence);
  return canonical(Json::object({{"edge", Json(std::move(edge))}, {"head", head.hex()}, {"keys", std::move(told)}, {"size", tree.size()}}));
}

Result<Pruned> read_pruned(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / kPrunedFile;
  std::error_code missing;
  if (!std::filesystem::exists(path, missing)) return Pruned{};
  std::ifstream in(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  if (!in) return fail(ErrorCode::kUnavailable, "cannot read " + path.string());
  const Result<Json> json = Json::parse(bytes, kFileBytes);
  if (!json) return fail(ErrorCode::kCorrupt, json.error().detail);
  Result<Pruned> pruned = read_json(*json);
  if (pruned && pruned->text() + "\n" != bytes) return fail(ErrorCode::kCorrupt, "the record of removed entries is not in canonical form");
  return pruned;
}

}  // namespace sekisho::audit
