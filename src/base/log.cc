#include "base/log.h"

#include <atomic>
#include <cmath>
#include <string>

#include <time.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/json.h"

namespace sekisho {
namespace {

std::atomic<LogLevel> g_level = LogLevel::kInfo;

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
  }
  return "error";
}

std::string utc_now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec, now.tv_nsec / 1'000'000);
}

Json to_json(const LogField& field) {
  return std::visit([](const auto& value) { return Json(value); }, field.value);
}

}  // namespace

void set_log_level(LogLevel level) { g_level = level; }

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < g_level.load()) return;
  Json::Object line;
  line.emplace_back("time", utc_now());
  line.emplace_back("level", std::string(name_of(level)));
  line.emplace_back("event", std::string(event));
  for (const LogField& field : fields) line.emplace_back(std::string(field.name), to_json(field));
  const std::string text = Json(std::move(line)).dump() + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace sekisho
