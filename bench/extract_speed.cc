// How fast documents become text, through the real sealed worker: one process a document, as the server does it.
//
//   extract_speed --program build/release/bin/sekisho-extract --files DIR [--repeat N] [--print]
//
// Prints one line a format: documents, pages/s (PDF, docx: pages as they are counted), MB/s of input, and the time that an
// empty document takes (process start, seal, probes). --print shows the text of each document instead.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "library/chunk.h"
#include "library/extract.h"

namespace {

struct Options {
  std::string program;
  std::string files;
  int repeat = 3;
  bool print = false;
};

struct Total {
  int documents = 0;
  std::int64_t pages = 0;
  std::int64_t bytes = 0;
  std::size_t characters = 0;
  double seconds = 0;
};

Options options_from(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    const std::string value = i + 1 < count ? arguments[i + 1] : "";
    if (name == "--print") {
      options.print = true;
    } else if (name == "--program") {
      options.program = std::filesystem::absolute(value);
      ++i;
    } else if (name == "--files") {
      options.files = value;
      ++i;
    } else if (name == "--repeat") {
      options.repeat = std::max(1, std::atoi(value.c_str()));
      ++i;
    }
  }
  return options;
}

void print_document(const std::filesystem::path& path, const std::vector<sekisho::process::extract::Page>& pages,
                    const sekisho::library::Extracted& extracted) {
  fmt::print("=== {} ({} {}, {} pages, title 「{}」)\n", path.filename().string(), extracted.end.kind, extracted.end.encoding, extracted.end.pages,
             extracted.end.title);
  for (const auto& note : extracted.notes) fmt::print("note: page {} {} {}\n", note.page, note.code, note.detail);
  for (const auto& page : pages) fmt::print("--- page {}\n{}\n", page.number, page.text);
  for (const auto& passage : sekisho::library::chunk(pages)) fmt::print("[p.{} {}]\n{}\n", passage.page_first, passage.path, passage.text);
}

void read_one(const Options& options, const std::filesystem::path& path, std::map<std::string, Total>& totals) {
  const sekisho::SystemClock clock;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  std::vector<sekisho::process::extract::Page> pages;
  sekisho::library::ExtractOptions extract_options;
  extract_options.program = options.program;
  extract_options.file_name = path.filename().string();
  const auto start = std::chrono::steady_clock::now();
  const auto extracted = sekisho::library::extract(fd, extract_options, clock, [&](const sekisho::process::extract::Page& page) -> sekisho::Result<void> {
    if (options.print) pages.push_back(page);
    return {};
  });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  ::close(fd);
  if (!extracted) {
    fmt::print("{}: {}: {}\n", path.filename().string(), extracted.error().reason, extracted.error().error.detail);
    return;
  }
  if (options.print) print_document(path, pages, *extracted);
  Total& total = totals[extracted->end.kind];
  ++total.documents;
  total.pages += extracted->end.pages;
  total.bytes += static_cast<std::int64_t>(std::filesystem::file_size(path));
  total.characters += extracted->characters;
  total.seconds += took.count();
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = options_from(count, arguments);
  if (options.program.empty() || options.files.empty()) {
    std::fputs("usage: extract_speed --program PATH --files DIR [--repeat N] [--print]\n", stderr);
    return 2;
  }
  std::map<std::string, Total> totals;
  for (int round = 0; round < (options.print ? 1 : options.repeat); ++round) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(options.files)) {
      if (entry.is_regular_file()) read_one(options, entry.path(), totals);
    }
  }
  for (const auto& [kind, total] : totals) {
    fmt::print("{:9} {:4} documents  {:8.1f} pages/s  {:7.2f} MB/s  {:10.0f} characters/s  {:6.1f} ms a document\n", kind, total.documents,
               static_cast<double>(total.pages) / total.seconds, static_cast<double>(total.bytes) / 1e6 / total.seconds,
               static_cast<double>(total.characters) / total.seconds, total.seconds * 1e3 / total.documents);
  }
  return 0;
}
