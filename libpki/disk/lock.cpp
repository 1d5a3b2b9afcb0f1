// SPDX-License-Identifier: Apache-2.0
#include "disk/lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include <pki/shell.hpp>

#include "disk/path.hpp"

namespace pki::disk {

namespace fs = std::filesystem;

namespace {

Fd open_lock(const Directory& directory, const std::string& name, const fs::path& path) {
  // First without O_CREAT, so that acquiring a lock that exists changes nothing on disk.
  Fd fd = open_beneath(directory.hooks(), directory.fd(), name, O_RDWR | O_NONBLOCK | O_NOCTTY);
  if (!fd && errno == ENOENT) {
    fd = Fd(::openat(directory.fd(), name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    if (fd) set_mode(directory.hooks(), fd.value(), 0600, path);
  }
  if (!fd) throw io_error(path, "cannot open lock file", errno);
  struct stat status {};
  if (::fstat(fd.value(), &status) != 0) throw io_error(path, "cannot read", errno);
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1)
    throw Error(Errc::io, path.string(), "is not the lock file it should be: a regular file with one name",
                "remove it");
  return fd;
}

// Returns false when another process holds the lock.
bool try_lock(int fd, const fs::path& path) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  while (::fcntl(fd, F_OFD_SETLK, &whole) != 0) {
    if (errno == EAGAIN || errno == EACCES) return false;
    if (errno != EINTR) throw io_error(path, "cannot lock", errno);
  }
  return true;
}

}  // namespace

fs::path lock_path(const Layout& layout) {
  const auto directory = certificates_dir(layout);
  return directory.parent_path() / ("." + directory.filename().string() + ".pkigen.lock");
}

FileLock FileLock::acquire(const Layout& layout, std::chrono::milliseconds timeout) {
  return acquire_file(lock_path(layout), timeout);
}

FileLock FileLock::acquire_file(const fs::path& path, std::chrono::milliseconds timeout, const Hooks& hooks) {
  using Clock = std::chrono::steady_clock;
  const auto directory = Directory::open_for_writing(path.parent_path(), nullptr, hooks);
  Fd fd = open_lock(directory, path.filename(), path);
  const auto end = Clock::now() + timeout;
  while (!try_lock(fd.value(), path)) {
    if (Clock::now() >= end)
      throw Error(Errc::locked, path.string(), "another process holds the lock",
                  "wait until it has ended; `fuser " + to_shell_word(path.string()) + "` names it");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return {std::move(fd), path};
}

}  // namespace pki::disk
