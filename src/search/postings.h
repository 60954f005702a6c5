#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "search/byte_coding.h"
#include "search/terms.h"

namespace sekisho::search {

/// One passage that has a term, by its number in the segment.
struct Posting {
  std::uint32_t passage = 0;
  std::uint32_t count = 0;
};

/// The inverted lists of one field of a segment: term → passages in ascending order. Immutable once written.
class FieldPostings {
 public:
  /// A list found by find(); valid as long as the FieldPostings.
  class List {
   public:
    List() = default;
    [[nodiscard]] std::uint32_t size() const { return size_; }

    /// Calls `visit(passage, count)` in ascending order of passages.
    template <typename Visit>
    void for_each(Visit&& visit) const {
      if (bytes_ == nullptr) {
        if (size_ == 1) visit(only_.passage, only_.count);
        return;
      }
      const std::uint8_t* at = bytes_;
      std::uint32_t passage = 0;
      for (std::uint32_t i = 0; i < size_; ++i) {
        const std::uint32_t coded = take_varint(at);
        passage += coded >> 1;
        visit(passage, (coded & 1) != 0 ? take_varint(at) : 1U);
      }
    }

   private:
    friend class FieldPostings;
    std::uint32_t size_ = 0;
    Posting only_;
    const std::uint8_t* bytes_ = nullptr;
  };

  /// An empty list where no passage has the term.
  [[nodiscard]] List find(TermKey key) const;
  [[nodiscard]] std::span<const TermKey> keys() const { return keys_; }
  /// The list of keys()[i].
  [[nodiscard]] List list(std::size_t i) const;

  /// Appends the list of `key`, which must be above all keys before; `list` must not be empty and must ascend.
  void append(TermKey key, std::span<const Posting> list);
  void shrink();

  [[nodiscard]] std::size_t memory_bytes() const;
  [[nodiscard]] std::size_t encoded_bytes() const { return bytes_.size(); }
  void write(std::string& to) const;
  /// Reads what write() wrote and whose checksum held; false where the sizes do not fit.
  [[nodiscard]] bool read(ByteReader& from);

 private:
  std::vector<TermKey> keys_;
  /// Offset into bytes_, or, with the high bit, a single posting itself: most terms of a collection occur once.
  std::vector<std::uint32_t> places_;
  std::string bytes_;
};

/// Decides what becomes of a passage when segments are joined: its new number, or kGone.
inline constexpr std::uint32_t kGone = UINT32_MAX;
struct PostingsSource {
  const FieldPostings* postings = nullptr;
  std::span<const std::uint32_t> renumber;  ///< By old passage number; ascending apart from kGone.
};
/// The lists of all `sources` as one; the numbers of each source must lie above those of the ones before.
[[nodiscard]] FieldPostings merge(std::span<const PostingsSource> sources);

}  // namespace sekisho::search
