#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace sekisho::main {

/// One socket that a process has open, as the kernel tells it (/proc/PID/fd, /proc/PID/net).
struct OpenSocket {
  std::string kind;    ///< "tcp", "udp", "raw", "unix", "netlink", "packet"; "unknown" where no table of the kernel names it.
  std::string state;   ///< Of TCP: "listen", "established", …; else empty.
  std::string local;   ///< "127.0.0.1:8080"; of a UNIX socket its path, empty for a pair.
  std::string remote;  ///< Of TCP and UDP; empty where there is none.
};

struct OurProcess {
  pid_t pid = 0;
  std::string program;        ///< "sekisho", "sekisho-model".
  std::string network;        ///< Its network namespace: "net:[4026531840]".
  bool readable = true;       ///< Whether the kernel shows us what it has open; a sealed worker only to root.
  std::vector<OpenSocket> sockets;
};

/// This process and all that descend from it. Threads: safe from any.
[[nodiscard]] std::vector<OurProcess> our_processes();

}  // namespace sekisho::main
