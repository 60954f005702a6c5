// rooms: gate text
// Proof G9: made cases in every disguise, against what a careful reader would find.
//
//   dlp_proof [--cases N] [--seed N] [--show N] [--exact 1] [--clean FOLDER]
//
// Exit status 1 where recall is below 99.9 % or precision below 99.5 %; with --exact, where a single case is not as wanted. --clean counts findings of numbers in the text files of a folder.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <fmt/format.h>

#include "dlp_cases.h"
#include "gate/dlp.h"

namespace {

using namespace sekisho;
using gate::DlpCase;
using gate::Finding;

constexpr double kRecall = 0.999;
constexpr double kPrecision = 0.995;
/// A finding may take in so much beside what it is about (brackets, a cell's border).
constexpr std::size_t kSlackBytes = 12;

struct Score {
  std::int64_t wanted = 0, found = 0, wrong = 0;
  [[nodiscard]] double recall() const { return wanted == 0 ? 1 : static_cast<double>(found) / static_cast<double>(wanted); }
  [[nodiscard]] double precision() const { return found + wrong == 0 ? 1 : static_cast<double>(found) / static_cast<double>(found + wrong); }
  void add(const Score& other) { wanted += other.wanted, found += other.found, wrong += other.wrong; }
};

/// Found: of the right kind and covering all of it, so that a mask leaves nothing.
bool covers(const Finding& finding, const Finding& truth, std::string_view text) {
  std::size_t begin = truth.begin;
  std::size_t end = truth.end;
  // What a disguise writes before the first digit and after the last need not be covered.
  const auto is_frame = [&](std::size_t at) { return std::strchr("|[]<>td/ \t\n*.-", text[at]) != nullptr; };
  while (begin < finding.begin && begin < end && (is_frame(begin) || static_cast<unsigned char>(text[begin]) >= 0x80) && finding.begin - begin <= kSlackBytes) ++begin;
  while (end > finding.end && end > begin && end - finding.end <= kSlackBytes && (is_frame(end - 1) || static_cast<unsigned char>(text[end - 1]) >= 0x80)) --end;
  return finding.kind == truth.kind && finding.begin <= begin && finding.end >= end && truth.begin <= finding.begin + kSlackBytes && finding.end <= truth.end + kSlackBytes;
}

Score score(const DlpCase& c, const std::vector<Finding>& findings) {
  Score result;
  result.wanted = static_cast<std::int64_t>(c.truth.size());
  for (const Finding& finding : findings) {
    const bool right = std::any_of(c.truth.begin(), c.truth.end(), [&](const Finding& truth) { return covers(finding, truth, c.text); });
    (right ? result.found : result.wrong) += 1;
  }
  return result;
}

std::string in_words(const std::vector<Finding>& findings, std::string_view text) {
  std::string out;
  for (const Finding& f : findings) out += fmt::format(" {}「{}」", gate::name_of(f.kind), text.substr(f.begin, f.end - f.begin));
  return out.empty() ? " nothing" : out;
}

void clean_text(const std::string& folder) {
  std::int64_t bytes = 0;
  gate::PersonalCounts counts{};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string();
    if (!entry.is_regular_file() || (extension != ".txt" && extension != ".md" && extension != ".csv" && extension != ".jsonl" && extension != ".json")) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::string text(64 * 1024 * 1024, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    bytes += static_cast<std::int64_t>(text.size());
    const auto findings = gate::find_personal(text);
    const auto found = gate::count_personal(findings);
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += found[i];
    for (std::size_t i = 0; i < std::min<std::size_t>(findings.size(), 5); ++i) {
      fmt::print("  {}:{}\n", entry.path().filename().string(), in_words({findings[i]}, text));
    }
  }
  fmt::print("clean text: {} bytes\n", bytes);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) fmt::print("  {} {}\n", counts[i], gate::name_of(static_cast<gate::PersonalKind>(i)));
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t cases = 20'000, seed = 1, show = 0, exact = 0;
  std::string clean;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--cases") cases = std::stoull(argv[i + 1]);
    else if (name == "--seed") seed = std::stoull(argv[i + 1]);
    else if (name == "--show") show = std::stoull(argv[i + 1]);
    else if (name == "--exact") exact = std::stoull(argv[i + 1]);
    else if (name == "--clean") clean = argv[i + 1];
    else return 2;
  }
  const auto words = text::WordAnalyser::open();
  if (!words) return fmt::print(stderr, "{}\n", words.error().detail), 2;
  Score all;
  std::map<std::string, Score> by_form, by_kind;
  for (std::uint64_t number = 0; number < cases; ++number) {
    const DlpCase c = gate::make_case(seed, number);
    const auto findings = gate::find_personal(c.text, words->get());
    const Score s = score(c, findings);
    all.add(s);
    by_form[c.form].add(s);
    by_kind[c.truth.empty() ? "おとり" : std::string(gate::name_of(c.truth[0].kind))].add(s);
    if (show > 0 && (s.found != s.wanted || s.wrong > 0)) {
      --show;
      fmt::print("case {} ({}, {}): {:?}\n  wanted{}\n  found{}\n", number, c.form, c.around, c.text, in_words(c.truth, c.text), in_words(findings, c.text));
    }
  }
  const auto print = [](const std::map<std::string, Score>& scores) {
    for (const auto& [name, s] : scores) fmt::print("  {:8} wanted {:8} found {:6} wrong  {}\n", s.wanted, s.found, s.wrong, name);
  };
  fmt::print("by disguise or decoy ({} disguises of numbers):\n", gate::disguises().size());
  print(by_form);
  fmt::print("by kind:\n");
  print(by_kind);
  if (!clean.empty()) clean_text(clean);
  fmt::print("G9: seed {}, {} cases, recall {:.4f} % ({} of {}), precision {:.4f} % ({} wrong)\n", seed, cases, all.recall() * 100, all.found, all.wanted,
             all.precision() * 100, all.wrong);
  if (exact != 0) return all.found == all.wanted && all.wrong == 0 ? 0 : 1;
  return all.recall() >= kRecall && all.precision() >= kPrecision ? 0 : 1;
}
