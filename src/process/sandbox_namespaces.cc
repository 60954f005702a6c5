#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "process/sandbox_layers.h"

namespace sekisho::process::layers {
namespace {

bool write_file(const char* path, std::string_view text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return written;
}

/// A new user namespace in which this user is called nobody. Without the map it could not make the folders of the new root.
long enter_user_namespace() {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  if (::unshare(CLONE_NEWUSER) != 0) return -1;
  write_file("/proc/self/setgroups", "deny");
  const bool mapped = write_file("/proc/self/uid_map", fmt::format("65534 {} 1", user)) &&
                      write_file("/proc/self/gid_map", fmt::format("65534 {} 1", group));
  return mapped ? 0 : -1;
}

/// Makes each folder of the relative `path`.
bool make_folders(const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    if (::mkdir(path.substr(0, slash).c_str(), 0755) != 0 && errno != EEXIST) return false;
  }
  return ::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST;
}

/// A folder of the old root, as it is to be seen from the new one.
struct Kept {
  std::string place;  ///< Relative to the new root.
  int tree;
};

/// Takes hold of the folders before the new root covers any of them. One that does not exist is left out.
std::vector<Kept> take_folders(const SealProfile& profile) {
  std::vector<Kept> taken;
  for (const std::string& folder : profile.readable_folders) {
    const auto tree = static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, folder.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
    if (tree >= 0 || errno != ENOENT) taken.push_back({.place = folder.substr(1), .tree = tree});
  }
  return taken;
}

bool show_read_only(const Kept& folder) {
  const bool shown = folder.tree >= 0 && make_folders(folder.place) &&
                     ::syscall(SYS_move_mount, folder.tree, "", AT_FDCWD, folder.place.c_str(), MOVE_MOUNT_F_EMPTY_PATH) == 0 &&
                     ::mount(nullptr, folder.place.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
  const int why = errno;
  if (folder.tree >= 0) ::close(folder.tree);
  errno = why;
  return shown;
}

/// Leaves for an empty root in memory and lets go of the old one.
bool leave_for_empty_root(const SealProfile& profile) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  const std::vector<Kept> kept = take_folders(profile);
  if (::mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64k,nr_inodes=64,mode=755") != 0) return false;
  if (::chdir("/tmp") != 0) return false;
  for (const Kept& folder : kept) {
    if (!show_read_only(folder)) return false;
  }
  // pivot_root(2): with both arguments the same folder, the old root lies on top of the new and is taken away from there.
  if (::syscall(SYS_pivot_root, ".", ".") != 0 || ::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0) return false;
  return ::mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
}

long drop_capabilities() {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) ::prctl(PR_CAPBSET_DROP, capability);
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const __user_cap_data_struct none[2] = {};
  return ::syscall(SYS_capset, &header, none);
}

}  // namespace

void apply_namespaces(const SealProfile& profile, std::vector<Verdict>& layers) {
  layers.push_back(verdict_of("namespaces.user", enter_user_namespace()));
  layers.push_back(verdict_of("namespaces.network", ::unshare(CLONE_NEWNET)));
  layers.push_back(verdict_of("namespaces.ipc", ::unshare(CLONE_NEWIPC)));
  layers.push_back(verdict_of("namespaces.uts", ::unshare(CLONE_NEWUTS)));
  layers.push_back(verdict_of("namespaces.cgroup", ::unshare(CLONE_NEWCGROUP)));
  const bool emptied = ::unshare(CLONE_NEWNS) == 0 && leave_for_empty_root(profile);
  layers.push_back(verdict_of("namespaces.mount", emptied ? 0 : -1));
  const bool own_pids = ::getpid() == 1;
  layers.push_back({.name = "namespaces.pid", .holds = own_pids, .required = false,
                    .detail = own_pids ? "in force" : "not given by the process that started this one"});
  layers.push_back(verdict_of("capabilities", drop_capabilities(), true));
}

}  // namespace sekisho::process::layers
