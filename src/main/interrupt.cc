#include "main/interrupt.h"

#include <cstdlib>
#include <ctime>
#include <utility>

#include "main/outcome.h"

namespace sekisho::main {
namespace {

constexpr timespec kPatience{.tv_sec = 0, .tv_nsec = 100'000'000};

sigset_t interrupt_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

InterruptWatch::InterruptWatch(std::function<void()> on_first) : on_first_(std::move(on_first)) {
  const sigset_t set = interrupt_set();
  pthread_sigmask(SIG_BLOCK, &set, &before_);
  thread_ = std::thread([this] { watch(); });
}

InterruptWatch::~InterruptWatch() {
  ended_ = true;
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void InterruptWatch::watch() {
  const sigset_t set = interrupt_set();
  while (!ended_) {
    if (sigtimedwait(&set, nullptr, &kPatience) != SIGINT) continue;
    if (interrupted_.exchange(true)) std::_Exit(kExitFailed);
    on_first_();
  }
}

}  // namespace sekisho::main
