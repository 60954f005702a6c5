// How fast a prompt is read, and an answer of 48 tokens behind it written: with our own products and with libllama's kernels, by turns, on one file.
//
// usage: build/release/bin/prefill MODEL.gguf [TOKENS=256] [ROUNDS=5]
// rooms: engine
#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "worker/llama_backend.h"
#include "worker/llama_engine.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kAnswerTokens = 48;

/// Tokens a second of one answer behind what sequence 0 holds.
double decode_rate(LlamaEngine& engine, std::size_t position, std::size_t tokens) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < tokens; ++i) {
    const Row row{.sequence = 0, .position = static_cast<std::int32_t>(position + i), .token = static_cast<TokenId>(2000 + i)};
    if (const auto written = engine.decode(std::span(&row, 1)); !written) {
      fmt::print("{}\n", written.error().detail);
      std::exit(1);
    }
  }
  return static_cast<double>(tokens) / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Tokens a second of one prompt of `tokens`, which no earlier one began like.
double prefill_rate(LlamaEngine& engine, std::size_t tokens, int round) {
  std::vector<TokenId> prompt;
  for (std::size_t i = 0; i < tokens; ++i) prompt.push_back(static_cast<TokenId>(1000 + (i * 7 + static_cast<std::size_t>(round) * 13) % 5000));
  engine.clear(0);
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t done = 0; done < tokens; done += engine.portion_max()) {
    const std::size_t count = std::min(engine.portion_max(), tokens - done);
    const auto read = engine.prefill({.sequence = 0, .position = static_cast<std::int32_t>(done), .tokens = std::span(prompt).subspan(done, count)});
    if (!read) {
      fmt::print("{}\n", read.error().detail);
      std::exit(1);
    }
  }
  return static_cast<double>(tokens) / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int run(const char* path, std::size_t tokens, int rounds) {
  const auto variant = load_cpu_backend(program_folder());
  if (!variant) return fmt::print("{}\n", variant.error().detail), 1;
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  std::map<std::string, std::vector<double>> rates;
  for (int round = 0; round < rounds; ++round) {
    for (const bool matrix : {false, true}) {
      auto engine = LlamaEngine::load(fd, {.load = {.context_tokens = 2048, .sequences = 1},
                                           .cpu_variant = *variant,
                                           .cores = static_cast<int>(std::thread::hardware_concurrency()),
                                           .matrix = matrix});
      if (!engine) return fmt::print("{}\n", engine.error().detail), 1;
      static_cast<void>(prefill_rate(**engine, 64, round));  // Pages of the file come in.
      const std::string& kernels = (*engine)->info().cpu_variant;
      rates[kernels + " prompt"].push_back(prefill_rate(**engine, tokens, round));
      rates[kernels + " answer"].push_back(decode_rate(**engine, tokens, kAnswerTokens));
    }
  }
  for (auto& [kernels, each] : rates) {
    std::sort(each.begin(), each.end());
    fmt::print("{:22} {} tokens: median {:.1f} tokens/s, best {:.1f}\n", kernels, tokens, each[each.size() / 2], each.back());
  }
  return 0;
}

}  // namespace
}  // namespace sekisho::worker

int main(int count, char** arguments) {
  if (count < 2) return fmt::print(stderr, "usage: prefill MODEL.gguf [TOKENS] [ROUNDS]\n"), 2;
  const auto number = [&](int at, int otherwise) { return count > at ? std::atoi(arguments[at]) : otherwise; };
  return sekisho::worker::run(arguments[1], static_cast<std::size_t>(number(2, 256)), number(3, 5));
}
