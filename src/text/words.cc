#include "text/words.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <utility>

#include <fmt/format.h>
#include <mecab.h>

#include "base/check.h"
#include "base/guarded.h"
#include "text/normalize.h"
#include "text/numerals.h"
#include "text/utf8.h"
#include "text/variants.h"

namespace sekisho::text {
namespace {

/// Names the rules of this file; changes whenever analyse() may give another result.
constexpr std::string_view kRules = "w1";
/// What one lattice takes at most; longer text is cut at a line or sentence end.
constexpr std::size_t kPieceBytes = 8 * 1024;

constexpr std::array<const char*, 4> kDictionaries = {"/var/lib/mecab/dic/ipadic-utf8", "/usr/share/mecab/dic/ipadic-utf8",
                                                      "/usr/lib/x86_64-linux-gnu/mecab/dic/ipadic-utf8", "/usr/lib/mecab/dic/ipadic-utf8"};

/// `column` (from 0) of a comma-separated MeCab feature.
std::string_view column(std::string_view feature, int column) {
  for (; column > 0; --column) {
    const std::size_t comma = feature.find(',');
    if (comma == std::string_view::npos) return {};
    feature.remove_prefix(comma + 1);
  }
  return feature.substr(0, feature.find(','));
}

WordKind noun_kind(std::string_view detail) {
  if (detail == "数") return WordKind::kNumber;
  if (detail == "固有名詞") return WordKind::kProperNoun;
  if (detail == "接尾") return WordKind::kSuffix;
  if (detail == "非自立" || detail == "代名詞" || detail == "特殊") return WordKind::kFormalNoun;
  return WordKind::kNoun;
}

WordKind kind_of(std::string_view feature) {
  const std::string_view part = column(feature, 0);
  const std::string_view detail = column(feature, 1);
  if (part == "名詞") return noun_kind(detail);
  if (part == "動詞") return detail == "自立" ? WordKind::kVerb : WordKind::kHelperVerb;
  if (part == "助詞") return WordKind::kParticle;
  if (part == "助動詞") return WordKind::kHelperVerb;
  if (part == "形容詞") return detail == "自立" ? WordKind::kAdjective : WordKind::kHelperVerb;
  if (part == "副詞" || part == "連体詞") return WordKind::kAdverb;
  if (part == "接頭詞") return WordKind::kPrefix;
  if (part == "記号") return detail == "アルファベット" ? WordKind::kNoun : WordKind::kSymbol;
  return WordKind::kConjunction;
}

Naming naming_of(std::string_view feature) {
  const std::string_view detail = column(feature, 1);
  const std::string_view third = column(feature, 2);
  if (detail == "接尾") return third == "地域" ? Naming::kPlace : Naming::kNothing;
  if (detail != "固有名詞") return Naming::kNothing;
  if (third == "地域") return Naming::kPlace;
  if (third != "人名") return Naming::kNothing;
  const std::string_view fourth = column(feature, 3);
  return fourth == "姓" ? Naming::kFamily : fourth == "名" ? Naming::kGiven : Naming::kPerson;
}

/// Whether any character of `surface` is a letter, a digit, kana or kanji: IPADIC takes "~" for a noun.
bool says_something(std::string_view surface) {
  bool found = false;
  for_each_character(surface, [&](const Character& c) {
    found = found || is_ascii_letter(c.value) || is_ascii_digit(c.value) || is_hiragana(c.value) || is_katakana(c.value) || is_kanji(c.value) ||
            (c.value >= 0xC0 && c.value < 0x2000) || (c.value >= 0xAC00 && c.value < 0xD7A4);
  });
  return found;
}

bool is_content(WordKind kind) {
  switch (kind) {
    case WordKind::kNoun:
    case WordKind::kProperNoun:
    case WordKind::kNumber:
    case WordKind::kSuffix:
    case WordKind::kPrefix:
    case WordKind::kVerb:
    case WordKind::kAdjective:
    case WordKind::kAdverb:
      return true;
    default:
      return false;
  }
}

/// Where the piece that begins at `begin` ends: at most kPieceBytes, after a line end or 。 where there is one.
std::size_t piece_end(std::string_view text, std::size_t begin) {
  if (text.size() - begin <= kPieceBytes) return text.size();
  const std::string_view piece = text.substr(begin, kPieceBytes);
  const std::size_t line = piece.rfind('\n');
  if (line != std::string_view::npos && line > 0) return begin + line + 1;
  const std::size_t stop = piece.rfind("。");
  if (stop != std::string_view::npos) return begin + stop + std::string_view("。").size();
  return character_boundary_before(text, begin + kPieceBytes);
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 29);
}

/// Size and sampled content of the dictionary's largest file: enough to notice another dictionary without reading 50 MB.
Result<std::string> fingerprint(const std::string& folder) {
  std::ifstream file(folder + "/sys.dic", std::ios::binary | std::ios::ate);
  if (!file) return fail(ErrorCode::kUnavailable, "no MeCab dictionary in " + folder);
  const auto size = static_cast<std::uint64_t>(file.tellg());
  std::uint64_t hash = mix(1, size);
  std::array<char, 4096> block{};
  for (std::uint64_t sample = 0; sample < 16; ++sample) {
    file.seekg(static_cast<std::streamoff>(size / 16 * sample));
    file.read(block.data(), block.size());
    for (std::size_t i = 0; i < static_cast<std::size_t>(file.gcount()); ++i) hash = mix(hash, static_cast<unsigned char>(block[i]));
    file.clear();
  }
  return fmt::format("ipadic-{}-{}", size, hash % 1'000'000'007ULL);
}

}  // namespace

struct WordAnalyser::Model {
  struct Bench {
    std::unique_ptr<MeCab::Tagger> tagger;
    std::unique_ptr<MeCab::Lattice> lattice;
  };
  std::unique_ptr<MeCab::Model> model;
  Guarded<std::vector<Bench>> idle;

  Bench take() {
    Bench bench = idle.with([](auto& benches) {
      Bench last;
      if (!benches.empty()) {
        last = std::move(benches.back());
        benches.pop_back();
      }
      return last;
    });
    if (!bench.tagger) bench = {std::unique_ptr<MeCab::Tagger>(model->createTagger()), std::unique_ptr<MeCab::Lattice>(model->createLattice())};
    CHECK(bench.tagger && bench.lattice);
    return bench;
  }
  void put_back(Bench bench) {
    bench.lattice->clear();
    idle.with([&](auto& benches) { benches.push_back(std::move(bench)); });
  }
};

namespace {

/// Collects words, joining runs of numbers.
class WordCollector {
 public:
  explicit WordCollector(std::string_view text) : text_(text) {}

  void add(const MeCab::Node& node, std::size_t begin) {
    Word word;
    word.begin = begin;
    word.end = begin + node.length;
    const std::string_view surface = text_.substr(word.begin, word.end - word.begin);
    const std::string_view feature = node.feature;
    word.kind = says_something(surface) ? kind_of(feature) : WordKind::kSymbol;
    if (word.kind == WordKind::kNumber) return add_number(word);
    close_number();
    word.naming = naming_of(feature);
    const std::string_view base = column(feature, 6);
    word.base = base.empty() || base == "*" ? surface : base;
    word.content = is_content(word.kind);
    if (join_compound(word)) return;
    words_.push_back(std::move(word));
  }

  std::vector<Word> finish() {
    close_number();
    return std::move(words_);
  }

 private:
  /// 申 + 込み: the second half of a word that the dictionary knows in other spellings only.
  bool join_compound(const Word& half) {
    if (words_.empty() || words_.back().end != half.begin || words_.back().kind == WordKind::kNumber) return false;
    Word& last = words_.back();
    const std::string_view left = text_.substr(last.begin, last.end - last.begin);
    const std::string_view right = text_.substr(half.begin, half.end - half.begin);
    if (!joins_as_one_word(left, right)) return false;
    last = {WordKind::kNoun, Naming::kNothing, std::string(left) + std::string(right), last.begin, half.end, true};
    return true;
  }

  void add_number(const Word& word) {
    const bool joins = in_number_ && words_.back().end == word.begin;
    if (joins) {
      words_.back().end = word.end;
    } else if (!join_over_mark(word)) {
      close_number();
      words_.push_back(word);
      words_.back().content = true;
    }
    in_number_ = true;
  }

  /// 1,234 and 3.14: a comma or point between digits belongs to the number.
  bool join_over_mark(const Word& word) {
    if (words_.size() < 2) return false;
    Word& mark = words_.back();
    Word& number = words_[words_.size() - 2];
    const char sign = text_[mark.begin];
    if (mark.end - mark.begin != 1 || (sign != ',' && sign != '.') || mark.end != word.begin) return false;
    if (number.kind != WordKind::kNumber || number.end != mark.begin) return false;
    number.end = word.end;
    words_.pop_back();
    return true;
  }

  void close_number() {
    if (!std::exchange(in_number_, false)) return;
    Word& number = words_.back();
    const std::string_view surface = text_.substr(number.begin, number.end - number.begin);
    const auto value = numeral_value(surface);
    number.base = value ? std::to_string(*value) : std::string(surface);
  }

  std::string_view text_;
  std::vector<Word> words_;
  bool in_number_ = false;
};

}  // namespace

WordAnalyser::WordAnalyser(std::unique_ptr<Model> model, std::string version) : model_(std::move(model)), version_(std::move(version)) {}
WordAnalyser::~WordAnalyser() = default;

Result<std::unique_ptr<WordAnalyser>> WordAnalyser::open(const std::string& dictionary) {
  std::string folder = dictionary;
  for (std::size_t i = 0; folder.empty() && i < kDictionaries.size(); ++i) {
    std::error_code ignored;
    if (std::filesystem::exists(std::string(kDictionaries[i]) + "/sys.dic", ignored)) folder = kDictionaries[i];
  }
  if (folder.empty()) return fail(ErrorCode::kUnavailable, "no MeCab dictionary: install mecab-ipadic-utf8");
  auto name = fingerprint(folder);
  if (!name) return fail(name.error());
  // MeCab also reads a resource file; /dev/null keeps the machine's own settings out.
  const std::string arguments = "-r /dev/null -d " + folder;
  auto model = std::make_unique<Model>();
  model->model.reset(MeCab::createModel(arguments.c_str()));
  if (!model->model) return fail(ErrorCode::kUnavailable, "MeCab refuses the dictionary " + folder);
  const MeCab::DictionaryInfo* info = model->model->dictionary_info();
  if (info == nullptr || std::string_view(info->charset).find_first_of("Uu") != 0) {
    return fail(ErrorCode::kUnavailable, "the MeCab dictionary is not in UTF-8: " + folder);
  }
  std::string version = fmt::format("{}+{}{}{}", *name, normalize_version(), variants_version(), kRules);
  return std::unique_ptr<WordAnalyser>(new WordAnalyser(std::move(model), std::move(version)));
}

std::vector<Word> WordAnalyser::analyse(std::string_view folded) const {
  WordCollector collector(folded);
  auto bench = model_->take();
  for (std::size_t begin = 0; begin < folded.size();) {
    const std::size_t end = piece_end(folded, begin);
    // A copy that ends with NUL: at an end of blanks alone MeCab looks up words in zero bytes, which its dictionary takes for
    // "up to the NUL", and writes beyond its lattice what it finds in the text that follows.
    const std::string piece(folded.substr(begin, end - begin));
    bench.lattice->set_sentence(piece.c_str(), piece.size());
    if (bench.tagger->parse(bench.lattice.get())) {
      const char* const sentence = bench.lattice->sentence();
      for (const MeCab::Node* node = bench.lattice->bos_node(); node != nullptr; node = node->next) {
        if (node->stat == MECAB_BOS_NODE || node->stat == MECAB_EOS_NODE) continue;
        collector.add(*node, begin + static_cast<std::size_t>(node->surface - sentence));
      }
    }
    begin = end;
  }
  model_->put_back(std::move(bench));
  return collector.finish();
}

}  // namespace sekisho::text
