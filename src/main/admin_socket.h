#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "main/outcome.h"

namespace sekisho::main {

/// Lets `sekisho admin` reach the server that holds the office: a UNIX socket DIR/admin.sock, which only the server's own
/// user and root may use (file mode 0600 and SO_PEERCRED). One command a connection, one at a time.
class AdminSocket {
 public:
  using Run = std::function<Outcome(const std::vector<std::string>& arguments, const std::string& input)>;

  /// Errors: kUnavailable.
  [[nodiscard]] static Result<std::unique_ptr<AdminSocket>> open(const std::filesystem::path& folder, Run run);
  ~AdminSocket();
  AdminSocket(const AdminSocket&) = delete;
  AdminSocket& operator=(const AdminSocket&) = delete;

 private:
  AdminSocket(int fd, std::filesystem::path path, Run run);
  void serve();
  void answer(int connection) const;

  const int fd_;
  const std::filesystem::path path_;
  const Run run_;
  std::thread thread_;
};

/// Runs the command in the server that holds `folder`; nothing where no server does.
[[nodiscard]] std::optional<Outcome> ask_server(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                                                const std::string& input);

}  // namespace sekisho::main
