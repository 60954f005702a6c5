#include "worker/extract_output.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "text/utf8.h"

namespace sekisho::worker {
namespace {

constexpr int kHeadingLevel_max = 9;
constexpr std::size_t kLabelCharacters = 200;

bool is_tag(char32_t c) { return c >= 0xE0000 && c <= 0xE007F; }

/// Characters that nobody sees and that carry no meaning in a text of ours: controls, zero width, directions, non-characters.
bool is_noise(char32_t c) {
  if (c == '\t') return false;
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c & 0xFFFE) == 0xFFFE;
}

}  // namespace

ExtractOutput::ExtractOutput(Receiver receiver) : receiver_(std::move(receiver)) {}

std::unique_ptr<ExtractOutput> ExtractOutput::inner(std::string_view label) {
  if (depth_ >= kInnerDepth || ++totals_->documents > kInnerDocuments) return nullptr;
  auto inner = std::make_unique<ExtractOutput>(receiver_);
  inner->totals_ = totals_;
  inner->outer_ = this;
  inner->label_ = label_.empty() ? std::string(label) : fmt::format("{}／{}", label_, label);
  inner->depth_ = depth_ + 1;
  inner->first_page_ = totals_->last_page;
  return inner;
}

bool ExtractOutput::unpack(std::size_t bytes) {
  totals_->unpacked_bytes += bytes;
  return totals_->unpacked_bytes <= limits::kUnpackedBytes;
}

void ExtractOutput::ends_at(std::int64_t page) { totals_->last_page = std::max(totals_->last_page, first_page_ + page); }

bool ExtractOutput::page(std::int64_t number, const std::vector<Line>& lines, std::string_view label, int confidence) {
  number = std::max(first_page_ + std::max<std::int64_t>(number, 1), totals_->last_page);  // Whatever a broken document leads its reader to.
  if (number > static_cast<std::int64_t>(limits::kDocumentPages)) {
    note(0, "truncated", fmt::format("more than {} pages", limits::kDocumentPages));
    totals_->listening = false;
    return false;
  }
  totals_->last_page = std::max(totals_->last_page, number);
  const std::string whole_label = label_.empty() || label.empty() ? label_ + std::string(label) : fmt::format("{}／{}", label_, label);
  Page page{.number = number, .label = cleaned(text::first_characters(whole_label, kLabelCharacters)), .text = "", .heading_lines = {}, .heading_levels = {}, .confidence = confidence};
  std::size_t page_characters = 0;
  std::int64_t line_number = 0;
  const std::size_t hidden_before = hidden_;
  const auto add = [&](std::string_view text, int level) {
    const std::size_t length = text::count_characters(text) + 1;
    if (page_characters + length > limits::kExtractPageCharacters && page_characters > 0) {
      if (!send(page)) return false;
      page_characters = 0;
      line_number = 0;
    }
    if (level > 0) {
      page.heading_lines.push_back(line_number);
      page.heading_levels.push_back(std::min(level, kHeadingLevel_max));
    }
    if (line_number > 0) page.text += '\n';
    page.text += text;
    page_characters += length;
    ++line_number;
    return true;
  };
  for (const Line& line : lines) {
    int level = line.level;
    for (std::size_t begin = 0; begin <= line.text.size();) {
      const std::size_t end = std::min(line.text.find('\n', begin), line.text.size());
      const std::string whole = cleaned(std::string_view(line.text).substr(begin, end - begin));
      begin = end + 1;
      for (std::string_view rest = whole; !rest.empty();) {
        const std::string_view part = text::first_characters(rest, limits::kExtractPageCharacters - 1);
        if (!add(part, level)) return false;
        level = 0;
        rest.remove_prefix(part.size());
      }
    }
  }
  if (hidden_ > hidden_before) note(number - first_page_, "hidden_text", fmt::format("{} invisible tag characters", hidden_ - hidden_before));
  return page.text.empty() ? totals_->listening : send(page);
}

bool ExtractOutput::send(Page& page) {
  const std::size_t room = limits::kDocumentCharacters - totals_->characters;
  const std::size_t length = text::count_characters(page.text);
  if (length > room) {
    note(page.number - first_page_, "truncated", fmt::format("more than {} characters", limits::kDocumentCharacters));
    totals_->characters = limits::kDocumentCharacters;
    totals_->listening = false;
    return false;
  }
  totals_->characters += length;
  for (ExtractOutput* output = this; output != nullptr; output = output->outer_) output->characters_ += length;
  totals_->listening = totals_->listening && receiver_.page(page);
  page.text.clear();
  page.heading_lines.clear();
  page.heading_levels.clear();
  return totals_->listening;
}

void ExtractOutput::note(std::int64_t page, std::string_view code, std::string_view detail) {
  if (totals_->notes > limits::kExtractNotes) return;
  // What is said of a whole document within another one is said of its first page.
  const std::int64_t place = outer_ == nullptr ? page : first_page_ + std::max<std::int64_t>(page, 1);
  Note note{.page = std::min(place, static_cast<std::int64_t>(limits::kDocumentPages)), .code = std::string(code), .detail = std::string(text::first_characters(detail, 500))};
  if (totals_->notes++ == limits::kExtractNotes) note = {.page = 0, .code = "truncated", .detail = "more notes than are kept"};
  receiver_.note(note);
}

std::string ExtractOutput::cleaned(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  std::size_t end = 0;  // Of the last character that is no space.
  text::for_each_character(line, [&](const text::Character& c) {
    if (is_tag(c.value)) {
      ++hidden_;
    } else if (!is_noise(c.value)) {
      text::append_utf8(out, c.value);
      if (!text::is_space(c.value)) end = out.size();
    }
  });
  out.resize(end);
  return out;
}

}  // namespace sekisho::worker
