#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/replaceable.h"
#include "base/result.h"
#include "gate/dlp.h"
#include "gate/policy.h"
#include "text/words.h"

/// What is done about personal data: the office's rules, read from one TOML file (policies/dlp_ja.toml tells how they are written).
namespace sekisho::gate {

/// Where a text is on its way.
enum class DlpPlace : std::uint8_t {
  kQuestion,  ///< 質問: typed by an official, before it goes to an engine.
  kFile,      ///< ファイル: read after an upload.
  kAnswer,    ///< 回答: before it is shown or sent.
  kExport,    ///< 書き出し: before it leaves as a file.
};
[[nodiscard]] std::string_view name_of(DlpPlace place);

/// The weakest first. A label to be raised is beside it.
enum class DlpAction : std::uint8_t {
  kNone,
  kWarn,   ///< 知らせる
  kMask,   ///< 伏せる: for an engine reversibly, elsewhere for good.
  kBlock,  ///< 止める
};
/// "none", "warn", "mask", "block".
[[nodiscard]] std::string_view name_of(DlpAction action);

/// What was found in one text and what is done about it.
struct DlpVerdict {
  struct Item {
    Finding finding;
    DlpAction action = DlpAction::kNone;
  };
  std::vector<Item> items;             ///< Those that a rule speaks of, in order.
  DlpAction action = DlpAction::kNone;  ///< The strictest of them.
  std::optional<Level> raise_to;        ///< The highest level that a rule proposes.

  [[nodiscard]] bool empty() const { return items.empty(); }
  /// How many of each kind, and nothing of what they say: {"個人番号":2}. For the log and the page.
  [[nodiscard]] Json counts() const;
  /// counts() with what is done, for an Entry: {"action":"warn","found":{"個人番号":2},"place":"質問"}.
  [[nodiscard]] Json facts(DlpPlace place) const;
};

/// The office's rules about personal data, with the dictionary for names. Replaced like a Policy; copies share it.
///
/// Threads: safe from any.
class Dlp {
 public:
  /// Levels and destinations are those of `policy`. Unknown keys, kinds, places, destinations, levels and actions are refused, and
  /// what makes no sense (a file that is masked, a public number as personal). `words` must outlive this; it may be missing
  /// where no rule speaks of 氏名. Errors: kInvalid, with file, line and reason; kUnavailable, kTooLarge (the file).
  [[nodiscard]] static Result<Dlp> load(const std::string& path, const Policy& policy, const text::WordAnalyser* words);
  [[nodiscard]] static Result<Dlp> parse(std::string_view toml, const Policy& policy, const text::WordAnalyser* words, std::string_view what = "personal data");
  /// Puts the rules of `next` in force here and in all copies.
  void replace(const Dlp& next) { rules_.replace(next.rules_.get()); }
  [[nodiscard]] const std::string& sha256() const { return sha256_; }  ///< Of the text that it was read from.
  /// No rules: nothing is looked for.
  [[nodiscard]] static const Dlp& none();

  /// Looks through `text` that bears `level` and is on its way to `destinations` (none for a file). Pure.
  [[nodiscard]] DlpVerdict judge(DlpPlace place, const std::vector<Destination>& destinations, Level level, std::string_view text) const;
  /// Whether any rule may speak there: without one nobody need ask.
  [[nodiscard]] bool acts(DlpPlace place, const std::vector<Destination>& destinations, Level level) const;
  /// Whether names or addresses are looked for there, which go on over words.
  [[nodiscard]] bool seeks_words(DlpPlace place, const std::vector<Destination>& destinations, Level level) const;
  /// The two halves of judge(), for texts that are seen in parts: find() in each, decide() on all.
  [[nodiscard]] std::vector<Finding> find(DlpPlace place, const std::vector<Destination>& destinations, Level level, std::string_view text) const;
  [[nodiscard]] DlpVerdict decide(DlpPlace place, const std::vector<Destination>& destinations, Level level, const std::vector<Finding>& findings) const;

 private:
  friend class DlpReader;
  struct Rule {
    std::vector<DlpPlace> places;
    std::vector<PersonalKind> kinds;
    std::vector<std::string> destinations;  ///< Empty: all.
    std::vector<Level> levels;              ///< Empty: all.
    DlpAction action = DlpAction::kNone;
    std::optional<Level> raise_to;
    std::int64_t at_least = 1;  ///< So many findings of these kinds together; fewer are let be.
  };
  explicit Dlp(const text::WordAnalyser* words) : words_(words) {}
  [[nodiscard]] bool seeks(PersonalKind kind, DlpPlace place, const std::vector<Destination>& destinations, Level level) const;
  [[nodiscard]] bool speaks(const Rule& rule, DlpPlace place, const std::vector<Destination>& destinations, Level level) const;

  Replaceable<std::vector<Rule>> rules_{{}};
  const text::WordAnalyser* words_;
  std::string sha256_;
};

}  // namespace sekisho::gate
