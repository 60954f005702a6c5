#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace sekisho {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// One named value of a log line.
struct LogField {
  std::string_view name;
  std::variant<std::string, std::int64_t, double, bool> value;
};

/// Writes one JSON line to standard error: {"time":…,"level":…,"event":…, fields…}. English; never holds labelled
/// content (questions, passages, answers, file names): those are for the audit log alone.
/// Threads: safe from any; a line is written whole.
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

inline void log_info(std::string_view event, std::initializer_list<LogField> fields = {}) { log(LogLevel::kInfo, event, fields); }
inline void log_warning(std::string_view event, std::initializer_list<LogField> fields = {}) { log(LogLevel::kWarning, event, fields); }
inline void log_error(std::string_view event, std::initializer_list<LogField> fields = {}) { log(LogLevel::kError, event, fields); }

/// Lines below `level` are dropped. Default kInfo.
void set_log_level(LogLevel level);

}  // namespace sekisho
