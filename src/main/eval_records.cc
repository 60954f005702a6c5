#include "main/eval_records.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "base/limits.h"

namespace sekisho::main {
namespace {

constexpr std::size_t kTextsOfARecord = 1'000;

Result<EvalRecord> decode(const Json& json, EvalNeeds needs) {
  EvalRecord record;
  JsonReader reader(json);
  record.question = reader.text("question", {.min_characters = 1, .max_characters = limits::kQuestionCharacters});
  auto answers = reader.texts_if("answers", kTextsOfARecord, {.min_characters = 1});
  auto relevant = reader.texts_if("relevant", kTextsOfARecord, {.min_characters = 1});
  if (needs == EvalNeeds::kAnswers && !answers) reader.reject("answers", "is missing");
  if (needs == EvalNeeds::kRelevant && (!relevant || relevant->empty())) reader.reject("relevant", "must name a file or a passage");
  if (const Json::Object* members = json.as_object()) {
    for (const auto& [key, value] : *members) reader.ignore(key);
  }
  if (auto done = reader.finish(); !done) return fail(done.error());
  if (answers) record.answers = *std::move(answers);
  if (relevant) record.relevant = *std::move(relevant);
  return record;
}

Result<EvalRecord> parse_line(std::string_view line, EvalNeeds needs) {
  auto json = Json::parse(line);
  if (!json) return fail(json.error());
  return decode(*json, needs);
}

}  // namespace

Result<std::vector<EvalRecord>> parse_records(std::string_view text, EvalNeeds needs) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<EvalRecord> records;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto record = parse_line(line, needs);
    if (!record) return fail(record.error().code, fmt::format("line {}: {}", number, record.error().detail));
    record->line = number;
    records.push_back(*std::move(record));
  }
  if (records.empty()) return fail(ErrorCode::kInvalid, "no question in the file");
  return records;
}

Result<std::vector<EvalRecord>> read_records(const std::string& file, EvalNeeds needs, std::size_t limit) {
  std::error_code ec;
  const auto bytes = std::filesystem::is_regular_file(file, ec) ? std::filesystem::file_size(file, ec) : 0;
  std::ifstream in(file);
  if (ec || !in) return fail(ErrorCode::kDenied, file + ": cannot be read");
  if (bytes > limits::kEvalFileBytes) return fail(ErrorCode::kTooLarge, fmt::format("{}: {} bytes, at most {}", file, bytes, limits::kEvalFileBytes));
  auto records = parse_records(std::string(std::istreambuf_iterator<char>(in), {}), needs);
  if (!records) return fail(records.error().code, fmt::format("{}: {}", file, records.error().detail));
  if (limit > 0 && records->size() > limit) records->resize(limit);
  return records;
}

}  // namespace sekisho::main
