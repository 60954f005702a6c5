#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "worker/llama_mask.h"

namespace sekisho::worker {

/// A model's state after the first tokens of a prompt. Cleared to zero when it is let go.
class KeptState {
 public:
  KeptState() = default;
  explicit KeptState(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  ~KeptState();
  KeptState(KeptState&&) = default;
  KeptState& operator=(KeptState&&) = delete;
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// Prefixes of prompts whose state is kept, each for one scope alone: a scope never finds, times or pushes out what it
/// could not have made, but for the shared bound on the number and bytes of all, where the least recently used goes first.
class KeptPrefixes {
 public:
  struct Bounds {
    std::size_t entries = 8;
    std::size_t bytes = 0;
  };
  struct Entry {
    std::string scope;
    std::vector<TokenId> tokens;
    KeptState state;
  };
  explicit KeptPrefixes(Bounds bounds) : bounds_(bounds) {}

  /// The longest prefix of `tokens` that is shorter than `tokens` and kept for `scope`, or nullptr. It counts as used.
  /// Valid until the next call that changes something.
  [[nodiscard]] const Entry* longest(std::string_view scope, std::span<const TokenId> tokens);
  [[nodiscard]] bool holds(std::string_view scope, std::span<const TokenId> tokens) const;

  /// Keeps nothing for the scope "", and nothing that is larger than the bound.
  void keep(std::string_view scope, std::span<const TokenId> tokens, KeptState state);
  /// Drops all of `scope`; "" drops everything.
  void forget(std::string_view scope);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  void make_room();

  Bounds bounds_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  ///< Most recently used first.
};

}  // namespace sekisho::worker
