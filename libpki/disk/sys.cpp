// SPDX-License-Identifier: Apache-2.0
#include "disk/sys.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include "disk/permissions.hpp"

namespace pki::disk {

namespace {

std::string_view hint_for(int error) noexcept {
  if (is_denied(error)) return "run the command as root or as the owner of the directory";
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "free some space and run the command again";
    case EROFS:
      return "the file system is mounted read-only";
    default:
      return "";
  }
}

bool is_link(int dir, const std::string& name) noexcept {
  struct stat status {};
  return ::fstatat(dir, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
}

// With O_DIRECTORY the kernel reports a link as "not a directory", unlike openat2.
Fd open_component(int dir, const std::string& name, int flags) noexcept {
  int fd = -1;
  do
    fd = ::openat(dir, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC);
  while (fd < 0 && errno == EINTR);
  if (fd < 0 && errno == ENOTDIR && is_link(dir, name)) errno = ELOOP;
  return Fd(fd);
}

Fd walk(int root, const std::string& relative, int flags) noexcept {
  Fd here;
  std::size_t start = 0;
  while (true) {
    const int dir = here ? here.value() : root;
    const auto slash = relative.find('/', start);
    if (slash == std::string::npos) return open_component(dir, relative.substr(start), flags);
    here = open_component(dir, relative.substr(start, slash - start), O_PATH | O_DIRECTORY);
    if (!here) return here;
    start = slash + 1;
  }
}

bool plain(const std::string& relative) {
  if (relative.empty() || relative.find('\0') != std::string::npos) return false;
  for (std::size_t start = 0; start <= relative.size();) {
    const auto slash = std::min(relative.find('/', start), relative.size());
    const auto component = relative.substr(start, slash - start);
    if (component.empty() || component == "..") return false;
    start = slash + 1;
  }
  return true;
}

}  // namespace

bool is_denied(int error) noexcept { return (error == EACCES || error == EPERM) && ::geteuid() != 0; }

Error io_error(const std::filesystem::path& path, std::string_view what, int error) {
  return {Errc::io, path.string(), fmt::format("{}: {}", what, reason(error)), std::string(hint_for(error))};
}

bool fails(const Hooks& hooks, const char* call, const std::string& name) {
  if (hooks.before == nullptr) return false;
  const int error = hooks.before(call, name.c_str());
  errno = error;
  return error != 0;
}

std::string_view kind_of(mode_t mode) noexcept {
  switch (mode & S_IFMT) {
    case S_IFLNK:
      return "a symbolic link";
    case S_IFDIR:
      return "a directory";
    case S_IFIFO:
      return "a named pipe";
    case S_IFSOCK:
      return "a socket";
    default:
      return "a device";
  }
}

Fd open_beneath(const Hooks& hooks, int root, const std::string& relative, int flags) noexcept {
  if (!plain(relative)) {
    errno = EINVAL;
    return {};
  }
  if (!hooks.no_openat2) {
    open_how how{};
    how.flags = static_cast<decltype(how.flags)>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    long fd = -1;
    do
      fd = ::syscall(SYS_openat2, root, relative.c_str(), &how, sizeof how);
    while (fd < 0 && (errno == EINTR || errno == EAGAIN));
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return Fd(static_cast<int>(fd));
  }
  return walk(root, relative, flags);
}

Fd create_file(const Hooks& hooks, int dir, const std::string& name, const std::filesystem::path& path) {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  if (fails(hooks, "open", name)) throw io_error(path, "cannot create", errno);
  int fd = -1;
  do
    fd = ::openat(dir, name.c_str(), flags, 0600);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) throw io_error(path, "cannot create", errno);
  return Fd(fd);
}

bool make_directory(const Hooks& hooks, int dir, const std::string& name, mode_t mode,
                    const std::filesystem::path& path) {
  if (fails(hooks, "mkdir", name) || ::mkdirat(dir, name.c_str(), mode) != 0) {
    if (errno == EEXIST) return false;
    throw io_error(path, "cannot create directory", errno);
  }
  if (fails(hooks, "chmod", name) || ::fchmodat(dir, name.c_str(), mode, 0) != 0)
    throw io_error(path, "cannot set mode", errno);
  return true;
}

void set_mode(const Hooks& hooks, int fd, mode_t mode, const std::filesystem::path& path) {
  if (fails(hooks, "chmod", path.filename()) || ::fchmod(fd, mode) != 0) throw io_error(path, "cannot set mode", errno);
}

void set_owner(const Hooks& hooks, int fd, uid_t uid, gid_t gid, const std::filesystem::path& path) {
  if (fails(hooks, "chown", path.filename()) || ::fchown(fd, uid, gid) != 0)
    throw io_error(path, "cannot set owner", errno);
}

void write_all(const Hooks& hooks, int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    if (fails(hooks, "write", path.filename())) throw io_error(path, "cannot write", errno);
    const ssize_t count = ::write(fd, content.data(), std::min(content.size(), hooks.largest_write));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw io_error(path, "cannot write", errno);
    if (count == 0) throw io_error(path, "cannot write", ENOSPC);
    content.remove_prefix(static_cast<std::size_t>(count));
  }
}

void sync(const Hooks& hooks, int fd, const std::filesystem::path& path) {
  if (!fails(hooks, "fsync", path.filename()) && ::fsync(fd) == 0) return;
  // A directory that could not be opened, but passed: see Directory::open.
  throw io_error(path, "cannot sync", errno == EBADF ? EACCES : errno);
}

void close_written(const Hooks& hooks, Fd fd, const std::filesystem::path& path) {
  const bool refused = fails(hooks, "close", path.filename());
  const int error = errno;
  // EINTR: Linux has closed the descriptor, and the content was synced before.
  if (::close(fd.release()) != 0 && errno != EINTR) throw io_error(path, "cannot close", errno);
  if (refused) throw io_error(path, "cannot close", error);
}

void rename(const Hooks& hooks, int from_dir, const std::string& from, int to_dir, const std::string& to,
            const std::filesystem::path& path) {
  if (fails(hooks, "rename", to) || ::renameat(from_dir, from.c_str(), to_dir, to.c_str()) != 0)
    throw io_error(path, "cannot rename", errno);
}

bool rename_new(const Hooks& hooks, int dir, const std::string& from, const std::string& to,
                const std::filesystem::path& path) {
  if (fails(hooks, "rename", to)) throw io_error(path, "cannot rename", errno);
  if (::renameat2(dir, from.c_str(), dir, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EINVAL) {  // a file system without this flag: the second name is made before the first one goes
    if (::linkat(dir, from.c_str(), dir, to.c_str(), 0) == 0) {
      if (::unlinkat(dir, from.c_str(), 0) == 0) return true;
      throw io_error(path, "cannot remove the former name", errno);
    }
  }
  if (errno == EEXIST) return false;
  throw io_error(path, "cannot rename", errno);
}

void make_symlink(const Hooks& hooks, const std::string& target, int dir, const std::string& name,
                  const std::filesystem::path& path) {
  if (fails(hooks, "symlink", name) || ::symlinkat(target.c_str(), dir, name.c_str()) != 0)
    throw io_error(path, "cannot create", errno);
  constexpr time_t year_2100 = 4'102'444'800;
  constexpr std::array<timespec, 2> ahead{timespec{year_2100, 0}, timespec{0, UTIME_OMIT}};
  (void)::utimensat(dir, name.c_str(), ahead.data(), AT_SYMLINK_NOFOLLOW);
}

bool remove_name(const Hooks& hooks, int dir, const std::string& name, int flags, const std::filesystem::path& path) {
  if (!fails(hooks, "unlink", name) && ::unlinkat(dir, name.c_str(), flags) == 0) return true;
  if (errno == ENOENT) return false;
  throw io_error(path, "cannot remove", errno);
}

}  // namespace pki::disk
