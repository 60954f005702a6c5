#include "search/lexical.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "search/segment.h"

namespace sekisho::search {
namespace {

/// The state that a writer works on before it is published.
class Draft {
 public:
  explicit Draft(const IndexState& from) : state_(from) {}

  void remove(const std::vector<PassageId>& passages) {
    for (Part& part : state_.parts) {
      std::shared_ptr<Tombstones> dead;
      for (const PassageId& passage : passages) {
        const auto number = passage.empty() ? std::nullopt : part.segment->find(packed(passage));
        if (!number || is_dead(dead ? *dead : *part.dead, *number)) continue;
        if (!dead) {
          dead = std::make_shared<Tombstones>(*part.dead);
          dead->resize((part.segment->size() + 63) / 64);
        }
        (*dead)[*number / 64] |= std::uint64_t{1} << (*number % 64);
        ++part.dead_count;
      }
      if (dead) part.dead = std::move(dead);
    }
  }

  void add(std::span<const IndexedPassage> passages) {
    for (std::size_t begin = 0; begin < passages.size(); begin += limits::kSegmentPassages) {
      push(Segment::of(passages.subspan(begin, std::min(limits::kSegmentPassages, passages.size() - begin))));
    }
  }

  /// Rewrites what is a quarter dead, then joins the last parts while they are of a size: a passage is rewritten some
  /// log2(passages) times in all, and there are about as many parts.
  void tidy() {
    for (Part& part : state_.parts) {
      if (part.dead_count > 0 && part.dead_count * 4 >= part.segment->size()) part = joined({&part, 1});
    }
    std::erase_if(state_.parts, [](const Part& part) { return part.segment->size() == 0; });
    while (state_.parts.size() >= 2) {
      const std::span last_two(state_.parts.end() - 2, state_.parts.end());
      if (last_two[0].live() >= 2 * last_two[1].live() || last_two[0].live() + last_two[1].live() > limits::kSegmentPassages) break;
      join_last(2);
    }
  }

  void compact() {
    std::vector<Part> before = std::exchange(state_.parts, {});
    for (std::size_t begin = 0; begin < before.size();) {
      std::size_t end = begin + 1;
      std::size_t live = before[begin].live();
      while (end < before.size() && live + before[end].live() <= limits::kSegmentPassages) live += before[end++].live();
      if (live > 0) state_.parts.push_back(joined(std::span(before).subspan(begin, end - begin)));
      begin = end;
    }
  }

  std::shared_ptr<const IndexState> finish(std::uint64_t generation) {
    state_.generation = generation;
    recount(state_);
    return std::make_shared<const IndexState>(std::move(state_));
  }

 private:
  static Part part_of(Segment segment) {
    return {std::make_shared<const Segment>(std::move(segment)), std::make_shared<const Tombstones>(), 0};
  }
  static Part joined(std::span<const Part> parts) { return part_of(merge_parts(parts)); }
  void push(Segment segment) {
    if (segment.size() > 0) state_.parts.push_back(part_of(std::move(segment)));
  }
  void join_last(std::size_t count) {
    Part part = joined(std::span(state_.parts).last(count));
    state_.parts.resize(state_.parts.size() - count);
    state_.parts.push_back(std::move(part));
  }

  IndexState state_;
};

/// The last of each id, in the order given.
std::vector<IndexedPassage> without_repeats(std::vector<IndexedPassage> passages) {
  std::unordered_map<PassageId, std::size_t> last;
  for (std::size_t i = 0; i < passages.size(); ++i) last[passages[i].passage] = i;
  if (last.size() == passages.size()) return passages;
  std::vector<IndexedPassage> kept;
  for (std::size_t i = 0; i < passages.size(); ++i) {
    if (last[passages[i].passage] == i) kept.push_back(std::move(passages[i]));
  }
  return kept;
}

}  // namespace

ShelfIndex::ShelfIndex() : state_(std::make_shared<const IndexState>()) {}
ShelfIndex::~ShelfIndex() = default;

std::shared_ptr<const IndexState> ShelfIndex::state() const {
  return state_.with([](const auto& state) { return state; });
}

void ShelfIndex::publish(std::shared_ptr<const IndexState> state) {
  // The old state is let go outside the lock: freeing it may take long.
  state_.with([&](auto& current) { current.swap(state); });
}

void ShelfIndex::apply(IndexChange change) {
  const std::lock_guard lock(writing_);
  Draft draft(*state());
  const std::vector<IndexedPassage> added = without_repeats(std::move(change.add));
  std::vector<PassageId> gone = std::move(change.remove);
  for (const IndexedPassage& passage : added) gone.push_back(passage.passage);
  draft.remove(gone);
  draft.add(added);
  draft.tidy();
  publish(draft.finish(change.generation));
}

void ShelfIndex::add(const text::WordAnalyser& analyser, const PassageId& passage, std::string_view title, std::string_view body) {
  IndexChange change;
  change.add.push_back({passage, terms_of_passage(analyser, title, body)});
  change.generation = generation();
  apply(std::move(change));
}

void ShelfIndex::remove(const PassageId& passage) {
  IndexChange change;
  change.remove.push_back(passage);
  change.generation = generation();
  apply(std::move(change));
}

void ShelfIndex::compact() {
  const std::lock_guard lock(writing_);
  const auto before = state();
  Draft draft(*before);
  draft.compact();
  publish(draft.finish(before->generation));
}

std::size_t ShelfIndex::passages() const { return state()->live; }
std::uint64_t ShelfIndex::generation() const { return state()->generation; }

std::size_t ShelfIndex::memory_bytes() const {
  std::size_t bytes = sizeof(IndexState);
  for (const Part& part : state()->parts) bytes += part.segment->memory_bytes() + part.dead->capacity() * sizeof(std::uint64_t);
  return bytes;
}

}  // namespace sekisho::search
