#include "worker/llama_prefixes.h"

#include <string.h>

#include <algorithm>

namespace sekisho::worker {

KeptState::~KeptState() {
  if (!bytes_.empty()) ::explicit_bzero(bytes_.data(), bytes_.size());
}

const KeptPrefixes::Entry* KeptPrefixes::longest(std::string_view scope, std::span<const TokenId> tokens) {
  if (scope.empty()) return nullptr;
  auto best = entries_.end();
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->scope != scope || entry->tokens.size() >= tokens.size()) continue;
    if (!std::equal(entry->tokens.begin(), entry->tokens.end(), tokens.begin())) continue;
    if (best == entries_.end() || entry->tokens.size() > best->tokens.size()) best = entry;
  }
  if (best == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, best);
  return &entries_.front();
}

bool KeptPrefixes::holds(std::string_view scope, std::span<const TokenId> tokens) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.scope == scope && std::ranges::equal(entry.tokens, tokens); });
}

void KeptPrefixes::keep(std::string_view scope, std::span<const TokenId> tokens, KeptState state) {
  if (scope.empty() || state.bytes().size() > bounds_.bytes || bounds_.entries == 0 || holds(scope, tokens)) return;
  bytes_ += state.bytes().size();
  entries_.push_front({.scope = std::string(scope), .tokens = {tokens.begin(), tokens.end()}, .state = std::move(state)});
  make_room();
}

void KeptPrefixes::make_room() {
  while (entries_.size() > bounds_.entries || bytes_ > bounds_.bytes) {
    bytes_ -= entries_.back().state.bytes().size();
    entries_.pop_back();
  }
}

void KeptPrefixes::forget(std::string_view scope) {
  std::erase_if(entries_, [&](const Entry& entry) {
    const bool drop = scope.empty() || entry.scope == scope;
    if (drop) bytes_ -= entry.state.bytes().size();
    return drop;
  });
}

}  // namespace sekisho::worker
