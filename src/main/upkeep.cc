#include "main/upkeep.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace sekisho::main {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Upkeep::Upkeep(std::vector<Duty> duties) : duties_(std::move(duties)), thread_([this] { run(); }) {}

Upkeep::~Upkeep() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void Upkeep::run() {
  if (duties_.empty()) return;
  std::vector<Clock::time_point> due;
  for (const Duty& duty : duties_) due.push_back(Clock::now() + std::chrono::milliseconds(duty.every_ms));
  for (;;) {
    const auto next = std::min_element(due.begin(), due.end());
    {
      std::unique_lock lock(mutex_);
      if (stop_.wait_until(lock, *next, [this] { return stopping_; })) return;
    }
    const Duty& duty = duties_[static_cast<std::size_t>(next - due.begin())];
    duty.work();
    *next = Clock::now() + std::chrono::milliseconds(duty.every_ms);
  }
}

}  // namespace sekisho::main
