#include "main/audit_verify.h"

#include <algorithm>
#include <charconv>
#include <fstream>

#include <fcntl.h>

#include <fmt/format.h>

#include "audit/verify.h"
#include "base/clock.h"
#include "base/file_descriptor.h"
#include "base/json.h"
#include "crypto/hash.h"

namespace sekisho::main {
namespace fs = std::filesystem;
namespace {

/// "SEQUENCE:HASH", as `audit verify` prints the last Entry.
std::optional<audit::EntryReceipt> receipt_of(const std::string& text) {
  const std::size_t colon = text.find(':');
  audit::EntryReceipt receipt;
  const char* const end = text.data() + std::min(colon, text.size());
  const auto [stop, ec] = std::from_chars(text.data(), end, receipt.sequence);
  auto hash = crypto::Digest::from_hex(colon == std::string::npos ? "" : text.substr(colon + 1));
  if (ec != std::errc() || stop != end || receipt.sequence < 1 || !hash) return std::nullopt;
  receipt.hash = *hash;
  return receipt;
}

std::string text_of(const audit::EntryReceipt& receipt) { return fmt::format("{}:{}", receipt.sequence, receipt.hash.hex()); }

/// Each --witness is a receipt, a checkpoint on paper, or a file.
bool take_witness(const std::string& text, audit::VerifyOptions& options) {
  if (const auto receipt = receipt_of(text)) {
    options.witnessed = *receipt;
  } else if (const auto head = audit::TreeHead::from_paper(text)) {
    options.trees.push_back(*head);
  } else if (fs::is_regular_file(text)) {
    options.witness = text;
  } else {
    return false;
  }
  return true;
}

Json to_json(const audit::VerifyReport& report) {
  Json out = Json::object({{"ok", !report.broken.has_value()}, {"entries", report.entries}, {"removed", report.removed}, {"segments", report.segments}, {"head", report.head.hash.hex()},
                           {"witness", text_of(report.head)}, {"checkpoints", report.checkpoints}, {"keys", report.keys}, {"beginnings", report.beginnings},
                           {"public_key", report.key}, {"covered", report.covered ? Json(report.covered->size) : Json()}});
  if (report.broken) {
    out.set("broken", Json::object({{"sequence", report.broken->sequence}, {"file", report.broken->file}, {"line", report.broken->line}, {"why", report.broken->why}}));
  }
  return out;
}

std::string broken_words(const audit::VerifyReport& report) {
  const audit::Finding& broken = *report.broken;
  if (broken.file.empty() && broken.sequence <= report.removed) {
    return fmt::format("{}件目までの記録は、保存の期限を過ぎて消してあるため、控えと合うことを確かめられません。（{}）\n", broken.sequence, broken.why);
  }
  if (broken.file.empty()) {
    return fmt::format("監査の記録に、控えておいた{}件目までの記録がありません。記録が切り取られたか、作り直されています。（{}）\n", broken.sequence, broken.why);
  }
  if (broken.file.ends_with(".jsonl") && broken.file.find_first_not_of("0123456789") == broken.file.size() - 6) {
    return fmt::format("監査の記録が壊れています。{}件目、{}の{}行目（{}）\n", broken.sequence, broken.file, broken.line, broken.why);
  }
  return fmt::format("監査の記録が、署名した控えと合いません。{}の{}行目（{}）\n", broken.file, broken.line, broken.why);
}

std::string whole_words(const audit::VerifyReport& report) {
  std::string words = fmt::format("監査の記録は、始めから終わりまでつながっています。{}件、最後の記録 {}\n", report.entries, text_of(report.head));
  if (report.removed > 0) words += fmt::format("うち初めの{}件は、保存の期限を過ぎたため消してあります。\n", report.removed);
  if (!report.covered) return words + "署名した控え（checkpoint）は、まだありません。\n";
  words += fmt::format("署名した控えは{}件あり、{}件目までの記録と合っています。公開鍵 {}\n", report.checkpoints, report.covered->size, report.key);
  if (report.beginnings > 1) words += fmt::format("署名の鍵が{}回失われ、新しい鍵で始めています。心当たりがなければ、記録が作り直されたおそれがあります。\n", report.beginnings - 1);
  return words;
}

/// The sealed bytes of each content against the hash in its Entry, whether anybody still has the key or not; how many there are.
/// Errors: kCorrupt, with the Entry.
Result<std::int64_t> check_contents(const fs::path& log) {
  std::int64_t count = 0;
  std::optional<Error> wrong;
  auto read = audit::for_each_entry(log, [&](const audit::ReadLine& line) {
    const Json* facts = line.entry.details.find("facts");
    const Json* place = facts != nullptr ? facts->find("content") : nullptr;
    if (place == nullptr) return true;
    ++count;
    const std::string name = place->text_or("sha256");
    const fs::path path = log / "content" / name.substr(0, 2) / name;
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const auto hash = file.valid() ? crypto::sha256_of_file(file.get()) : fail(ErrorCode::kDenied, "");
    if (hash && hash->hex() == name) return true;
    wrong = Error{ErrorCode::kCorrupt, fmt::format("entry {}: the sealed content is {}", line.sequence, file.valid() ? "not the one that was hashed" : "not there")};
    return false;
  });
  if (!read) return fail(read.error());
  if (wrong) return fail(*wrong);
  return count;
}

}  // namespace

fs::path log_folder(const std::string& folder) {
  const fs::path inside = fs::path(folder) / "audit";
  return fs::is_directory(inside) ? inside : fs::path(folder);
}

Result<std::string> public_key_given(const std::string& text) {
  std::string key = text;
  if (fs::is_regular_file(text)) {
    std::ifstream in(text);
    in >> key;
  }
  if (!audit::is_public_key(key)) return fail(ErrorCode::kInvalid, "--public-key: 64 hexadecimal characters, or a file that holds them");
  return key;
}

Outcome run_audit_verify(const AuditVerifyFlags& flags) {
  audit::VerifyOptions options;
  for (const std::string& text : flags.witnesses) {
    if (!take_witness(text, options)) return {kExitUsage, "", "--witness: 控えておいた「番号:ハッシュ値」、紙の控え、又は控えのファイルを指定してください。\n"};
  }
  if (!flags.public_key.empty()) {
    auto key = public_key_given(flags.public_key);
    if (!key) return {kExitUsage, "", in_japanese(key.error()) + "\n"};
    options.public_key = *key;
  }
  if (flags.checkpoints) {
    if (!fs::is_regular_file(*flags.checkpoints)) return {kExitUsage, "", fmt::format("--checkpoints: {}がありません。\n", *flags.checkpoints)};
    options.checkpoints = *flags.checkpoints;
  }
  options.now_ms = SystemClock().wall_ms();
  auto report = audit::verify(log_folder(flags.folder), options);
  if (!report) return failed(report.error());
  std::optional<Result<std::int64_t>> contents;
  if (flags.content && !report->broken) contents = check_contents(log_folder(flags.folder));
  const int exit = report->broken || (contents && !*contents) ? kExitFailed : 0;
  if (flags.json) {
    Json json = to_json(*report);
    if (contents) json.set("contents", *contents ? Json(**contents) : Json(contents->error().detail));
    return {exit, json.dump() + "\n", ""};
  }
  if (report->broken) return {exit, "", broken_words(*report)};
  if (contents && !*contents) return {exit, "", fmt::format("封じた中身が、記録と合いません。（{}）\n", contents->error().detail)};
  return {exit, whole_words(*report) + (contents ? fmt::format("封じた中身{}件は、記録のハッシュ値と合っています。\n", **contents) : ""), ""};
}

}  // namespace sekisho::main
