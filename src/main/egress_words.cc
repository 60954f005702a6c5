#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "audit/checkpoint.h"
#include "crypto/hash.h"
#include "main/audit_commands.h"
#include "main/egress_report.h"
#include "main/json_items.h"

namespace sekisho::main {
namespace {

std::string destination_words(const std::string& name) {
  static const std::map<std::string, std::string> kWords = {{"screen", "画面"},         {"engine.local", "この機械のモデル"}, {"api_key", "APIの鍵を使うプログラム"},
                                                            {"share", "ほかの人との共有"}, {"export", "ファイルへの書出し"}};
  const auto found = kWords.find(name);
  return found == kWords.end() ? name : found->second;
}

std::string outcome_words(const std::string& outcome) { return outcome == "allowed" ? "許可" : outcome == "denied" ? "拒否" : outcome; }

std::string seal_words(const Json& report) {
  struct Count {
    std::int64_t layers = 0, layers_ok = 0, probes = 0, probes_ok = 0;
  };
  std::map<std::string, Count> workers;
  for (const Json& seal : items_of(report, "seals")) {
    Count& count = workers[seal.text_or("worker")];
    const bool probe = seal.text_or("name").starts_with("probe.");
    ++(probe ? count.probes : count.layers);
    if (seal.bool_or("ok")) ++(probe ? count.probes_ok : count.layers_ok);
  }
  std::string words = "1 処理の隔離（今、試した結果）\n";
  for (const auto& [worker, count] : workers) {
    const std::string name = worker == "seal.model" ? "モデル" : worker == "seal.extract" ? "文書の読取り" : worker;
    words += fmt::format("  {}  隔離の層 {}のうち{}、外へ出る試み {}件のうち{}件を拒否\n", name, count.layers, count.layers_ok, count.probes, count.probes_ok);
  }
  return words;
}

std::string process_words(const Json& report) {
  std::string words = "2 通信の口（今、開いているもの）\n";
  if (!report.bool_or("serving")) return words + "  サーバーは動いていません。\n";
  for (const Json& process : items_of(report, "processes")) {
    words += fmt::format("  {}（番号 {}）", process.text_or("program"), process.int_or("pid"));
    if (!process.bool_or("readable")) {
      words += "  開いているものは、管理者（root）でなければ読めません。1の試みで、通信できないことを確かめています。\n";
      continue;
    }
    std::int64_t pairs = 0;
    std::string others;
    for (const Json& socket : items_of(process, "sockets")) {
      if (socket.text_or("kind") == "unix") {
        pairs += socket.int_or("count");
        continue;
      }
      const std::string remote = socket.text_or("remote");
      const std::string where = remote.empty() ? socket.text_or("local") : fmt::format("{} ← {}", socket.text_or("local"), remote);
      others += fmt::format("    {} {} {}{}\n", socket.text_or("kind"), socket.text_or("state"), where, socket.int_or("count") > 1 ? fmt::format(" {}本", socket.int_or("count")) : "");
    }
    words += fmt::format("  この機械の中だけの口 {}本、ネットワークの口 {}\n{}", pairs, others.empty() ? "なし" : "次のとおり", others);
  }
  return words;
}

std::string policy_words(const Json& report) {
  const Json* policy = report.find("policy");
  if (policy == nullptr) return "";
  std::string words = fmt::format("3 方針が認めた行き先（{}）\n", policy->text_or("name"));
  for (const Json& destination : items_of(*policy, "destinations")) {
    words += fmt::format("  {}  {}まで{}\n", destination_words(destination.text_or("name")), destination.text_or("up_to"), destination.bool_or("outside") ? "（庁外）" : "");
  }
  return words;
}

std::string release_words(const Json& report) {
  std::string words = "4 これまでの提供（監査の記録から）\n";
  for (const Json& release : items_of(report, "releases")) {
    const std::string level = release.text_or("level");
    words += fmt::format("  {}  {}  {}  {}件\n", destination_words(release.text_or("destination")), level.empty() ? "格付なし" : level,
                         outcome_words(release.text_or("outcome")), release.int_or("count"));
  }
  return items_of(report, "releases").empty() ? words + "  ありません。\n" : words;
}

std::string hash_words(const Json& report) {
  std::string words = "5 プログラムとモデル（SHA-256）\n";
  for (const Json& file : items_of(report, "hashes")) words += fmt::format("  {}  {}\n", file.text_or("sha256"), file.text_or("name"));
  return words;
}

}  // namespace

std::string egress_words(const Json& report) {
  std::string words = fmt::format("庁外送信についての報告　{}　{}\n", report.text_or("office"), time_words(report.int_or("time_ms")));
  if (report.bool_or("ok")) {
    words += "結論　外へ出る道は、見つかりませんでした。\n";
  } else {
    words += "結論　次の点を確かめてください。\n";
    for (const Json& finding : items_of(report, "findings")) words += fmt::format("  {}\n", finding.as_string() != nullptr ? *finding.as_string() : "");
  }
  words += seal_words(report) + process_words(report) + policy_words(report) + release_words(report) + hash_words(report);
  const Json* log = report.find("log");
  if (log != nullptr) {
    const audit::TreeHead head{log->int_or("size"), crypto::Digest::from_hex(log->text_or("root")).value_or(crypto::Digest())};
    words += fmt::format("6 よりどころとした監査の記録\n  {}件（{}から{}まで）、控え {}\n", head.size, time_words(log->int_or("from_ms")), time_words(log->int_or("to_ms")), head.paper());
  }
  return words;
}

}  // namespace sekisho::main
