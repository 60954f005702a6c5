#pragma once

#include <cstdio>
#include <string>

#include "base/result.h"

namespace sekisho::worker {

/// Loads the CPU variant that suits this processor best from `folder` (libggml-cpu-*.so) and gives its name ("icelake"),
/// or "builtin" where libllama was linked with its own. Opens files, so call it before the seal; once a process.
/// Errors: kUnavailable where none runs here.
[[nodiscard]] Result<std::string> load_cpu_backend(const std::string& folder);

/// The folder of the running program, "" where the system does not say.
[[nodiscard]] std::string program_folder();

/// libllama's error messages since the last call, for the reason why a model cannot be loaded. What it says in service
/// is dropped: it may quote a prompt.
[[nodiscard]] std::string take_engine_messages();

/// While one lives, what libllama prints past its log (grammar errors quote the grammar) goes nowhere. Our own log is
/// not touched. Threads: one at a time.
class MutedPrinting {
 public:
  MutedPrinting();
  ~MutedPrinting();
  MutedPrinting(const MutedPrinting&) = delete;
  MutedPrinting& operator=(const MutedPrinting&) = delete;

 private:
  std::FILE* saved_;
};

}  // namespace sekisho::worker
