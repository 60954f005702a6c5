#include "worker/llama_backend.h"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <mutex>

#include <ggml-backend.h>
#include <llama.h>

#include "base/guarded.h"

namespace sekisho::worker {
namespace {

constexpr std::string_view kPrefix = "libggml-cpu-";
constexpr std::string_view kSuffix = ".so";
constexpr std::size_t kMessageBytes = 1000;

Guarded<std::string>& messages() {
  static Guarded<std::string> all;
  return all;
}

void remember_error(ggml_log_level level, const char* text, void*) {
  if (level != GGML_LOG_LEVEL_ERROR) return;
  messages().with([&](std::string& all) {
    if (all.size() < kMessageBytes) all += text;
  });
}

struct Variant {
  std::string name;
  std::string path;
  int score = 0;
};

/// What the variant itself says about this processor: 0 = does not run here.
int score_of(const std::string& path) {
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return 0;
  const auto score = reinterpret_cast<int (*)()>(::dlsym(handle, "ggml_backend_score"));
  const int result = score == nullptr ? 0 : score();
  ::dlclose(handle);
  return result;
}

Variant best_variant(const std::string& folder) {
  Variant best;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = file.path().filename().string();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    Variant variant{.name = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size()), .path = file.path().string()};
    variant.score = score_of(variant.path);
    if (variant.score > best.score) best = variant;
  }
  return best;
}

bool has_cpu() { return ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU) != nullptr; }

}  // namespace

std::string program_folder() {
  std::array<char, 4096> path{};
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  return size <= 0 ? std::string() : std::filesystem::path(std::string(path.data(), static_cast<std::size_t>(size))).parent_path().string();
}

Result<std::string> load_cpu_backend(const std::string& folder) {
  llama_log_set(remember_error, nullptr);
  if (has_cpu()) return "builtin";
  const Variant best = best_variant(folder);
  if (best.score > 0 && ggml_backend_load(best.path.c_str()) != nullptr && has_cpu()) return best.name;
  ggml_backend_load_all();  // An installed library knows where its own variants lie.
  if (has_cpu()) return "system";
  return fail(ErrorCode::kUnavailable, "no CPU variant of the engine runs on this processor: " + take_engine_messages());
}

MutedPrinting::MutedPrinting() : saved_(stderr) {
  // A stream without functions swallows what is written to it.
  static std::FILE* const nowhere = ::fopencookie(nullptr, "w", {});
  if (nowhere != nullptr) stderr = nowhere;
}

MutedPrinting::~MutedPrinting() { stderr = saved_; }

std::string take_engine_messages() {
  return messages().with([](std::string& all) {
    std::string taken;
    taken.swap(all);
    while (!taken.empty() && taken.back() == '\n') taken.pop_back();
    return taken;
  });
}

}  // namespace sekisho::worker
