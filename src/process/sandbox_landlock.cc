#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdint>

#include <fmt/format.h>

#include "process/sandbox_layers.h"

namespace sekisho::process::layers {
namespace {

/// The kernel's landlock_ruleset_attr and landlock_path_beneath_attr, written out here because the headers of the
/// distribution are older than the kernels that we run on.
struct RulesetAttributes {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scopes = 0;
};
struct [[gnu::packed]] PathBeneath {
  std::uint64_t allowed;
  std::int32_t folder_fd;
};
constexpr std::uint64_t kReadFile = 1U << 2;
constexpr std::uint64_t kReadFolder = 1U << 3;
constexpr int kRulePathBeneath = 1;
constexpr unsigned kAskVersion = 1;

constexpr std::uint64_t kConnectTcp = 1U << 1;
constexpr std::uint64_t kScopeSignals = 1U << 1;

long create_ruleset(const RulesetAttributes& attributes) {
  return ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0U);
}

/// Every right that this kernel can take away, also those that are newer than this program: bits are added until it knows no more.
RulesetAttributes everything_known() {
  RulesetAttributes known;
  for (std::uint64_t RulesetAttributes::* const part : {&RulesetAttributes::files, &RulesetAttributes::network, &RulesetAttributes::scopes}) {
    for (int bit = 0; bit < 64; ++bit) {
      RulesetAttributes more = known;
      more.*part |= std::uint64_t{1} << bit;
      const long fd = create_ruleset(more);
      if (fd < 0) break;
      ::close(static_cast<int>(fd));
      known = more;
    }
  }
  return known;
}

void allow_reading(int ruleset, const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;  // Not on this machine: then there is nothing to read.
  const PathBeneath rule{.allowed = kReadFile | kReadFolder, .folder_fd = fd};
  ::syscall(SYS_landlock_add_rule, ruleset, kRulePathBeneath, &rule, 0U);
  ::close(fd);
}

/// Errors are negative, with errno.
long restrict_self(const SealProfile& profile, const RulesetAttributes& attributes) {
  const long ruleset = create_ruleset(attributes);
  if (ruleset < 0) return ruleset;
  for (const std::string& folder : profile.readable_folders) allow_reading(static_cast<int>(ruleset), folder);
  const long result = ::syscall(SYS_landlock_restrict_self, static_cast<int>(ruleset), 0U);
  const int why = errno;
  ::close(static_cast<int>(ruleset));
  errno = why;
  return result;
}

Verdict part(std::string name, bool in_force, std::uint64_t rights, long version) {
  std::string detail = in_force ? fmt::format("in force, {} rights, version {}", std::popcount(rights), version)
                                : fmt::format("version {} of the kernel's Landlock lacks it", version);
  return {.name = std::move(name), .holds = in_force, .required = false, .detail = std::move(detail)};
}

}  // namespace

void apply_landlock(const SealProfile& profile, std::vector<Verdict>& layers) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion);
  const RulesetAttributes known = version < 0 ? RulesetAttributes{} : everything_known();
  const long result = version < 0 ? version : restrict_self(profile, known);
  if (result < 0) {
    for (const char* name : {"landlock.files", "landlock.network", "landlock.scopes"}) layers.push_back(verdict_of(name, result));
    return;
  }
  layers.push_back(part("landlock.files", known.files != 0, known.files, version));
  layers.push_back(part("landlock.network", (known.network & kConnectTcp) != 0, known.network, version));
  layers.push_back(part("landlock.scopes", (known.scopes & kScopeSignals) != 0, known.scopes, version));
}

}  // namespace sekisho::process::layers
