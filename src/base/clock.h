#pragma once

#include <atomic>
#include <cstdint>

namespace sekisho {

/// Where time comes from, so that tests can turn it by hand. Threads: safe from any.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Milliseconds since 1970-01-01T00:00:00Z.
  [[nodiscard]] virtual std::int64_t wall_ms() const = 0;
  /// Milliseconds that never go backwards; only differences mean something.
  [[nodiscard]] virtual std::int64_t steady_ms() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t wall_ms() const override;
  [[nodiscard]] std::int64_t steady_ms() const override;
};

/// Stands still until told; for tests.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(std::int64_t start_ms = 1'752'543'720'000) : now_ms_(start_ms) {}
  [[nodiscard]] std::int64_t wall_ms() const override { return now_ms_; }
  [[nodiscard]] std::int64_t steady_ms() const override { return now_ms_; }
  void advance_ms(std::int64_t by_ms) { now_ms_ += by_ms; }

 private:
  std::atomic<std::int64_t> now_ms_;
};

}  // namespace sekisho
