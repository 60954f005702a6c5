#include "model/gguf_check.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "model/gguf_reader.h"

namespace sekisho::model {
namespace {

/// Decoders without recurrent state (a kept prefix must be exact) that libllama runs from text alone.
constexpr std::array<std::string_view, 49> kDecoders = {
    "llama",   "llama4",   "qwen",      "qwen2",      "qwen2moe", "qwen3",     "qwen3moe",      "gemma",    "gemma2",     "gemma3",
    "gemma3n", "gpt2",     "gptneox",   "gptj",       "mpt",      "phi2",      "phi3",          "phimoe",   "plamo",      "plamo3",
    "falcon",  "stablelm", "starcoder", "starcoder2", "baichuan", "internlm2", "minicpm",       "minicpm3", "orion",      "command-r",
    "cohere2", "dbrx",     "olmo",      "olmo2",      "olmoe",    "deepseek",  "deepseek2",     "granite",  "granitemoe", "exaone",
    "exaone4", "nemotron", "mistral3",  "gpt-oss",    "smollm3",  "ernie4_5",  "hunyuan-dense", "seed_oss", "bloom"};
constexpr std::array<std::string_view, 6> kEncoders = {"bert",         "modern-bert",  "nomic-bert",
                                                       "jina-bert-v2", "jina-bert-v3", "gemma-embedding"};

constexpr std::array<std::string_view, 6> kTokenizers = {"gpt2", "llama", "bert", "t5", "plamo2", "gemma4"};

/// A block of a tensor type: how many values, how many bytes. Types that ggml removed or never writes to files are absent.
struct BlockShape {
  std::uint32_t type;
  std::uint32_t values;
  std::uint32_t bytes;
};
constexpr std::array<BlockShape, 32> kBlocks = {{
    {0, 1, 4},     {1, 1, 2},      {2, 32, 18},    {3, 32, 20},    {6, 32, 22},    {7, 32, 24},    {8, 32, 34},   {9, 32, 36},
    {10, 256, 84}, {11, 256, 110}, {12, 256, 144}, {13, 256, 176}, {14, 256, 210}, {15, 256, 292}, {16, 256, 66}, {17, 256, 74},
    {18, 256, 98}, {19, 256, 50},  {20, 32, 18},   {21, 256, 110}, {22, 256, 82},  {23, 256, 136}, {24, 1, 1},    {25, 1, 2},
    {26, 1, 4},    {27, 1, 8},     {28, 1, 8},     {29, 256, 56},  {30, 1, 2},     {34, 256, 54},  {35, 256, 66}, {39, 32, 17},
}};

const std::set<std::string, std::less<>>& marker_texts() {
  static const std::set<std::string, std::less<>> texts = {"<|im_start|>",        "<|im_end|>", "<start_of_turn>", "<end_of_turn>",
                                                           "<|start_header_id|>", "<|eot_id|>", "<|user|>",        "<|assistant|>"};
  return texts;
}

constexpr std::uint64_t kAlignment_max = 1ULL << 20;
constexpr std::uint64_t kTensorBytes_max = 1ULL << 46;

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

tl::unexpected<Error> invalid(std::string why) { return fail(ErrorCode::kInvalid, "GGUF: " + std::move(why)); }

/// The typed view of the metadata. Remembers the first wrong entry.
class Facts {
 public:
  explicit Facts(const GgufHead& head) : head_(head) {}

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  std::string text(std::string_view key) {
    const auto* value = find(key);
    if (value == nullptr) return {};
    const auto* text = std::get_if<std::string>(value);
    if (text == nullptr) refuse(key, "must be a string");
    return text == nullptr ? std::string() : *text;
  }

  /// A whole number in min..max, or nothing where the key is missing.
  std::optional<std::uint64_t> count_if(std::string_view key, std::uint64_t min, std::uint64_t max) {
    const auto* value = find(key);
    if (value == nullptr) return std::nullopt;
    const auto* plain = std::get_if<std::uint64_t>(value);
    const auto* with_sign = std::get_if<std::int64_t>(value);
    if (plain == nullptr && (with_sign == nullptr || *with_sign < 0)) return refuse(key, "must be a whole number"), std::nullopt;
    const std::uint64_t number = plain != nullptr ? *plain : static_cast<std::uint64_t>(*with_sign);
    if (number < min || number > max) return refuse(key, fmt::format("{} is not in {}..{}", number, min, max)), std::nullopt;
    return number;
  }

  std::uint64_t count(std::string_view key, std::uint64_t min, std::uint64_t max) {
    if (find(key) == nullptr) refuse(key, "is missing");
    return count_if(key, min, max).value_or(0);
  }

  /// A number of heads: one for all blocks, or an array with one for each.
  void heads(std::string_view key, std::uint64_t blocks, std::uint64_t min) {
    const auto* value = find(key);
    const auto* array = value == nullptr ? nullptr : std::get_if<GgufArray>(value);
    if (array == nullptr) return static_cast<void>(count_if(key, min, 4'096));
    if (array->type == GgufType::kString || array->count != blocks) return refuse(key, "must have one number for each block");
    if (array->min < 0 || array->max > 4'096) refuse(key, "a number outside 0..4096");
  }

  void check_flag(std::string_view key) {
    const auto* value = find(key);
    if (value != nullptr && !std::holds_alternative<bool>(*value)) refuse(key, "must be true or false");
  }

  const GgufArray* array_if(std::string_view key, GgufType type) {
    const auto* value = find(key);
    if (value == nullptr) return nullptr;
    const auto* array = std::get_if<GgufArray>(value);
    if (array == nullptr || array->type != type) return refuse(key, "must be an array of the right type"), nullptr;
    return array;
  }

  void refuse(std::string_view key, std::string_view why, ErrorCode code = ErrorCode::kInvalid) {
    if (!error_) error_ = Error{code, fmt::format("GGUF: metadata \"{}\": {}", key, why)};
  }

 private:
  const GgufValue* find(std::string_view key) const {
    const auto found = head_.metadata.find(key);
    return found == head_.metadata.end() ? nullptr : &found->second;
  }

  const GgufHead& head_;
  std::optional<Error> error_;
};

void check_architecture(Facts& facts, GgufSummary& summary) {
  summary.architecture = facts.text("general.architecture");
  if (summary.architecture.empty()) return facts.refuse("general.architecture", "is missing");
  summary.embedding = contains(kEncoders, summary.architecture);
  if (!summary.embedding && !contains(kDecoders, summary.architecture)) {
    return facts.refuse("general.architecture", fmt::format("\"{}\" is not one that we run", summary.architecture.substr(0, 64)),
                        ErrorCode::kUnsupported);
  }
  const auto type = facts.text("general.type");
  if (!type.empty() && type != "model") return facts.refuse("general.type", "only whole models can be used", ErrorCode::kUnsupported);
  if (facts.count_if("split.count", 0, 100'000).value_or(1) > 1) {
    return facts.refuse("split.count", "a model in several files; join them first (llama-gguf-split --merge)", ErrorCode::kUnsupported);
  }
}

void check_shape(Facts& facts, GgufSummary& summary) {
  const std::string prefix = summary.architecture + ".";
  const auto blocks = facts.count(prefix + "block_count", 1, 1'000);
  const auto width = facts.count(prefix + "embedding_length", 1, 1 << 20);
  const auto context = facts.count(prefix + "context_length", 1, 1ULL << 31);
  facts.heads(prefix + "attention.head_count", blocks, 1);
  facts.heads(prefix + "attention.head_count_kv", blocks, 1);
  facts.count_if(prefix + "attention.key_length", 1, 65'536);
  facts.count_if(prefix + "attention.value_length", 1, 65'536);
  facts.count_if(prefix + "rope.dimension_count", 0, 65'536);
  const auto experts = facts.count_if(prefix + "expert_count", 0, 4'096).value_or(0);
  facts.count_if(prefix + "expert_used_count", 0, experts);
  summary.blocks = static_cast<std::int64_t>(blocks);
  summary.width = static_cast<std::int64_t>(width);
  summary.context_tokens = static_cast<std::int64_t>(context);
}

void check_numbers_finite(Facts& facts, const GgufHead& head) {
  for (const auto& [key, value] : head.metadata) {
    const auto* number = std::get_if<double>(&value);
    const auto* array = std::get_if<GgufArray>(&value);
    if (number != nullptr && !std::isfinite(*number)) facts.refuse(key, "is not a finite number");
    if (array != nullptr && !array->finite) facts.refuse(key, "holds a number that is not finite");
  }
}

void check_special_tokens(Facts& facts, const GgufHead& head, std::uint64_t vocabulary) {
  constexpr std::string_view prefix = "tokenizer.ggml.";
  constexpr std::string_view suffix = "_token_id";
  for (const auto& [key, value] : head.metadata) {
    if (key.starts_with(prefix) && key.ends_with(suffix)) facts.count_if(key, 0, vocabulary - 1);
  }
}

void check_tokenizer(Facts& facts, const GgufHead& head, GgufSummary& summary) {
  summary.tokenizer = facts.text("tokenizer.ggml.model");
  if (!contains(kTokenizers, summary.tokenizer)) {
    return facts.refuse("tokenizer.ggml.model", "is missing or not one that we run", ErrorCode::kUnsupported);
  }
  const GgufArray* tokens = facts.array_if(kTokensKey, GgufType::kString);
  if (tokens == nullptr || tokens->count == 0) return facts.refuse(kTokensKey, "is missing or empty");
  std::vector<std::uint64_t> hashes = tokens->hashes;
  std::sort(hashes.begin(), hashes.end());
  if (std::adjacent_find(hashes.begin(), hashes.end()) != hashes.end()) facts.refuse(kTokensKey, "the same token twice");
  const auto* scores = facts.array_if("tokenizer.ggml.scores", GgufType::kF32);
  if (scores != nullptr && scores->count != tokens->count) facts.refuse("tokenizer.ggml.scores", "must have one number for each token");
  const auto* types = facts.array_if("tokenizer.ggml.token_type", GgufType::kI32);
  if (types != nullptr && types->count != tokens->count) facts.refuse("tokenizer.ggml.token_type", "must have one number for each token");
  if (types != nullptr && (types->min < 0 || types->max > 6)) facts.refuse("tokenizer.ggml.token_type", "a number outside 0..6");
  const auto* merges = facts.array_if("tokenizer.ggml.merges", GgufType::kString);
  if (merges != nullptr && merges->unspaced > 0)
    facts.refuse("tokenizer.ggml.merges", "an entry that is not two parts with a space between");
  if (summary.tokenizer == "gpt2" && merges == nullptr) facts.refuse("tokenizer.ggml.merges", "is missing");
  check_special_tokens(facts, head, tokens->count);
  facts.check_flag("tokenizer.ggml.add_bos_token");
  facts.check_flag("tokenizer.ggml.add_eos_token");
  summary.vocabulary = static_cast<std::int64_t>(tokens->count);
  for (const auto& [text, index] : tokens->seen) summary.markers.push_back(text);
}

/// Values and bytes of a tensor. Errors: kInvalid with its name.
struct TensorSize {
  std::uint64_t values = 0;
  std::uint64_t bytes = 0;
};
Result<TensorSize> size_of(const GgufTensor& tensor) {
  const auto block = std::find_if(kBlocks.begin(), kBlocks.end(), [&](const BlockShape& b) { return b.type == tensor.type; });
  if (block == kBlocks.end()) return invalid(fmt::format("tensor \"{}\": unknown type {}", tensor.name, tensor.type));
  std::uint64_t values = 1;
  for (const std::uint64_t extent : tensor.shape) {
    if (extent == 0 || extent > kTensorBytes_max / values) {
      return invalid(fmt::format("tensor \"{}\": a dimension of {} is impossible", tensor.name, extent));
    }
    values *= extent;
  }
  if (tensor.shape[0] % block->values != 0) {
    return invalid(fmt::format("tensor \"{}\": rows of {} values do not fill blocks of {}", tensor.name, tensor.shape[0], block->values));
  }
  // At most 2^46 values of at most 8 bytes: no overflow.
  return TensorSize{values, values / block->values * block->bytes};
}

struct Extent {
  std::uint64_t begin;
  std::uint64_t end;
  const std::string* name;
};

Result<void> check_layout(std::vector<Extent>& extents, const GgufHead& head, std::uint64_t alignment) {
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < extents.size(); ++i) {
    if (extents[i].begin < extents[i - 1].end) {
      return invalid(fmt::format("tensors \"{}\" and \"{}\" overlap", *extents[i - 1].name, *extents[i].name));
    }
  }
  const std::uint64_t start = (head.head_bytes + alignment - 1) / alignment * alignment;
  const std::uint64_t end = start + extents.back().end;
  if (end > head.file_bytes) {
    return invalid(fmt::format("the file has {} bytes and its last tensor ends at {}: it is cut short", head.file_bytes, end));
  }
  if (head.file_bytes - end >= alignment) return invalid(fmt::format("{} bytes after the last tensor", head.file_bytes - end));
  return {};
}

Result<void> check_names(const GgufHead& head) {
  std::vector<std::string_view> names;
  names.reserve(head.tensors.size());
  for (const GgufTensor& tensor : head.tensors) names.push_back(tensor.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) return invalid(fmt::format("tensor \"{}\" is there twice", *twice));
  return {};
}

/// Tensors that have a row a token, and must have exactly as many as the tokenizer has tokens.
Result<void> check_vocabulary_tensor(const GgufTensor& tensor, const GgufSummary& summary) {
  if (tensor.name != "token_embd.weight" && tensor.name != "output.weight") return {};
  const auto width = static_cast<std::uint64_t>(summary.width);
  const auto vocabulary = static_cast<std::uint64_t>(summary.vocabulary);
  if (tensor.shape.size() == 2 && tensor.shape[0] == width && tensor.shape[1] == vocabulary) return {};
  return invalid(fmt::format("tensor \"{}\": must be {} × {} (width × tokens)", tensor.name, width, vocabulary));
}

Result<void> check_tensors(const GgufHead& head, std::uint64_t alignment, GgufSummary& summary) {
  if (auto names = check_names(head); !names) return names;
  std::vector<Extent> extents;
  extents.reserve(head.tensors.size());
  std::uint64_t values = 0;
  bool has_embedding = false;
  for (const GgufTensor& tensor : head.tensors) {
    const auto size = size_of(tensor);
    if (!size) return fail(size.error());
    if (tensor.offset % alignment != 0)
      return invalid(fmt::format("tensor \"{}\": offset {} is not aligned to {}", tensor.name, tensor.offset, alignment));
    if (tensor.offset > head.file_bytes || size->bytes > head.file_bytes - tensor.offset) {
      return invalid(fmt::format("tensor \"{}\": {} bytes at offset {} are not in the file", tensor.name, size->bytes, tensor.offset));
    }
    if (auto fits = check_vocabulary_tensor(tensor, summary); !fits) return fits;
    has_embedding = has_embedding || tensor.name == "token_embd.weight";
    extents.push_back({tensor.offset, tensor.offset + size->bytes, &tensor.name});
    values += size->values;
  }
  if (!has_embedding) return invalid("tensor \"token_embd.weight\" is missing");
  summary.tensors = static_cast<std::int64_t>(head.tensors.size());
  summary.parameters = static_cast<std::int64_t>(values);
  return check_layout(extents, head, alignment);
}

}  // namespace

Result<GgufSummary> check_gguf(int fd) {
  const auto head = read_gguf_head(fd, marker_texts());
  if (!head) return fail(head.error());
  GgufSummary summary;
  summary.file_bytes = static_cast<std::int64_t>(head->file_bytes);
  Facts facts(*head);
  const std::uint64_t alignment = facts.count_if("general.alignment", 8, kAlignment_max).value_or(32);
  if ((alignment & (alignment - 1)) != 0) facts.refuse("general.alignment", "must be a power of two");
  summary.name = facts.text("general.name").substr(0, 200);
  check_architecture(facts, summary);
  if (!facts.error()) check_shape(facts, summary);
  if (!facts.error()) check_tokenizer(facts, *head, summary);
  if (!facts.error()) check_numbers_finite(facts, *head);
  if (facts.error()) return fail(*facts.error());
  if (auto tensors = check_tensors(*head, alignment, summary); !tensors) return fail(tensors.error());
  return summary;
}

Result<GgufSummary> check_gguf_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(ErrorCode::kInvalid, fmt::format("the model file cannot be opened: {}", std::strerror(errno)));
  auto summary = check_gguf(fd);
  ::close(fd);
  return summary;
}

}  // namespace sekisho::model
