#include "gate/dlp_mask.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "text/normalize.h"
#include "text/utf8.h"

namespace sekisho::gate {
namespace {

/// `text` with each finding whose action is at least `from` replaced by what `write` says for it.
template <typename Write>
std::string replaced(std::string_view text, const DlpVerdict& verdict, DlpAction from, Write&& write) {
  std::string out;
  std::size_t done = 0;
  for (const DlpVerdict::Item& item : verdict.items) {
    if (item.action < from) continue;
    out += text.substr(done, item.finding.begin - done);
    out += write(item.finding);
    done = item.finding.end;
  }
  out += text.substr(done);
  return out;
}

/// A, B, …, Z, AA, AB, …
std::string letters_of(int number) {
  std::string letters;
  for (; number > 0; number = (number - 1) / 26) letters.insert(letters.begin(), static_cast<char>('A' + (number - 1) % 26));
  return letters;
}

std::string key_of(PersonalKind kind, std::string_view original) {
  std::string key(name_of(kind));
  text::for_each_character(text::fold(original), [&](const text::Character& c) {
    if (!text::is_space(c.value)) text::append_utf8(key, c.value);
  });
  return key;
}

std::string full_width(std::string_view mask) {
  std::string wide;
  text::for_each_character(mask, [&](const text::Character& c) { text::append_utf8(wide, text::is_ascii_letter(c.value) ? c.value + 0xFEE0 : c.value); });
  return wide;
}

bool is_mask_letter(std::string_view text, std::size_t at) {
  if (at >= text.size()) return false;
  const char32_t c = text::character_at(text, at).value;
  return (c >= 'A' && c <= 'Z') || (c >= U'Ａ' && c <= U'Ｚ');
}

}  // namespace

std::string Masks::mask(std::string_view text, const DlpVerdict& verdict) {
  return replaced(text, verdict, DlpAction::kMask, [&](const Finding& finding) {
    const std::string_view original = text.substr(finding.begin, finding.end - finding.begin);
    const auto [place, is_new] = masks_.try_emplace(key_of(finding.kind, original));
    if (is_new) {
      const std::string word(finding.kind == PersonalKind::kName ? "人物" : name_of(finding.kind));
      place->second = word + letters_of(++counts_[word]);
      originals_.emplace(place->second, original);
      originals_.emplace(full_width(place->second), original);
    }
    return place->second;
  });
}

std::string Masks::unmask(std::string_view text) const {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    // The longest mask wins: 人物AB is not 人物A and a B.
    const std::pair<const std::string, std::string>* best = nullptr;
    for (const auto& entry : originals_) {
      if (text.substr(at).starts_with(entry.first) && (best == nullptr || entry.first.size() > best->first.size())) best = &entry;
    }
    if (best != nullptr && !is_mask_letter(text, at + best->first.size())) {
      out += best->second;
      at += best->first.size();
    } else {
      out += text[at++];
    }
  }
  return out;
}

std::size_t Masks::unfinished(std::string_view text) const {
  std::size_t most = 0;
  for (const auto& [mask, original] : originals_) {
    // A whole mask at the end is unfinished too: another letter would make it another mask.
    for (std::size_t size = std::min(mask.size(), text.size()); size > most; --size) {
      if (text.ends_with(std::string_view(mask).substr(0, size))) {
        most = size;
        break;
      }
    }
  }
  return most;
}

std::string Unmasker::pass(std::string_view piece) {
  if (masks_.empty()) return std::string(piece);
  held_ += piece;
  const std::size_t keep = masks_.unfinished(held_);
  std::string ready = masks_.unmask(std::string_view(held_).substr(0, held_.size() - keep));
  held_.erase(0, held_.size() - keep);
  return ready;
}

std::string Unmasker::rest() { return masks_.unmask(std::exchange(held_, {})); }

std::string blackened(std::string_view text, const DlpVerdict& verdict, DlpAction from) {
  return replaced(text, verdict, from, [](const Finding& finding) { return fmt::format("〔{}〕", name_of(finding.kind)); });
}

}  // namespace sekisho::gate
