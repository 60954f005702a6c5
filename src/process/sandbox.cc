#include "process/sandbox.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>

#include "process/sandbox_layers.h"

namespace sekisho::process {
namespace {

constexpr std::size_t kVerdictsMax = 1000;

bool holds(const std::vector<Verdict>& verdicts, std::string_view name) {
  return std::any_of(verdicts.begin(), verdicts.end(), [&](const Verdict& verdict) { return verdict.name == name && verdict.holds; });
}

/// Beside seccomp a second layer must stand for files and one for the network; where a namespace is missing, Landlock is it.
void require_second_layers(std::vector<Verdict>& layers) {
  for (Verdict& verdict : layers) {
    if (verdict.name == "landlock.files") verdict.required = !holds(layers, "namespaces.mount");
    if (verdict.name == "landlock.network") verdict.required = !holds(layers, "namespaces.network");
  }
}

Json to_json(const std::vector<Verdict>& verdicts) {
  Json::Array items;
  for (const Verdict& verdict : verdicts) {
    items.push_back(Json::object({{"name", verdict.name}, {"holds", verdict.holds}, {"required", verdict.required}, {"detail", verdict.detail}}));
  }
  return Json::array(std::move(items));
}

Result<std::vector<Verdict>> verdicts(const Json& json, const std::string& path) {
  const Json::Array* items = json.as_array();
  if (items == nullptr || items->size() > kVerdictsMax) return fail(ErrorCode::kInvalid, path + ": no list, or too long");
  std::vector<Verdict> result;
  for (const Json& item : *items) {
    JsonReader reader(item, path + "[]");
    Verdict verdict;
    verdict.name = reader.text("name", {.min_characters = 1, .max_characters = 100});
    verdict.holds = reader.boolean_if("holds").value_or(false);
    verdict.required = reader.boolean_if("required").value_or(true);
    verdict.detail = reader.text_if("detail", {.max_characters = 1000}).value_or("");
    if (auto done = reader.finish(); !done) return fail(done.error());
    result.push_back(std::move(verdict));
  }
  return result;
}

}  // namespace

namespace layers {

Verdict verdict_of(std::string name, long result, bool required) {
  return {.name = std::move(name), .holds = result >= 0, .required = required, .detail = result >= 0 ? "in force" : std::strerror(errno)};
}

}  // namespace layers

SealReport seal(const SealProfile& profile) {
  const auto begin = std::chrono::steady_clock::now();
  SealReport report;
  layers::apply_namespaces(profile, report.layers);
  layers::apply_limits(profile, report.layers);
  layers::apply_landlock(profile, report.layers);
  layers::apply_seccomp(profile, report.layers);
  require_second_layers(report.layers);
  report.took_us = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

bool SealReport::sealed() const {
  const auto in_order = [](const Verdict& verdict) { return verdict.holds || !verdict.required; };
  return holds(layers, "seccomp") && !probes.empty() && std::all_of(layers.begin(), layers.end(), in_order) &&
         std::all_of(probes.begin(), probes.end(), in_order);
}

Json SealReport::to_json() const {
  return Json::object({{"sealed", sealed()}, {"took_us", took_us}, {"layers", process::to_json(layers)}, {"probes", process::to_json(probes)}});
}

Result<SealReport> SealReport::from_json(const Json& json) {
  JsonReader reader(json);
  SealReport report;
  reader.ignore("sealed");  // Follows from the verdicts; what a worker claims is not believed.
  report.took_us = reader.integer("took_us", {.min = 0});
  const Json* layer_list = reader.raw_if("layers");
  const Json* probe_list = reader.raw_if("probes");
  if (auto done = reader.finish(); !done) return fail(done.error());
  if (layer_list == nullptr || probe_list == nullptr) return fail(ErrorCode::kInvalid, "$: layers or probes missing");
  auto read_layers = verdicts(*layer_list, "$.layers");
  auto read_probes = verdicts(*probe_list, "$.probes");
  if (!read_layers) return fail(read_layers.error());
  if (!read_probes) return fail(read_probes.error());
  report.layers = std::move(*read_layers);
  report.probes = std::move(*read_probes);
  return report;
}

}  // namespace sekisho::process
