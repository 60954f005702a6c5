#include "text/normalize.h"

#include <limits>

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>
#include <unicode/utypes.h>

#include "base/check.h"
#include "text/folding_table.h"
#include "text/utf8.h"

namespace sekisho::text {
namespace {

const icu::Normalizer2& normalizer() {
  static const icu::Normalizer2* const kNormalizer = [] {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* found = icu::Normalizer2::getNFKCCasefoldInstance(status);
    CHECK(U_SUCCESS(status) && found != nullptr);
    return found;
  }();
  return *kNormalizer;
}

/// Characters that NFKC leaves alone and that never join with the one before.
bool is_plain(char32_t c) {
  return (c >= 0x20 && c < 0x7F) || (c >= 0x3041 && c <= 0x3096) || (c >= 0x30A1 && c <= 0x30FA) || c == 0x30FC || c == 0x3001 || c == 0x3002 ||
         (c >= 0x300C && c <= 0x300F) || (c >= 0x4E00 && c <= 0x9FFF);
}

bool starts_anew(char32_t c) { return is_plain(c) || c < 0x80 || normalizer().hasBoundaryBefore(static_cast<UChar32>(c)); }

/// Builds an IndexForm character by character; `Origin` false leaves the map empty.
class Folder {
 public:
  Folder(std::string_view original, bool with_origin) : original_(original), with_origin_(with_origin) {
    CHECK(original.size() < std::numeric_limits<std::uint32_t>::max());
    form_.text.reserve(original.size());
    if (with_origin_) form_.origin.reserve(original.size() + 1);
  }

  IndexForm run() {
    for (std::size_t offset = 0; offset < original_.size();) offset = fold_cluster(offset);
    if (with_origin_) form_.origin.push_back(static_cast<std::uint32_t>(original_.size()));
    return std::move(form_);
  }

 private:
  /// Folds the character at `offset` with the marks that join it; returns the end.
  std::size_t fold_cluster(std::size_t offset) {
    const Character first = character_at(original_, offset);
    if (first.value < 0x20 || first.value == 0x7F) return fold_control(first);
    std::size_t end = first.end();
    bool alone = true;
    while (end < original_.size()) {
      const Character next = character_at(original_, end);
      if (starts_anew(next.value)) break;
      alone = false;
      end = next.end();
    }
    if (alone && is_plain(first.value)) {
      const bool upper = first.value >= 'A' && first.value <= 'Z';
      emit(upper ? first.value + ('a' - 'A') : folded_character(first.value), offset);
    } else {
      fold_with_icu(offset, end);
    }
    return end;
  }

  std::size_t fold_control(const Character& control) {
    std::size_t end = control.end();
    if (control.value == '\r' && end < original_.size() && original_[end] == '\n') ++end;
    if (control.value == '\r' || control.value == '\n' || control.value == '\f' || control.value == '\v') emit('\n', control.begin);
    if (control.value == '\t') emit('\t', control.begin);
    return end;
  }

  void fold_with_icu(std::size_t begin, std::size_t end) {
    icu::UnicodeString cluster;
    for (std::size_t offset = begin; offset < end;) {
      const Character c = character_at(original_, offset);
      cluster.append(static_cast<UChar32>(c.value));
      offset = c.end();
    }
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString folded = normalizer().normalize(cluster, status);
    CHECK(U_SUCCESS(status));
    for (std::int32_t i = 0; i < folded.length();) {
      const UChar32 c = folded.char32At(i);
      emit(folded_character(static_cast<char32_t>(c)), begin);
      i += U16_LENGTH(c);
    }
  }

  void emit(char32_t character, std::size_t origin) {
    if (character >= 0x7F && character < 0xA0) return;  // C1 controls
    append_utf8(form_.text, character);
    if (with_origin_) form_.origin.resize(form_.text.size(), static_cast<std::uint32_t>(origin));
  }

  std::string_view original_;
  bool with_origin_;
  IndexForm form_;
};

}  // namespace

IndexForm::Range IndexForm::original_range(std::size_t begin, std::size_t end) const {
  CHECK(begin <= end && end < origin.size());
  if (begin == end) return {origin[begin], origin[begin]};
  // The last byte's character ends where the next origin begins.
  std::size_t after = end;
  while (after + 1 < origin.size() && origin[after] == origin[end - 1]) ++after;
  return {origin[begin], origin[after]};
}

IndexForm index_form(std::string_view original) { return Folder(original, true).run(); }

std::string fold(std::string_view original) { return Folder(original, false).run().text; }

std::string_view normalize_version() { return "n1"; }

}  // namespace sekisho::text
