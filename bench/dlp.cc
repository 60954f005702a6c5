// rooms: gate text
// How fast the search for personal data is, beside RE2 and Hyperscan with the same patterns, in one run on one core.
//
//   dlp [FILE…]     text files; without one the sample papers' text of the repository, tests/cases included
//
// Texts are repeated to 64 MiB, so that none comes from the processor's caches. Each figure is the best of five.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "gate/dlp.h"
#include "gate/dlp_scan.h"
#ifdef SEKISHO_BENCH_RE2
#include <re2/re2.h>
#endif
#ifdef SEKISHO_BENCH_HYPERSCAN
#include <hs/hs.h>
#endif

namespace {

using namespace sekisho;

constexpr std::size_t kBytes = 64 * 1024 * 1024;

/// What spots_of() looks for: seven digits of any kind with marks between, a mail address, words of birth and of house numbers.
const std::vector<std::string> kPatterns = {
    R"((?:[0-9０-９〇零一二三四五六七八九壱弐参①②③④⑤⑥⑦⑧⑨][-‐−－ー・./_|,:'" \t\n　「」\[\]()]{0,3}){6}[0-9０-９〇零一二三四五六七八九壱弐参①②③④⑤⑥⑦⑧⑨])", R"([@＠])", R"(生年月日|生まれ|日生|誕生)",
    R"(丁目|番地)"};

/// Best of five, GB/s.
double measure(const std::function<std::size_t()>& work, std::size_t bytes, std::size_t& found) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    found = work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return static_cast<double>(bytes) / best / 1e9;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
  std::string once;
  for (int i = 1; i < argc; ++i) once += read(argv[i]);
  if (argc == 1) {
    for (const char* folder : {"samples", "docs"}) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() == ".txt" || entry.path().extension() == ".md") once += read(entry.path());
      }
    }
  }
  if (once.empty()) return fmt::print(stderr, "no text\n"), 2;
  std::string text;
  while (text.size() < kBytes) text += once;
  fmt::print("text: {} bytes, repeated to {} MiB\n", once.size(), text.size() >> 20);
  std::size_t found = 0;
  const double scan = measure([&] { return gate::dlp::spots_of(text).size(); }, text.size(), found);
  fmt::print("first look (spots_of)      {:7.3f} GB/s  {} spots\n", scan, found);
  const double whole = measure([&] { return gate::find_personal(text).size(); }, text.size(), found);
  fmt::print("all but names              {:7.3f} GB/s  {} findings\n", whole, found);
#ifdef SEKISHO_BENCH_HYPERSCAN
  std::vector<const char*> patterns;
  std::vector<unsigned> flags(kPatterns.size(), HS_FLAG_UTF8), ids;
  for (const std::string& pattern : kPatterns) patterns.push_back(pattern.c_str()), ids.push_back(static_cast<unsigned>(ids.size()));
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  hs_scratch_t* scratch = nullptr;
  if (hs_compile_multi(patterns.data(), flags.data(), ids.data(), static_cast<unsigned>(patterns.size()), HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS ||
      hs_alloc_scratch(database, &scratch) != HS_SUCCESS) {
    return fmt::print(stderr, "Hyperscan: {}\n", error != nullptr ? error->message : "no scratch"), 1;
  }
  const auto count = [](unsigned, unsigned long long, unsigned long long, unsigned, void* n) { return ++*static_cast<std::size_t*>(n), 0; };
  const double hyperscan = measure(
      [&] {
        std::size_t n = 0;
        hs_scan(database, text.data(), static_cast<unsigned>(text.size()), 0, scratch, count, &n);
        return n;
      },
      text.size(), found);
  fmt::print("Hyperscan, the patterns    {:7.3f} GB/s  {} matches   first look / Hyperscan {:.1f}, all / Hyperscan {:.1f}\n", hyperscan, found, scan / hyperscan, whole / hyperscan);
#endif
#ifdef SEKISHO_BENCH_RE2
  const re2::RE2 expression("(?:" + kPatterns[0] + ")|" + kPatterns[1] + "|" + kPatterns[2] + "|" + kPatterns[3]);
  if (!expression.ok()) return fmt::print(stderr, "RE2: {}\n", expression.error()), 1;
  const std::string_view part = std::string_view(text).substr(0, text.size() / 8);
  const double re2 = measure(
      [&] {
        std::size_t n = 0;
        re2::StringPiece rest(part.data(), part.size());
        while (re2::RE2::FindAndConsume(&rest, expression)) ++n;
        return n;
      },
      part.size(), found);
  fmt::print("RE2, the patterns          {:7.3f} GB/s  {} matches in an eighth   first look / RE2 {:.1f}, all / RE2 {:.1f}\n", re2, found, scan / re2, whole / re2);
#endif
  const auto words = text::WordAnalyser::open();
  if (!words) return fmt::print(stderr, "{}\n", words.error().detail), 1;
  const std::string_view little = std::string_view(text).substr(0, 4 * 1024 * 1024);
  const double names = measure([&] { return gate::find_personal(little, words->get()).size(); }, little.size(), found);
  fmt::print("with names, by morphology  {:7.4f} GB/s  {} findings in {} MiB\n", names, found, little.size() >> 20);
  return 0;
}
