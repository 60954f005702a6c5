#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// A small GGUF file for tests, right or wrong in every place.
namespace sekisho::model {

/// Writes a GGUF byte by byte, right or wrong.
struct GgufBytes {
  std::string bytes;

  template <typename T>
  GgufBytes& put(T value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  GgufBytes& text(std::string_view value) {
    put(static_cast<std::uint64_t>(value.size()));
    bytes.append(value);
    return *this;
  }
};

struct TestTensor {
  std::string name;
  std::vector<std::uint64_t> shape;
  std::uint32_t type = 0;
  std::uint64_t offset = 0;
};

/// A tiny model of the qwen2 kind: 4 tokens, width 8, two tensors of 128 bytes each. Members are the knobs of the tests.
struct TinyModel {
  std::uint32_t magic = 0x46554747;
  std::uint32_t version = 3;
  std::string architecture = "qwen2";
  std::string name = "小さな模型";
  std::vector<std::string> tokens = {"<|im_start|>", "<|im_end|>", "予", "算"};
  std::vector<std::string> merges = {"予 算"};
  std::vector<std::int32_t> token_types = {3, 3, 1, 1};
  std::uint32_t eos = 1;
  std::uint64_t tokens_announced = 0;  ///< 0: as many as there are.
  std::vector<TestTensor> tensors = {{"token_embd.weight", {8, 4}, 0, 0}, {"output.weight", {8, 4}, 0, 128}};
  std::uint64_t tensors_announced = 0;
  std::uint64_t entries_announced = 0;
  std::size_t data_bytes = 256;
  std::vector<std::function<void(GgufBytes&)>> further;  ///< Further metadata entries.

  [[nodiscard]] std::string build() const {
    std::vector<std::function<void(GgufBytes&)>> entries = {
        [&](GgufBytes& b) { b.text("general.architecture").put(8U).text(architecture); },
        [&](GgufBytes& b) { b.text("general.name").put(8U).text(name); },
        [&](GgufBytes& b) { b.text("qwen2.block_count").put(4U).put(1U); },
        [&](GgufBytes& b) { b.text("qwen2.context_length").put(4U).put(128U); },
        [&](GgufBytes& b) { b.text("qwen2.embedding_length").put(4U).put(8U); },
        [&](GgufBytes& b) { b.text("qwen2.attention.head_count").put(4U).put(2U); },
        [&](GgufBytes& b) { b.text("tokenizer.ggml.model").put(8U).text("gpt2"); },
        [&](GgufBytes& b) { b.text("tokenizer.ggml.eos_token_id").put(4U).put(eos); },
        [&](GgufBytes& b) {
          b.text("tokenizer.ggml.tokens").put(9U).put(8U).put(tokens_announced == 0 ? std::uint64_t{tokens.size()} : tokens_announced);
          for (const auto& token : tokens) b.text(token);
        },
        [&](GgufBytes& b) {
          b.text("tokenizer.ggml.merges").put(9U).put(8U).put(std::uint64_t{merges.size()});
          for (const auto& merge : merges) b.text(merge);
        },
        [&](GgufBytes& b) {
          b.text("tokenizer.ggml.token_type").put(9U).put(5U).put(std::uint64_t{token_types.size()});
          for (const auto type : token_types) b.put(type);
        },
    };
    entries.insert(entries.end(), further.begin(), further.end());
    GgufBytes out;
    out.put(magic).put(version);
    out.put(tensors_announced == 0 ? std::uint64_t{tensors.size()} : tensors_announced);
    out.put(entries_announced == 0 ? std::uint64_t{entries.size()} : entries_announced);
    for (const auto& entry : entries) entry(out);
    for (const auto& tensor : tensors) {
      out.text(tensor.name).put(static_cast<std::uint32_t>(tensor.shape.size()));
      for (const auto extent : tensor.shape) out.put(extent);
      out.put(tensor.type).put(tensor.offset);
    }
    out.bytes.resize((out.bytes.size() + 31) / 32 * 32, '\0');
    out.bytes.append(data_bytes, '\1');
    return out.bytes;
  }
};

}  // namespace sekisho::model
