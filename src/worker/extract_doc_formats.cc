#include "worker/extract_doc_formats.h"

#include <algorithm>

#include "worker/extract_compound.h"

namespace sekisho::worker {
namespace {

constexpr std::size_t kPageBytes = 512;
constexpr std::size_t kRanges = 2'000'000;

/// Calls `visit(sprm, first byte of its operand)` for each property of a list.
template <typename Visit>
void for_each_property(std::string_view list, const Visit& visit) {
  for (std::size_t at = 0; at + 3 <= list.size();) {
    const std::uint16_t property = u16_at(list, at);
    std::size_t size = 0;
    switch (property >> 13) {
      case 0: case 1: size = 1; break;
      case 2: case 4: case 5: size = 2; break;
      case 3: size = 4; break;
      case 7: size = 3; break;
      default: size = property == 0xD608 ? u16_at(list, at + 2) + 1U : static_cast<unsigned char>(list[at + 2]) + 1U; break;
    }
    visit(property, static_cast<unsigned char>(list[at + 2]));
    at += 2 + size;
  }
}

/// Calls `visit(range, bytes of the run's entry, page)` for each run of the pages that a plc of the table names.
template <typename Visit>
void for_each_run(std::string_view document, std::string_view table, std::size_t fib_at, std::size_t entry_bytes, const Visit& visit) {
  const std::uint32_t at = u32_at(document, fib_at);
  const std::uint32_t size = u32_at(document, fib_at + 4);
  if (at >= table.size() || size < 12) return;
  const std::string_view plc = table.substr(at, size);
  const std::size_t count = (plc.size() - 4) / 8;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t page_at = static_cast<std::size_t>(u32_at(plc, 4 * (count + 1) + 4 * i) & 0x3FFFFF) * kPageBytes;
    if (page_at >= document.size() || document.size() - page_at < kPageBytes) continue;
    const std::string_view page = document.substr(page_at, kPageBytes);
    const std::size_t runs = static_cast<unsigned char>(page[kPageBytes - 1]);
    for (std::size_t run = 0; run < runs; ++run) {
      const std::size_t entry = 4 * (runs + 1) + entry_bytes * run;
      if (entry >= kPageBytes) break;
      visit(DocRange{u32_at(page, 4 * run), u32_at(page, 4 * run + 4)}, static_cast<std::size_t>(static_cast<unsigned char>(page[entry])) * 2, page);
    }
  }
}

void add(std::vector<DocRange>& ranges, const DocRange& range) {
  if (range.end > range.begin && ranges.size() < kRanges) ranges.push_back(range);
}

void in_order(std::vector<DocRange>& ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const DocRange& a, const DocRange& b) { return a.begin < b.begin; });
}

}  // namespace

DocFormats DocFormats::read(std::string_view document, std::string_view table) {
  constexpr std::size_t kCharacterRuns = 0xFA;  // Of the FIB: fcPlcfBteChpx, fcPlcfBtePapx.
  constexpr std::size_t kParagraphRuns = 0x102;
  DocFormats formats;
  for_each_run(document, table, kCharacterRuns, 1, [&](const DocRange& range, std::size_t at, std::string_view page) {
    if (at == 0 || at >= page.size()) return;
    for_each_property(page.substr(at + 1, static_cast<unsigned char>(page[at])), [&](std::uint16_t property, unsigned value) {
      if (property == 0x083C && value != 0) add(formats.hidden, range);
      if (property == 0x0800 && value != 0) add(formats.deleted, range);
    });
  });
  for_each_run(document, table, kParagraphRuns, 13, [&](const DocRange& range, std::size_t at, std::string_view page) {
    if (at == 0 || at + 1 >= page.size()) return;
    const auto half = static_cast<unsigned char>(page[at]);
    const std::size_t begin = half == 0 ? at + 2 : at + 1;
    const std::string_view content = page.substr(std::min(begin, page.size()), half == 0 ? static_cast<unsigned char>(page[at + 1]) * 2U : half * 2U - 1U);
    const std::uint16_t style = u16_at(content, 0);
    if (content.size() >= 2 && style >= 1 && style <= 9) add(formats.headings[style - 1], range);  // Styles 1 to 9 are the headings, always.
    if (content.size() < 2) return;
    for_each_property(content.substr(2), [&](std::uint16_t property, unsigned value) {
      if (property == 0x2417 && value != 0) add(formats.row_ends, range);
      if (property == 0x2416 && value != 0) add(formats.in_table, range);
    });
  });
  for (std::vector<DocRange>* ranges : {&formats.hidden, &formats.deleted, &formats.row_ends, &formats.in_table}) in_order(*ranges);
  for (std::vector<DocRange>& ranges : formats.headings) in_order(ranges);
  return formats;
}

bool lies_in(const std::vector<DocRange>& ranges, std::uint32_t at) {
  const auto after = std::upper_bound(ranges.begin(), ranges.end(), at, [](std::uint32_t value, const DocRange& range) { return value < range.begin; });
  return after != ranges.begin() && at < std::prev(after)->end;
}

}  // namespace sekisho::worker
