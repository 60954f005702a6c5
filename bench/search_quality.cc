// How well the lexical search finds the one right passage: JSQuAD, JaQuAD and questions on statutes.
//
// rooms: engine search text base
// usage: search_quality --data FOLDER [--gate] [--jsquad] [--embedding MODEL.gguf --vectors FILE] [--weight 0.2]
// FOLDER holds jsquad/{valid,test}-v1.3.json, jaquad/jaquad_dev_*.json and lawqa/selection.json. With --gate the exit
// status is 1 where a figure is below its gate; without FOLDER it says so and ends with 0. With --embedding, words and meaning
// together: the vectors of passages and questions go into FILE, and are read from there the next time. --jsquad: of JSQuAD's valid set alone.


#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/json.h"
#include "search/blend.h"
#include "search/lexical.h"
#include "search/vectors.h"
#include "vector_file.h"

namespace {

using sekisho::Json;
using sekisho::PassageId;
namespace search = sekisho::search;

struct Question {
  std::string text;
  std::string passage;  ///< Key into Corpus::passages.
};
struct Corpus {
  std::map<std::string, PassageId> ids;  ///< "title\nbody" → id.
  std::vector<std::pair<std::string, std::string>> passages;
};
using QuestionSets = std::map<std::string, std::vector<Question>>;

Json read_json(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  auto json = Json::parse(text, std::size_t{64} << 20);
  if (!json) {
    fmt::print(stderr, "{}: {}\n", path, json.error().detail);
    std::exit(2);
  }
  return *std::move(json);
}

/// Ids in the order of the corpus, so that equal scores come in the same order each time.
std::string add_passage(Corpus& corpus, const std::string& title, const std::string& body) {
  const std::string key = title + "\n" + body;
  const auto id = PassageId::parse(fmt::format("{:026}", corpus.passages.size()));
  if (corpus.ids.try_emplace(key, id.value()).second) corpus.passages.emplace_back(title, body);
  return key;
}

/// JSQuAD's context is "title [SEP] body"; JaQuAD's title stands apart.
void read_squad(const Json& file, Corpus& corpus, std::vector<Question>* questions) {
  for (const Json& article : *file.find("data")->as_array()) {
    for (const Json& paragraph : *article.find("paragraphs")->as_array()) {
      std::string title = article.text_or("title");
      std::string body = paragraph.text_or("context");
      const std::string mark = " [SEP] ";
      if (const auto at = body.find(mark); at != std::string::npos) {
        title = body.substr(0, at);
        body = body.substr(at + mark.size());
      }
      const std::string key = add_passage(corpus, title, body);
      if (questions == nullptr) continue;
      for (const Json& qa : *paragraph.find("qas")->as_array()) questions->push_back({qa.text_or("question"), key});
    }
  }
}

/// The passages are the distinct contexts; a question asked of several contexts has no one right passage and is left out.
void read_law(const Json& file, Corpus& corpus, std::vector<Question>& questions) {
  std::map<std::string, std::set<std::string>> asked;
  for (const Json& sample : *file.find("samples")->as_array()) {
    asked[sample.text_or("問題文")].insert(add_passage(corpus, "", sample.text_or("コンテキスト")));
  }
  for (const auto& [question, contexts] : asked) {
    if (contexts.size() == 1) questions.push_back({question, *contexts.begin()});
  }
}

struct Figures {
  double first = 0, ten = 0, reciprocal = 0;  ///< R@1, R@10, MRR@10.
  double median_ms = 0, p95_ms = 0;
};

/// What --embedding adds: the passages' vectors, and those of texts that are asked for.
struct Meaning {
  search::ShelfVectors vectors;
  VectorFile* file = nullptr;
  double weight = search::kMeaningWeight;
};

std::vector<search::Hit> blended(std::vector<search::Hit> hits, const Meaning& meaning, const search::QueryVector& query) {
  const search::ShelfVectors* const readable[] = {&meaning.vectors};
  const auto near = search::nearest(query, readable, search::kCandidates);
  const auto cosine = [&](const search::Hit& hit) { return meaning.vectors.cosine(query, hit.passage); };
  return search::blend(std::move(hits), near, cosine, 10, meaning.weight);
}

Figures evaluate(const sekisho::text::WordAnalyser& analyser, const search::ShelfIndex& shelf, const Corpus& corpus,
                 const std::vector<Question>& questions, const Meaning* meaning) {
  Figures figures;
  std::vector<double> times;
  const search::ShelfIndex* const readable[] = {&shelf};
  for (const Question& question : questions) {
    const search::Query query = search::parse_query(analyser, question.text);
    std::optional<search::QueryVector> direction;
    if (meaning != nullptr) direction.emplace(meaning->file->of("query: " + question.text));
    const auto begin = std::chrono::steady_clock::now();
    auto hits = search::rank(query, readable, {.limit = meaning != nullptr ? search::kCandidates : 10});
    if (meaning != nullptr) hits = blended(std::move(hits), *meaning, *direction);
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    const PassageId& wanted = corpus.ids.at(question.passage);
    const auto at = std::find_if(hits.begin(), hits.end(), [&](const search::Hit& hit) { return hit.passage == wanted; });
    if (at == hits.end()) continue;
    const auto rank = static_cast<double>(at - hits.begin()) + 1;
    figures.first += rank == 1 ? 1 : 0;
    figures.ten += 1;
    figures.reciprocal += 1 / rank;
  }
  const auto count = static_cast<double>(questions.size());
  std::sort(times.begin(), times.end());
  return {figures.first / count, figures.ten / count, figures.reciprocal / count, times[times.size() / 2], times[times.size() * 95 / 100]};
}

/// The gates of the retrieval design.
const std::map<std::string, Figures> kGates = {{"jsquad valid", {.915, .970, .936}}, {"jaquad dev", {.838, .972, .889}}, {"law", {0, 0, .88}}};
const std::map<std::string, Figures> kGatesTogether = {{"jsquad valid", {0, 0, .945}}, {"jaquad dev", {0, 0, .900}}, {"law", {0, 0, .92}}};

struct Sizes {
  std::size_t text_bytes = 0;
  std::size_t blob_bytes = 0;
};
Sizes index_corpus(const sekisho::text::WordAnalyser& analyser, const Corpus& corpus, search::ShelfIndex& shelf) {
  Sizes sizes;
  search::IndexChange change;
  for (const auto& [title, body] : corpus.passages) {
    search::PassageTerms terms = search::terms_of_passage(analyser, title, body);
    sizes.text_bytes += title.size() + body.size();
    sizes.blob_bytes += terms.to_blob().size();
    change.add.push_back({corpus.ids.at(title + "\n" + body), std::move(terms)});
  }
  shelf.apply(std::move(change));
  return sizes;
}

void embed_corpus(const Corpus& corpus, Meaning& meaning) {
  std::vector<search::ShelfVectors::Added> add;
  for (const auto& [title, body] : corpus.passages) {
    add.push_back({corpus.ids.at(title + "\n" + body), search::PackedVector::of(meaning.file->of("passage: " + title + "\n" + body))});
  }
  meaning.vectors.apply(std::move(add), {});
}

struct Options {
  std::string folder, embedding, vectors;
  double weight = search::kMeaningWeight;
  bool gate = false;
  bool jsquad_alone = false;
};

int run(const Options& options) {
  const std::string& folder = options.folder;
  auto analyser = sekisho::text::WordAnalyser::open();
  if (!analyser) {
    fmt::print(stderr, "{}\n", analyser.error().detail);
    return 2;
  }
  Corpus corpus;
  QuestionSets sets;
  read_squad(read_json(folder + "/jsquad/valid-v1.3.json"), corpus, &sets["jsquad valid"]);
  if (!options.jsquad_alone) {
    read_squad(read_json(folder + "/jsquad/test-v1.3.json"), corpus, nullptr);
    for (int i = 0; i < 4; ++i) read_squad(read_json(fmt::format("{}/jaquad/jaquad_dev_{:04}.json", folder, i)), corpus, &sets["jaquad dev"]);
    read_law(read_json(folder + "/lawqa/selection.json"), corpus, sets["law"]);
  }

  search::ShelfIndex shelf;
  const std::clock_t begin = std::clock();
  const Sizes sizes = index_corpus(**analyser, corpus, shelf);
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  const double megabytes = static_cast<double>(sizes.text_bytes) / 1e6;
  fmt::print("{} passages, {:.1f} MB of text, indexed at {:.1f} MB/s a core; index {:.1f} MB, forward blobs {:.1f} MB\n", shelf.passages(), megabytes,
             megabytes / seconds, static_cast<double>(shelf.memory_bytes()) / 1e6, static_cast<double>(sizes.blob_bytes) / 1e6);
  std::unique_ptr<VectorFile> file;
  Meaning meaning;
  if (!options.embedding.empty()) {
    file = std::make_unique<VectorFile>(options.embedding, options.vectors);
    meaning.file = file.get();
    meaning.weight = options.weight;
    embed_corpus(corpus, meaning);
  }
  bool passed = true;
  for (const auto& [name, questions] : sets) {
    const Figures f = evaluate(**analyser, shelf, corpus, questions, file ? &meaning : nullptr);
    const Figures& wanted = (file ? kGatesTogether : kGates).at(name);
    const bool good = f.first >= wanted.first && f.ten >= wanted.ten && f.reciprocal >= wanted.reciprocal;
    passed = passed && good;
    fmt::print("{:<13} {:>5} questions  R@1 {:.4f}  R@10 {:.4f}  MRR@10 {:.4f}  median {:.2f} ms  p95 {:.2f} ms  {}\n", name, questions.size(),
               f.first, f.ten, f.reciprocal, f.median_ms, f.p95_ms, good ? "ok" : "BELOW THE GATE");
  }
  return options.gate && !passed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--gate") options.gate = true;
    if (argument == "--jsquad") options.jsquad_alone = true;
    if (i + 1 == argc) break;
    if (argument == "--data") options.folder = argv[++i];
    if (argument == "--embedding") options.embedding = argv[++i];
    if (argument == "--vectors") options.vectors = argv[++i];
    if (argument == "--weight") options.weight = std::atof(argv[++i]);
  }
  if (options.folder.empty() || !std::filesystem::is_directory(options.folder)) {
    fmt::print("search_quality: skipped, no data folder (--data FOLDER)\n");
    return 0;
  }
  return run(options);
}
