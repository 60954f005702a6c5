// How fast the lexical search is on many passages, beside SQLite FTS5 on the same words in the same run.
//
// rooms: search text base
// usage: search_speed [--passages N]      default 200,000, of about 200 characters each, made of words by Zipf's law
// Prints MB/s of indexing, memory, the time to save and load a snapshot, and median and p95 of a query, in processor time
// and, for the query, also by the wall clock.

#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "search/lexical.h"
#include "text/utf8.h"

namespace {

using sekisho::PassageId;
namespace search = sekisho::search;
namespace text = sekisho::text;

constexpr std::size_t kVocabulary = 40'000;
constexpr std::size_t kWordsPerPassage = 70;
constexpr std::size_t kQuestions = 400;
constexpr std::size_t kBatch = 2'000;

double now_s(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Seconds of this thread on the processor, which other programs on the machine do not disturb.
double seconds_of(const std::function<void()>& work) {
  const double begin = now_s(CLOCK_THREAD_CPUTIME_ID);
  work();
  return now_s(CLOCK_THREAD_CPUTIME_ID) - begin;
}
double wall_seconds_of(const std::function<void()>& work) {
  const double begin = now_s(CLOCK_MONOTONIC);
  work();
  return now_s(CLOCK_MONOTONIC) - begin;
}

/// Words of two kanji, drawn by rank.
class Vocabulary {
 public:
  Vocabulary() {
    for (std::size_t i = 0; i < kVocabulary; ++i) {
      std::string word;
      for (int k = 0; k < 2; ++k) text::append_utf8(word, 0x4E00 + static_cast<char32_t>(random_() % 2'000) * 5);
      words_.push_back(word);
      total_ += 1.0 / std::pow(static_cast<double>(i) + 2.7, 1.05);
      until_.push_back(total_);
    }
  }
  const std::string& draw(std::size_t from = 0) {
    std::uniform_real_distribution<double> uniform(from == 0 ? 0 : until_[from - 1], total_);
    return words_[static_cast<std::size_t>(std::lower_bound(until_.begin(), until_.end(), uniform(random_)) - until_.begin())];
  }
  std::string passage() {
    static constexpr const char* kParticles[] = {"の", "を", "に", "は", "が", "と"};
    std::string made;
    for (std::size_t i = 0; i < kWordsPerPassage; ++i) {
      made += draw();
      made += i % 12 == 11 ? "する。" : kParticles[random_() % 6];
    }
    return made;
  }
  std::string question() {
    std::string made;
    for (std::size_t i = 0; i < 4 + random_() % 5; ++i) made += draw(20) + (i % 2 == 0 ? "の" : "を");
    return made + "教えてください。";
  }

 private:
  std::mt19937 random_{20250715};
  std::vector<std::string> words_;
  std::vector<double> until_;
  double total_ = 0;
};

struct Times {
  double median_ms = 0, p95_ms = 0;
};
Times summed_up(std::vector<double> times_s) {
  std::sort(times_s.begin(), times_s.end());
  return {times_s[times_s.size() / 2] * 1e3, times_s[times_s.size() * 95 / 100] * 1e3};
}

std::string spaced_words(const text::WordAnalyser& analyser, const std::string& source, const char* between, bool quoted) {
  std::string joined;
  for (const text::Word& word : analyser.analyse(source)) {
    if (!word.content) continue;
    if (!joined.empty()) joined += between;
    joined += quoted ? "\"" + word.base + "\"" : word.base;
  }
  return joined;
}

/// FTS5 over MeCab words, OR, ordered by its bm25(): the way that SQLite offers.
class FullTextTable {
 public:
  FullTextTable() {
    sqlite3_open(":memory:", &database_);
    sqlite3_exec(database_, "CREATE VIRTUAL TABLE t USING fts5(words, content='', tokenize='unicode61'); BEGIN", nullptr, nullptr, nullptr);
    sqlite3_prepare_v2(database_, "INSERT INTO t(rowid, words) VALUES(?, ?)", -1, &insert_, nullptr);
    sqlite3_prepare_v2(database_, "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 10", -1, &select_, nullptr);
  }
  ~FullTextTable() {
    sqlite3_finalize(insert_);
    sqlite3_finalize(select_);
    sqlite3_close(database_);
  }
  FullTextTable(const FullTextTable&) = delete;
  FullTextTable& operator=(const FullTextTable&) = delete;

  void add(const std::string& words) {
    sqlite3_reset(insert_);
    sqlite3_bind_int64(insert_, 1, ++rows_);
    sqlite3_bind_text(insert_, 2, words.data(), static_cast<int>(words.size()), SQLITE_TRANSIENT);
    sqlite3_step(insert_);
  }
  void commit() { sqlite3_exec(database_, "COMMIT; INSERT INTO t(t) VALUES('optimize')", nullptr, nullptr, nullptr); }
  std::size_t find(const std::string& match) {
    sqlite3_reset(select_);
    sqlite3_bind_text(select_, 1, match.data(), static_cast<int>(match.size()), SQLITE_TRANSIENT);
    std::size_t found = 0;
    while (sqlite3_step(select_) == SQLITE_ROW) ++found;
    return found;
  }

 private:
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* select_ = nullptr;
  sqlite3_int64 rows_ = 0;
};

void measure_snapshot(const search::ShelfIndex& shelf) {
  const std::string path = fmt::format("/tmp/search_speed.{}", ::getpid());
  const double save_s = seconds_of([&] {
    if (!shelf.save(path, "bench")) std::exit(1);
  });
  search::ShelfIndex loaded;
  const double load_s = seconds_of([&] {
    if (!loaded.load(path, "bench")) std::exit(1);
  });
  ::unlink(path.c_str());
  fmt::print("snapshot: save {:.2f} s, load {:.2f} s\n", save_s, load_s);
}

int run(std::size_t passages) {
  auto analyser = text::WordAnalyser::open();
  if (!analyser) {
    fmt::print(stderr, "{}\n", analyser.error().detail);
    return 2;
  }
  Vocabulary vocabulary;
  search::ShelfIndex shelf;
  FullTextTable table;
  std::size_t text_bytes = 0, blob_bytes = 0;
  double analyse_s = 0, index_s = 0;
  for (std::size_t done = 0; done < passages;) {
    search::IndexChange change;
    for (std::size_t i = 0; i < kBatch && done < passages; ++i, ++done) {
      const std::string body = vocabulary.passage();
      text_bytes += body.size();
      search::PassageTerms terms;
      analyse_s += seconds_of([&] { terms = search::terms_of_passage(**analyser, "", body); });
      blob_bytes += terms.to_blob().size();
      change.add.push_back({PassageId::random(), std::move(terms)});
      table.add(spaced_words(**analyser, body, " ", false));
    }
    index_s += seconds_of([&] { shelf.apply(std::move(change)); });
  }
  table.commit();
  const double megabytes = static_cast<double>(text_bytes) / 1e6;
  fmt::print("{} passages, {:.0f} MB of text: analysed at {:.1f} MB/s, inverted at {:.1f} MB/s, together {:.1f} MB/s a core\n", passages, megabytes,
             megabytes / analyse_s, megabytes / index_s, megabytes / (analyse_s + index_s));
  fmt::print("index {:.0f} MB in memory, forward blobs {:.0f} MB\n", static_cast<double>(shelf.memory_bytes()) / 1e6, static_cast<double>(blob_bytes) / 1e6);
  measure_snapshot(shelf);

  const search::ShelfIndex* const readable[] = {&shelf};
  std::vector<double> ours, ours_wall, theirs;
  std::size_t found = 0;
  for (std::size_t i = 0; i < kQuestions; ++i) {
    const std::string question = vocabulary.question();
    ours_wall.push_back(wall_seconds_of([&] {
      ours.push_back(seconds_of([&] { found += search::rank(search::parse_query(**analyser, question), readable, {.limit = 10}).size(); }));
    }));
    const std::string match = spaced_words(**analyser, question, " OR ", true);
    theirs.push_back(seconds_of([&] { found += table.find(match); }));
  }
  const Times own = summed_up(ours), wall = summed_up(ours_wall), fts = summed_up(theirs);
  fmt::print("query, analysis included: median {:.2f} ms, p95 {:.2f} ms (wall clock {:.2f}, {:.2f}); FTS5 words: median {:.1f} ms, p95 {:.1f} ms (ratio of p95 {:.0f})  [{} found]\n",
             own.median_ms, own.p95_ms, wall.median_ms, wall.p95_ms, fts.median_ms, fts.p95_ms, fts.p95_ms / own.p95_ms, found);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t passages = 200'000;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string(argv[i]) == "--passages") passages = std::strtoul(argv[i + 1], nullptr, 10);
  }
  return run(std::max<std::size_t>(passages, 1));
}
