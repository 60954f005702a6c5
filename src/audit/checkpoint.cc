#include "audit/checkpoint.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "audit/entry.h"
#include "audit/segment.h"
#include "audit/signed_text.h"
#include "base/check.h"
#include "base/json.h"

namespace sekisho::audit {
namespace {

constexpr std::string_view kDomain = "sekisho/checkpoint/1\n";
constexpr std::size_t kLineBytes = 8 * 1024;
constexpr std::size_t kTailBytes = 256 * 1024;
constexpr std::size_t kKeyCharacters = 64;

Json body_of(const CheckpointLine& line) {
  Json body = Json::object({{"key", line.key}, {"number", line.number}, {"previous", line.previous.hex()}, {"time_ms", line.time_ms}});
  if (line.brings_key()) {
    body.set("by", line.by);
    body.set("kind", "key");
    return body;
  }
  Json::Array edge;
  for (const crypto::Digest& root : line.tree.roots()) edge.emplace_back(root.hex());
  body.set("edge", Json(std::move(edge)));
  body.set("kind", "checkpoint");
  body.set("root", line.tree.root().hex());
  body.set("size", line.tree.size());
  return body;
}

Result<void> read_tree(JsonReader& reader, CheckpointLine& line) {
  const std::int64_t size = reader.integer("size", {.min = 1});
  const Result<crypto::Digest> root = crypto::Digest::from_hex(reader.text("root"));
  std::vector<crypto::Digest> edge;
  for (const std::string& text : reader.texts("edge", 63)) {
    const Result<crypto::Digest> hash = crypto::Digest::from_hex(text);
    if (!hash) return fail(ErrorCode::kCorrupt, "$.edge: not hashes");
    edge.push_back(*hash);
  }
  if (Result<void> done = reader.finish(); !done) return fail(ErrorCode::kCorrupt, done.error().detail);
  Result<MerkleEdge> tree = MerkleEdge::from(size, std::move(edge));
  if (!tree || !root || tree->root() != *root) return fail(ErrorCode::kCorrupt, "the checkpoint's edge does not make its root");
  line.tree = std::move(*tree);
  return {};
}

Result<CheckpointLine> read_body(const Json& json) {
  CheckpointLine line;
  JsonReader reader(json);
  const std::string kind = reader.text("kind");
  line.number = reader.integer("number", {.min = 1});
  line.time_ms = reader.integer("time_ms");
  line.key = reader.text("key");
  const Result<crypto::Digest> previous = crypto::Digest::from_hex(reader.text("previous"));
  if (!previous) return fail(ErrorCode::kCorrupt, "$.previous is malformed");
  line.previous = *previous;
  if (!is_public_key(line.key)) return fail(ErrorCode::kCorrupt, "$.key is malformed");
  if (kind == "checkpoint") {
    if (Result<void> read = read_tree(reader, line); !read) return fail(read.error());
    return line;
  }
  line.by = reader.text("by");
  if (Result<void> done = reader.finish(); !done) return fail(ErrorCode::kCorrupt, done.error().detail);
  if (kind != "key" || !is_public_key(line.by)) return fail(ErrorCode::kCorrupt, "$.kind or $.by is malformed");
  return line;
}

std::string signed_bytes(std::string_view body) { return std::string(kDomain).append(body); }

}  // namespace

bool is_public_key(std::string_view hex) { return hex.size() == kKeyCharacters && crypto::bytes_from_hex(hex).has_value(); }

std::string TreeHead::paper() const { return fmt::format("{}:{}", size, root.base32()); }

Result<TreeHead> TreeHead::from_paper(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c != ' ' && c != '-') plain.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  const std::size_t colon = plain.find(':');
  TreeHead head;
  const char* const end = plain.data() + std::min(colon, plain.size());
  const auto [stop, ec] = std::from_chars(plain.data(), end, head.size);
  const Result<crypto::Digest> root = crypto::Digest::from_base32(colon == std::string::npos ? "" : plain.substr(colon + 1));
  if (ec != std::errc() || stop != end || head.size < 1 || !root) return fail(ErrorCode::kInvalid, "not a checkpoint: SIZE:ROOT in base 32");
  head.root = *root;
  return head;
}

std::string to_text(const CheckpointLine& line, const crypto::SigningKey& signer) {
  CHECK(crypto::to_hex(signer.public_key()) == (line.brings_key() ? line.by : line.key));
  const std::string body = canonical(body_of(line));
  return with_signature(body, signer.sign(signed_bytes(body)));
}

Result<CheckpointLine> parse_checkpoint_line(std::string_view text) {
  if (text.size() > kLineBytes) return fail(ErrorCode::kCorrupt, "too long for a line of a checkpoint file");
  const Result<SplitText> split = split_signature(text);
  if (!split) return fail(split.error());
  const Result<Json> json = Json::parse(split->body);
  if (!json) return fail(ErrorCode::kCorrupt, json.error().detail);
  if (canonical(*json) != split->body) return fail(ErrorCode::kCorrupt, "the line is not in canonical form");
  Result<CheckpointLine> line = read_body(*json);
  if (!line) return line;
  const std::string& signer = line->brings_key() ? line->by : line->key;
  if (!crypto::verify_signature(crypto::bytes_from_hex(signer).value(), signed_bytes(split->body), split->signature)) {
    return fail(ErrorCode::kCorrupt, "the signature is not that of the key that the line names");
  }
  return line;
}

Result<CheckpointLine> CheckpointCheck::accept(std::string_view text) {
  Result<CheckpointLine> line = parse_checkpoint_line(text);
  if (!line) return line;
  if (line->number != number_ + 1) return fail(ErrorCode::kCorrupt, fmt::format("line {} stands where {} must", line->number, number_ + 1));
  if (line->previous != previous_) return fail(ErrorCode::kCorrupt, "the line does not follow the one before it");
  if (line->brings_key()) {
    if (!line->begins() && line->by != key_) return fail(ErrorCode::kCorrupt, "the new key is signed by one that does not hold");
    if (line->begins()) {
      beginning_ = line->key;
      ++beginnings_;
    }
    key_ = line->key;
  } else {
    if (line->key != key_) return fail(ErrorCode::kCorrupt, "the checkpoint is signed by a key that does not hold");
    if (last_ && line->tree.size() <= last_->size) return fail(ErrorCode::kCorrupt, "the checkpoint covers no more than the one before it");
    last_ = line->head();
  }
  number_ = line->number;
  previous_ = line_hash(text);
  return line;
}

Result<CheckpointTail> read_checkpoint_tail(const std::filesystem::path& directory) {
  CheckpointTail tail;
  const std::filesystem::path path = directory / kCheckpointFile;
  std::error_code missing;
  const std::uintmax_t size = std::filesystem::file_size(path, missing);
  if (missing) return tail;
  const std::uint64_t from = size > kTailBytes ? size - kTailBytes : 0;
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(from));
  std::string bytes(static_cast<std::size_t>(size - from), '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!in) return fail(ErrorCode::kUnavailable, "cannot read " + path.string());
  std::size_t whole = 0;
  for (std::size_t at = 0, end = 0; (end = bytes.find('\n', at)) != std::string::npos; at = end + 1) {
    const std::string_view text = std::string_view(bytes).substr(at, end - at);
    Result<CheckpointLine> line = parse_checkpoint_line(text);
    if (!line) continue;  // The beginning is cut, and so may be the end; `sekisho audit verify` reads all.
    whole = end + 1;
    tail.last_hash = line_hash(text);
    if (!line->brings_key()) tail.checkpoint = *line;
    tail.last = std::move(*line);
  }
  if (from > 0 && !tail.last) return fail(ErrorCode::kCorrupt, "no checkpoint is whole: see `sekisho audit verify`");
  tail.whole_bytes = from + whole;
  tail.torn = bytes.substr(whole);
  return tail;
}

Result<std::vector<std::string>> key_lines(const std::filesystem::path& directory) {
  Result<LineReader> reader = LineReader::open(directory / kCheckpointFile);
  if (!reader) return fail(ErrorCode::kDenied, "no checkpoint in this folder");
  std::vector<std::string> lines;
  for (;;) {
    Result<std::optional<std::string>> text = reader->next();
    if (!text) return fail(text.error());
    if (!*text) break;
    if ((*text)->find(R"("kind":"key")") == std::string::npos) continue;  // A signature is slow to check; checkpoints are many.
    const Result<CheckpointLine> line = parse_checkpoint_line(**text);
    if (!line || !line->brings_key()) continue;
    if (line->begins()) lines.clear();
    lines.push_back(std::move(**text));
  }
  if (lines.empty()) return fail(ErrorCode::kDenied, "no checkpoint in this folder");
  return lines;
}

Result<std::vector<std::string>> follow_keys(const std::vector<std::string>& lines) {
  std::vector<std::string> keys;
  for (const std::string& text : lines) {
    const Result<CheckpointLine> line = parse_checkpoint_line(text);
    if (!line) return fail(line.error());
    const bool follows = keys.empty() ? line->begins() : line->by == keys.back() && !line->begins();
    if (!line->brings_key() || !follows) return fail(ErrorCode::kCorrupt, "the keys do not hand over to each other");
    keys.push_back(line->key);
  }
  if (keys.empty()) return fail(ErrorCode::kCorrupt, "no key");
  return keys;
}

}  // namespace sekisho::audit
