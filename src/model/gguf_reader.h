#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace sekisho::model {

/// Types of metadata values in a GGUF file (ggml's docs/gguf.md).
enum class GgufType : std::uint32_t {
  kU8 = 0,
  kI8 = 1,
  kU16 = 2,
  kI16 = 3,
  kU32 = 4,
  kI32 = 5,
  kF32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kU64 = 10,
  kI64 = 11,
  kF64 = 12,
};

/// What is kept of an array: never its elements, but for the marker texts that were asked for.
struct GgufArray {
  GgufType type = GgufType::kU8;
  std::uint64_t count = 0;
  double min = 0;  ///< Of numbers.
  double max = 0;
  bool finite = true;                         ///< No number is infinite or NaN.
  std::uint64_t unspaced = 0;                 ///< Strings that lack an inner space (a BPE merge has one).
  std::vector<std::uint64_t> hashes;          ///< Of the strings, in order, for the key kTokensKey only.
  std::map<std::string, std::uint64_t> seen;  ///< Index of each marker text found in kTokensKey.
};

using GgufValue = std::variant<std::uint64_t, std::int64_t, double, bool, std::string, GgufArray>;

inline constexpr std::string_view kTokensKey = "tokenizer.ggml.tokens";

/// One tensor's entry in the directory; `type` is ggml's number.
struct GgufTensor {
  std::string name;
  std::vector<std::uint64_t> shape;
  std::uint32_t type = 0;
  std::uint64_t offset = 0;  ///< From the start of the data.
};

/// The head of a GGUF file, well-formed but not yet judged.
struct GgufHead {
  std::uint32_t version = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t head_bytes = 0;  ///< Up to and with the tensor directory.
  std::map<std::string, GgufValue, std::less<>> metadata;
  std::vector<GgufTensor> tensors;
};

/// Reads the head from an open descriptor with pread, 64 KiB at a time; memory and time are bounded whatever the file says.
/// `markers`: texts to look for among the tokens.
/// Errors: kInvalid (malformed, with the byte and the key), kTooLarge, kUnsupported (version, byte order), kUnavailable (disk).
[[nodiscard]] Result<GgufHead> read_gguf_head(int fd, const std::set<std::string, std::less<>>& markers);

}  // namespace sekisho::model
