#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace sekisho::model {

/// What a GGUF file says about itself, after it passed the check. Texts come from the file: never shown as markup.
struct GgufSummary {
  std::string architecture;  ///< "qwen2"
  std::string name;          ///< general.name, or ""
  std::string tokenizer;     ///< "gpt2" (byte-level BPE), "llama", "bert", "t5", …
  std::int64_t file_bytes = 0;
  std::int64_t context_tokens = 0;
  std::int64_t width = 0;
  std::int64_t blocks = 0;
  std::int64_t vocabulary = 0;
  std::int64_t tensors = 0;
  std::int64_t parameters = 0;
  bool embedding = false;  ///< An encoder, for vectors; not for text.
  /// Which of the control texts of the known chat formats are tokens of this model (prompt.h).
  std::vector<std::string> markers;
};

/// Judges a model file before libllama sees it: magic, version, counts, sizes, strings, arrays, alignment, keys and tensor
/// names that occur twice, tensor types and shapes (with overflow), offsets, overlaps, the file's length, a known
/// architecture, a consistent tokenizer, every special token id. Reads only the head: about 6 MB of a 1 GB file.
///
/// `fd` is borrowed and read with pread. Memory is bounded by limits of this file, whatever the file says.
/// Errors: kInvalid (the place and what is wrong), kTooLarge, kUnsupported (an architecture, version or split file that
/// sekisho-model does not run), kUnavailable (the disk).
[[nodiscard]] Result<GgufSummary> check_gguf(int fd);

/// The same for a path. Errors: also kInvalid where it cannot be opened.
[[nodiscard]] Result<GgufSummary> check_gguf_file(const std::string& path);

}  // namespace sekisho::model
