#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "process/spawn.h"

namespace sekisho::process::testing {

/// The probe program as a child in the ordinary sense: same PID namespace, own environment, whatever is open stays open.
inline std::unique_ptr<Child> start_plainly(const std::vector<std::string>& arguments, int input_fd = -1) {
  auto ends = Channel::make_pair();
  if (!ends) return nullptr;
  std::vector<char*> words{const_cast<char*>(SEKISHO_PROBE_PROGRAM)};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int input = input_fd < 0 ? -1 : ::fcntl(input_fd, F_DUPFD_CLOEXEC, 100);
    ::dup2(::fcntl(ends->second, F_DUPFD_CLOEXEC, 100), kChannelFd);
    if (input >= 0) ::dup2(input, kInputFd);
    ::execv(SEKISHO_PROBE_PROGRAM, words.data());
    ::_exit(127);
  }
  ::close(ends->second);
  return std::make_unique<Child>(pid, ends->first);
}

inline std::unique_ptr<Child> start_worker(const std::vector<std::string>& arguments, int input_fd = -1) {
  auto child = spawn({.program = SEKISHO_PROBE_PROGRAM, .arguments = arguments, .input_fd = input_fd});
  EXPECT_TRUE(child) << child.error().detail;
  return child ? std::move(*child) : nullptr;
}

/// What the program says in its one frame, or why there is none.
inline std::string answer_of(const std::unique_ptr<Child>& child) {
  if (!child) return "not started";
  auto frame = child->channel().receive(60'000);
  if (!frame) return "error: " + frame.error().detail;
  return *frame ? (*frame)->payload : "ended: " + child->wait(60'000).value_or("no end");
}

}  // namespace sekisho::process::testing
