#include "worker/extract_inner.h"

#include <fmt/format.h>

#include "worker/extract_readers.h"

namespace sekisho::worker {
namespace {

bool left_out(ExtractOutput& output, const std::string& name, const Note& why) {
  output.note(output.pages(), "inner_unread", fmt::format("{} ({}: {})", name, why.code, why.detail));
  return output.wants_more();
}

}  // namespace

bool read_inner(std::string_view bytes, const std::string& name, std::string_view label, ExtractOutput& output) {
  if (!output.unpack(bytes.size())) return left_out(output, name, {0, "bomb", "more than may be unpacked"});
  const auto inner = output.inner(label);
  if (inner == nullptr) return left_out(output, name, {0, "too_large", "documents within documents"});
  const Outcome outcome = read_document(bytes, {.file_name = name, .encoding = "", .password = ""}, *inner);
  if (!outcome) return left_out(output, name, outcome.error());
  inner->ends_at(outcome->pages);
  return output.wants_more();
}

}  // namespace sekisho::worker
