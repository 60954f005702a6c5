#include "chat/found_words.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "text/normalize.h"
#include "text/utf8.h"

namespace sekisho::chat {
namespace {

using search::Field;
using search::TermKey;

constexpr std::size_t kParts_max = 16;
constexpr std::size_t kCharactersBefore = 30;
constexpr std::size_t kSnippetCharacters = 120;

std::vector<std::string> split_at_spaces(std::string_view folded) {
  std::vector<std::string> parts;
  std::string part;
  text::for_each_character(folded, [&](const text::Character& character) {
    if (!text::is_space(character.value)) {
      text::append_utf8(part, character.value);
    } else if (!part.empty()) {
      parts.push_back(std::exchange(part, {}));
    }
  });
  if (!part.empty()) parts.push_back(std::move(part));
  return parts;
}

std::string all_of(Field field, const std::vector<TermKey>& keys) {
  std::vector<std::string> tokens;
  for (const TermKey key : keys) tokens.push_back(token_of(field, key));
  return fmt::format("({})", fmt::join(tokens, " AND "));
}

/// Sorted, overlapping ones joined.
std::vector<Places::Range> joined(std::vector<Places::Range> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const auto& left, const auto& right) { return left.begin < right.begin; });
  std::vector<Places::Range> result;
  for (const Places::Range& range : ranges) {
    if (!result.empty() && range.begin <= result.back().end) {
      result.back().end = std::max(result.back().end, range.end);
    } else {
      result.push_back(range);
    }
  }
  return result;
}

std::string in_one_line(std::string_view text) {
  std::string line;
  text::for_each_character(text, [&](const text::Character& character) {
    const bool gap = text::is_space(character.value) && character.value != 0x3000;
    if (!gap) {
      text::append_utf8(line, character.value);
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  });
  return line;
}

/// `count` characters before `offset`.
std::size_t back(std::string_view text, std::size_t offset, std::size_t count) {
  while (offset > 0 && count-- > 0) offset = text::character_boundary_before(text, offset - 1);
  return offset;
}

}  // namespace

Wanted wanted_of(const text::WordAnalyser& analyser, std::string_view query) {
  Wanted wanted;
  for (std::string& literal : split_at_spaces(text::fold(query))) {
    if (wanted.parts.size() == kParts_max) break;
    Wanted::Part part;
    for (const search::NamedTerm& term : search::terms_of_question(analyser, literal)) {
      // Years are also named "@2024" in the index: a name for both calendars, not a word that was typed.
      if (term.field == Field::kWords && !term.name.starts_with('@')) part.words.push_back(term.key);
      if (term.field == Field::kBigrams) part.bigrams.push_back(term.key);
    }
    part.literal = std::move(literal);
    wanted.parts.push_back(std::move(part));
  }
  return wanted;
}

std::string token_of(Field field, TermKey key) { return fmt::format("{}{:x}", field == Field::kWords ? 'w' : 'b', key); }

std::string owner_token(std::string_view owner) { return fmt::format("o{}", owner); }

std::string expression_of(const Wanted& wanted, std::string_view owner) {
  std::string expression = owner_token(owner);
  for (const Wanted::Part& part : wanted.parts) {
    std::vector<std::string> ways;
    if (!part.words.empty()) ways.push_back(all_of(Field::kWords, part.words));
    if (!part.bigrams.empty()) ways.push_back(all_of(Field::kBigrams, part.bigrams));
    // All hiragana: inside a word it may stand anywhere, and the text itself has to tell.
    if (!part.bigrams.empty()) expression += fmt::format(" AND ({})", fmt::join(ways, " OR "));
  }
  return expression;
}

std::string tokens_of(const text::WordAnalyser& analyser, std::string_view title, std::string_view body) {
  const search::PassageTerms terms = search::terms_of_passage(analyser, title, body);
  std::string tokens;
  for (const Field field : {Field::kWords, Field::kBigrams}) {
    for (const search::TermCount& term : terms.fields[static_cast<std::size_t>(field)].terms) (tokens += ' ') += token_of(field, term.key);
  }
  return tokens;
}

Places places_in(const text::WordAnalyser& analyser, const Wanted& wanted, std::string_view original) {
  const text::IndexForm form = text::index_form(original);
  Places places;
  places.found.assign(wanted.parts.size(), false);
  std::vector<search::NamedTerm> terms;
  std::vector<Places::Range> ranges;
  const auto add = [&](std::size_t begin, std::size_t end) {
    const auto range = form.original_range(begin, end);
    ranges.push_back({range.begin, range.end});
  };
  for (std::size_t i = 0; i < wanted.parts.size(); ++i) {
    const Wanted::Part& part = wanted.parts[i];
    for (std::size_t at = form.text.find(part.literal); at != std::string::npos; at = form.text.find(part.literal, at + part.literal.size())) {
      places.found[i] = true;
      add(at, at + part.literal.size());
    }
    if (part.words.empty()) continue;
    if (terms.empty()) terms = search::terms_of_question(analyser, form.text);
    std::vector<TermKey> missing = part.words;
    std::vector<const search::NamedTerm*> hits;
    for (const search::NamedTerm& term : terms) {
      if (term.field != Field::kWords || std::find(part.words.begin(), part.words.end(), term.key) == part.words.end()) continue;
      hits.push_back(&term);
      std::erase(missing, term.key);
    }
    if (!missing.empty()) continue;
    places.found[i] = true;
    for (const search::NamedTerm* hit : hits) add(hit->begin, hit->end);
  }
  places.ranges = joined(std::move(ranges));
  return places;
}

std::vector<Piece> snippet_of(std::string_view original, const std::vector<Places::Range>& ranges) {
  const std::size_t first = ranges.empty() ? 0 : ranges.front().begin;
  const std::size_t begin = back(original, first, kCharactersBefore);
  const std::size_t end = begin + text::byte_of_character(original.substr(begin), kSnippetCharacters);
  std::vector<Piece> pieces;
  std::size_t at = begin;
  const auto add = [&](std::size_t to, bool hit) {
    if (to <= at) return;
    pieces.push_back({in_one_line(original.substr(at, to - at)), hit});
    at = to;
  };
  for (const Places::Range& range : ranges) {
    if (range.begin >= end) break;
    add(range.begin, false);
    add(std::min(range.end, end), true);
  }
  add(end, false);
  if (pieces.empty()) return pieces;
  if (begin > 0) pieces.insert(pieces.begin(), {"…", false});
  if (end < original.size()) pieces.push_back({"…", false});
  return pieces;
}

}  // namespace sekisho::chat
