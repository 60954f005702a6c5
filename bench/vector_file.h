// The vectors of texts, by a model of this machine, kept in a file from one run of a benchmark to the next.
#pragma once

#include <fcntl.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "worker/llama_backend.h"
#include "worker/llama_engine.h"

class VectorFile {
 public:
  VectorFile(std::string model, std::string path) : model_(std::move(model)), path_(std::move(path)) {
    std::ifstream file(path_, std::ios::binary);
    std::uint32_t sizes[2];
    while (file.read(reinterpret_cast<char*>(sizes), sizeof sizes)) {
      std::string text(sizes[0], '\0');
      std::vector<float> values(sizes[1]);
      file.read(text.data(), static_cast<std::streamsize>(text.size()));
      file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
      if (file) vectors_.emplace(std::move(text), std::move(values));
    }
  }

  const std::vector<float>& of(const std::string& text) {
    const auto found = vectors_.find(text);
    if (found != vectors_.end()) return found->second;
    const std::vector<float>& values = vectors_.emplace(text, embed(text)).first->second;
    std::ofstream file(path_, std::ios::binary | std::ios::app);
    const std::uint32_t sizes[2] = {static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(values.size())};
    file.write(reinterpret_cast<const char*>(sizes), sizeof sizes);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
    if (vectors_.size() % 500 == 0) fmt::print(stderr, "{} vectors\n", vectors_.size());
    return values;
  }

 private:
  std::vector<float> embed(const std::string& text) {
    namespace worker = sekisho::worker;
    if (!engine_) {
      const auto variant = worker::load_cpu_backend(worker::program_folder());
      auto engine = worker::LlamaEngine::load(::open(model_.c_str(), O_RDONLY | O_CLOEXEC),
                                              {.load = {.context_tokens = 512, .sequences = 1, .embedding = true},
                                               .cpu_variant = variant.value_or(""),
                                               .cores = static_cast<int>(std::thread::hardware_concurrency())});
      if (!engine) give_up(engine.error().detail);
      engine_ = *std::move(engine);
    }
    auto tokens = engine_->tokenize(text, {.special = false, .first = true});
    if (!tokens) give_up(tokens.error().detail);
    const auto most = static_cast<std::size_t>(engine_->context_tokens());
    if (tokens->size() > most) {
      (*tokens)[most - 1] = tokens->back();
      tokens->resize(most);
    }
    auto vector = engine_->embed(*tokens);
    if (!vector) give_up(vector.error().detail);
    return *vector;
  }
  [[noreturn]] static void give_up(const std::string& why) {
    fmt::print(stderr, "{}\n", why);
    std::exit(2);
  }

  std::string model_;
  std::string path_;
  std::map<std::string, std::vector<float>> vectors_;
  std::unique_ptr<sekisho::worker::LlamaEngine> engine_;
};
