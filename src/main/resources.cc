#include "main/resources.h"

#include <system_error>

#include <fmt/format.h>

namespace sekisho::main {
namespace fs = std::filesystem;

fs::path program_folder() {
  std::error_code ec;
  const fs::path program = fs::read_symlink("/proc/self/exe", ec);
  return ec ? fs::current_path(ec) : program.parent_path();
}

Result<fs::path> find_resource(std::string_view name) {
  std::error_code ec;
  const fs::path installed = program_folder() / "../share/sekisho" / name;
  if (fs::exists(installed, ec)) return fs::weakly_canonical(installed, ec);
  const fs::path in_source = fs::path(SEKISHO_SOURCE_DIR) / name;
  if (fs::exists(in_source, ec)) return in_source;
  return fail(ErrorCode::kUnavailable, fmt::format("{} is neither at {} nor at {}", name, installed.string(), in_source.string()));
}

Result<fs::path> find_program(std::string_view name) {
  std::error_code ec;
  const fs::path program = program_folder() / name;
  if (fs::exists(program, ec)) return program;
  return fail(ErrorCode::kUnavailable, fmt::format("the program {} is missing", program.string()));
}

}  // namespace sekisho::main
