#include "gate/explain.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "gate/policy_case.h"

namespace sekisho::gate {
namespace {

using Words = std::pair<std::string_view, std::string_view>;

constexpr std::array kWhat = {Words{"answer", "回答"}, Words{"passages", "文書の本文"}, Words{"history", "会話のこれまでの内容"}, Words{"export", "書き出し"}, Words{"document", "文書"},
                              Words{"completion", "プログラムからの質問への回答"}, Words{"chat", "プログラムからの質問への回答"}, Words{"conversation", "会話"}, Words{"search", "検索の結果"}};
constexpr std::array kCredentials = {Words{"session", "画面から"}, Words{"api_key", "APIキーで"}, Words{"local_cli", "サーバーのある機械で"}};
constexpr std::array kActions = {Words{"warn", "本人に知らせました"}, Words{"mask", "伏せました"}, Words{"block", "止めました"}};
constexpr std::array kOutcomes = {Words{"allowed", "許可しました"}, Words{"denied", "断りました"}, Words{"done", "行いました"}, Words{"failed", "行えませんでした"}};

template <std::size_t N>
std::string_view in_words(const std::array<Words, N>& words, std::string_view name) {
  const auto found = std::find_if(words.begin(), words.end(), [&](const Words& one) { return one.first == name; });
  return found == words.end() ? name : found->second;
}

std::string destination_words(std::string_view name) {
  if (name == "screen") return "画面";
  if (name == "engine.local") return "手元のエンジン";
  if (name == "api_key") return "APIキー";
  if (name == "share") return "共有";
  if (name == "export") return "書き出し";
  if (name.starts_with("engine.")) return "エンジン「" + std::string(name.substr(7)) + "」";
  return std::string(name);
}

std::vector<std::string> texts(const Json* list) {
  std::vector<std::string> all;
  if (list == nullptr || list->as_array() == nullptr) return all;
  for (const Json& item : *list->as_array()) {
    if (item.as_string() != nullptr) all.push_back(*item.as_string());
  }
  return all;
}

std::string joined(const std::vector<std::string>& words, std::string_view between) { return fmt::format("{}", fmt::join(words, between)); }

std::string local_time(std::int64_t time_ms) {
  const std::time_t seconds = time_ms / 1000;
  std::tm tm{};
  localtime_r(&seconds, &tm);
  return fmt::format("{}年{}月{}日 {}時{:02}分{:02}秒", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/// The parts of a release that its Entry tells.
struct Release {
  std::optional<Level> level;  ///< Nothing: today's policy does not know it.
  Label label;
  std::vector<Destination> destinations;
  std::string refusal;
  std::string clearance;
};

Release release_of(const audit::Entry& entry, const Policy& policy) {
  Release release;
  for (const std::string& name : texts(entry.details.find("destinations"))) release.destinations.push_back({name});
  release.refusal = entry.details.text_or("refusal");
  release.clearance = entry.details.text_or("clearance");
  if (entry.label) {
    if (const auto level = policy.level_named(entry.label->level)) release.level = *level;
    release.label = Label(release.level.value_or(Level{}), entry.label->readers, texts(entry.details.find("handling")));
  }
  return release;
}

std::string label_words(const audit::Entry& entry) {
  std::vector<std::string> sets;
  for (const std::vector<std::string>& set : entry.label->readers) sets.push_back(set.empty() ? "だれでもない" : joined(set, "又は"));
  std::string words = "「" + entry.label->level + "」、読める人は" + (sets.empty() ? "全職員" : joined(sets, "で、かつ"));
  const std::vector<std::string> handling = texts(entry.details.find("handling"));
  return handling.empty() ? words : words + "、取扱制限は" + joined(handling, "、");
}

/// Why each destination is or is not approved, by today's policy.
std::string destination_reasons(const Release& release, const Policy& policy) {
  std::string out;
  for (const Destination& to : release.destinations) {
    const auto up_to = policy.approved_up_to(to);
    const std::string name = destination_words(to.name);
    if (policy.forbids(release.label, to)) {
      out += fmt::format("  ・{}：取扱制限「{}」のため、出せません。\n", name, joined(release.label.handling(), "、"));
    } else if (!up_to) {
      out += fmt::format("  ・{}：方針に書かれていないので、何も出せません。\n", name);
    } else {
      const bool within = release.level && *release.level <= *up_to;
      out += fmt::format("  ・{}：「{}」まで出せます。{}\n", name, policy.rule(*up_to).name, within ? "この格付は、その中です。" : "この格付は、それより高いものです。");
    }
  }
  return out;
}

struct Reason {
  std::string_view refusal;
  std::string_view why;
  std::string_view what_to_do;
};
constexpr std::array kReasons = {
    Reason{"clearance", "格付が、この職員の読める上限より高いためです。", "職務で要るときは、運用担当者に上限の変更を申し出てください。"},
    Reason{"readers", "この職員が、読める人に入っていないためです。", "職務で要るときは、書架の担当者に、グループへ加えるよう申し出てください。"},
    Reason{"destination", "この格付のものを出してよい行き先として、方針が認めていないためです。", "認められた行き先（画面など）で使ってください。格付が高すぎると考えるときは、書架の担当者に見直しを申し出てください。"},
    Reason{"handling", "付いている取扱制限が、この行き先へ出すことを禁じているためです。", "取扱制限を付けた担当者に相談してください。"}};

std::string personal_words(const Json& personal) {
  std::vector<std::string> kinds;
  if (const Json* found = personal.find("found"); found != nullptr && found->as_object() != nullptr) {
    for (const auto& [kind, count] : *found->as_object()) kinds.push_back(fmt::format("{}{}件", kind, count.as_int() != nullptr ? *count.as_int() : 0));
  }
  return fmt::format("個人情報：{}に{}。{}。\n", personal.text_or("place"), joined(kinds, "、"), in_words(kActions, personal.text_or("action")));
}

std::string release_words(const audit::Entry& entry, const Policy& policy) {
  const Release release = release_of(entry, policy);
  const bool allowed = entry.outcome == audit::Outcome::kAllowed;
  std::vector<std::string> destinations;
  for (const Destination& to : release.destinations) destinations.push_back(destination_words(to.name));
  std::string out = "行き先：" + joined(destinations, "、") + "\n";
  out += "格付：" + label_words(entry) + "\n";
  if (!release.clearance.empty()) out += fmt::format("職員の上限：そのとき「{}」\n", release.clearance);
  out += allowed ? "理由：次のすべてを満たしたためです。\n  ・職員：読める上限が格付以上で、読める人に入っていました。\n" + destination_reasons(release, policy) : std::string();
  if (!allowed) {
    const auto reason = std::find_if(kReasons.begin(), kReasons.end(), [&](const Reason& one) { return one.refusal == release.refusal; });
    out += fmt::format("理由：{}\n", reason == kReasons.end() ? std::string_view("記録に理由がありません。") : reason->why);
    if (release.refusal == "destination" || release.refusal == "handling") out += destination_reasons(release, policy);
    if (const auto lacks = texts(entry.details.find("lacks")); !lacks.empty()) out += "  ・足りないもの：" + joined(lacks, "、") + "のどれか\n";
    if (reason != kReasons.end()) out += fmt::format("どうすればよいか：{}\n", reason->what_to_do);
  }
  // The person may have changed since; what the policy says of label and destinations can be told.
  const bool approved = release.level && std::all_of(release.destinations.begin(), release.destinations.end(), [&](const Destination& to) {
    const auto up_to = policy.approved_up_to(to);
    return up_to && *release.level <= *up_to && !policy.forbids(release.label, to);
  });
  const bool by_policy = release.refusal == "destination" || release.refusal == "handling";
  if ((allowed && !approved) || (by_policy && approved)) out += "注意：今の方針なら、判断は違います。記録の後で方針が変わりました。\n";
  return out;
}

}  // namespace

std::string explain(const audit::Entry& entry, std::int64_t sequence, const Policy& policy) {
  const std::size_t dot = entry.kind.find('.');
  const std::string_view what = std::string_view(entry.kind).substr(dot == std::string::npos ? entry.kind.size() : dot + 1);
  const Json* credential = entry.details.find("credential");
  const std::string_view by = credential == nullptr ? "" : in_words(kCredentials, credential->text_or("kind"));
  std::string out = fmt::format("記録：{}番、{}\n", sequence, local_time(entry.time_ms));
  out += fmt::format("だれが：{}{}\n", entry.actor_name.empty() ? "（サーバー）" : entry.actor_name, by.empty() ? "" : fmt::format("（{}）", by));
  out += fmt::format("何を：{}（{}）\n", in_words(kWhat, what), entry.kind);
  out += fmt::format("判断：{}\n", in_words(kOutcomes, audit::name_of(entry.outcome)));
  if (entry.kind.starts_with("release.") && entry.label) out += release_words(entry, policy);
  if (const Json* facts = entry.details.find("facts")) {
    if (const Json* personal = facts->find("personal")) out += personal_words(*personal);
    if (entry.kind == "personal.stopped") out += personal_words(*facts);
  }
  return out;
}

}  // namespace sekisho::gate
