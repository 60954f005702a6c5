#include "main/open_sockets.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <fmt/format.h>

namespace sekisho::main {
namespace fs = std::filesystem;
namespace {

using Sockets = std::map<std::string, OpenSocket>;  ///< By inode.

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

/// "0100007F:1F90" → "127.0.0.1:8080": each group of eight digits is one word in this machine's byte order.
std::string address_of(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon != 8 && colon != 32) return text;
  std::array<unsigned char, 16> bytes{};
  for (std::size_t word = 0; word < colon / 8; ++word) {
    const auto value = static_cast<std::uint32_t>(std::strtoul(text.substr(word * 8, 8).c_str(), nullptr, 16));
    for (std::size_t i = 0; i < 4; ++i) bytes[word * 4 + i] = reinterpret_cast<const unsigned char*>(&value)[i];
  }
  char written[INET6_ADDRSTRLEN] = "";
  const bool four = colon == 8;
  inet_ntop(four ? AF_INET : AF_INET6, bytes.data(), written, sizeof written);
  const unsigned long port = std::strtoul(text.substr(colon + 1).c_str(), nullptr, 16);
  return fmt::format(fmt::runtime(four ? "{}:{}" : "[{}]:{}"), written, port);
}

std::string tcp_state(const std::string& number) {
  static const std::map<std::string, std::string> kStates = {{"01", "established"}, {"02", "syn_sent"}, {"03", "syn_received"}, {"04", "fin_wait"},
                                                             {"05", "fin_wait"},    {"06", "time_wait"}, {"07", "close"},       {"08", "close_wait"},
                                                             {"09", "last_ack"},    {"0A", "listen"},    {"0B", "closing"}};
  const auto found = kStates.find(number);
  return found == kStates.end() ? number : found->second;
}

void read_internet(const fs::path& file, const std::string& kind, Sockets& sockets) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);  // The heads.
  while (std::getline(in, line)) {
    const auto words = words_of(line);
    if (words.size() < 10) continue;
    const bool no_peer = words[2].ends_with(":0000");
    sockets[words[9]] = {kind, kind == "tcp" ? tcp_state(words[3]) : "", address_of(words[1]), no_peer ? "" : address_of(words[2])};
  }
}

/// Tables of one socket a line whose inode is the word number `inode` (from 0).
void read_others(const fs::path& file, const std::string& kind, std::size_t inode, Sockets& sockets) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    const auto words = words_of(line);
    if (words.size() <= inode) continue;
    const bool path = kind == "unix" && words.size() > inode + 1;
    sockets[words[inode]] = {kind, "", path ? words[inode + 1] : "", ""};
  }
}

Sockets tables_of(const fs::path& process) {
  Sockets sockets;
  const fs::path net = process / "net";
  read_others(net / "unix", "unix", 6, sockets);
  read_others(net / "netlink", "netlink", 9, sockets);
  read_others(net / "packet", "packet", 8, sockets);
  for (const char* kind : {"tcp", "udp", "raw", "udplite", "icmp"}) {
    read_internet(net / kind, kind, sockets);
    read_internet(net / (std::string(kind) + "6"), kind, sockets);
  }
  return sockets;
}

/// Name and parent out of /proc/PID/stat: "7 (sekisho-model) S 1 …".
bool read_stat(const fs::path& process, OurProcess& found, pid_t& parent) {
  std::ifstream in(process / "stat");
  std::string line;
  std::getline(in, line);
  const std::size_t open = line.find('(');
  const std::size_t close = line.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return false;
  found.program = line.substr(open + 1, close - open - 1);
  const auto words = words_of(line.substr(close + 1));
  if (words.size() < 2) return false;
  parent = static_cast<pid_t>(std::strtol(words[1].c_str(), nullptr, 10));
  return true;
}

std::string link_of(const fs::path& path) {
  std::error_code ec;
  const fs::path target = fs::read_symlink(path, ec);
  return ec ? "" : target.string();
}

/// `ours`: the tables of this process, where the pairs that it gave to workers stand.
void read_sockets(const fs::path& process, const Sockets& ours, OurProcess& found) {
  const std::string program = link_of(process / "exe");
  if (!program.empty()) found.program = fs::path(program).filename();
  found.network = link_of(process / "ns" / "net");
  const Sockets own = tables_of(process);
  std::error_code ec;
  fs::directory_iterator files(process / "fd", ec);
  found.readable = !ec;
  for (; !ec && files != fs::directory_iterator(); files.increment(ec)) {
    const std::string target = link_of(files->path());
    if (!target.starts_with("socket:[")) continue;
    const std::string inode = target.substr(8, target.size() - 9);
    const auto in_own = own.find(inode);
    const auto in_ours = ours.find(inode);
    if (in_own != own.end()) {
      found.sockets.push_back(in_own->second);
    } else {
      found.sockets.push_back(in_ours != ours.end() ? in_ours->second : OpenSocket{"unknown", "", "", ""});
    }
  }
}

}  // namespace

std::vector<OurProcess> our_processes() {
  std::map<pid_t, std::pair<OurProcess, pid_t>> all;
  std::error_code ec;
  for (fs::directory_iterator entry("/proc", ec), end; !ec && entry != end; entry.increment(ec)) {
    const std::string name = entry->path().filename();
    OurProcess process;
    const auto [stop, wrong] = std::from_chars(name.data(), name.data() + name.size(), process.pid);
    pid_t parent = 0;
    if (wrong != std::errc() || stop != name.data() + name.size() || !read_stat(entry->path(), process, parent)) continue;
    all[process.pid] = {std::move(process), parent};
  }
  const pid_t self = getpid();
  const Sockets ours = tables_of("/proc/self");
  std::vector<OurProcess> found;
  for (auto& [pid, process] : all) {
    pid_t at = pid;
    for (int steps = 0; at != self && steps < 64 && all.contains(at); ++steps) at = all[at].second;
    if (at != self) continue;
    read_sockets(fs::path("/proc") / std::to_string(pid), ours, process.first);
    found.push_back(process.first);
  }
  return found;
}

}  // namespace sekisho::main
