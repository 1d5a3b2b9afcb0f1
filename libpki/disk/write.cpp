// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "disk/advice.hpp"
#include "disk/file.hpp"

namespace pki::disk {

namespace fs = std::filesystem;

namespace {

struct Written {
  Fd fd;
  std::vector<std::string> refused;  ///< see set_attributes
};

// Each step leaves the file as closed as it was or as open as it will be: the mode comes last, since setting an access
// control list changes the group's bits, and before the first byte there is nothing to read.
Written write_unsynced(const Directory& directory, const std::string& name, const Ownership& ownership,
                       std::string_view content) {
  const auto& hooks = directory.hooks();
  const auto path = directory.path() / name;
  constexpr auto keep_uid = static_cast<uid_t>(-1);
  constexpr auto keep_gid = static_cast<gid_t>(-1);
  Written file{create_file(hooks, directory.fd(), name, path), {}};
  const int fd = file.fd.value();
  if (ownership.uid || ownership.gid)
    set_owner(hooks, fd, ownership.uid.value_or(keep_uid), ownership.gid.value_or(keep_gid), path);
  if (ownership.attributes) file.refused = set_attributes(hooks, fd, *ownership.attributes, path);
  set_mode(hooks, fd, ownership.mode, path);
  write_all(hooks, fd, content, path);
  return file;
}

void make_durable(const Hooks& hooks, Fd fd, const fs::path& path) {
  sync(hooks, fd.value(), path);
  close_written(hooks, std::move(fd), path);
}

void check_target(int dir, const std::string& name, const fs::path& path) {
  struct stat status {};
  if (::fstatat(dir, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return;
    throw io_error(path, "cannot write", errno);
  }
  if (!S_ISREG(status.st_mode))
    throw Error(Errc::io, path.string(), "is not a regular file and would be replaced", "name another file");
}

void check_parent(int dir, const fs::path& path) {
  struct stat status {};
  if (::fstat(dir, &status) != 0) throw io_error(path, "cannot read", errno);
  if ((status.st_mode & 02U) != 0 && (status.st_mode & S_ISVTX) == 0)
    throw Error(Errc::io, path.string(),
                fmt::format("everybody may write to it (mode {:04o})", status.st_mode & 07777U),
                shell_command("chmod o-w", {path}));
}

}  // namespace

void write_new(const Directory& directory, const std::string& name, const Ownership& ownership,
               std::string_view content) {
  auto file = write_unsynced(directory, name, ownership, content);
  make_durable(directory.hooks(), std::move(file.fd), directory.path() / name);
}

std::vector<std::string> Unsynced::write_new(const Directory& directory, const std::string& name,
                                             const Ownership& ownership, std::string_view content) {
  auto file = write_unsynced(directory, name, ownership, content);
  // Starts to write without waiting: the first sync then waits for nearly all blocks of all files at once.
  (void)::sync_file_range(file.fd.value(), 0, 0, SYNC_FILE_RANGE_WRITE);
  files_.push_back({&directory.hooks(), std::move(file.fd), directory.path() / name});
  return std::move(file.refused);
}

void Unsynced::sync() {
  for (auto& [hooks, fd, path] : files_)
    make_durable(*hooks, std::move(fd), path);
  files_.clear();
}

void replace_file(const Directory& directory, const std::string& name, const std::string& draft,
                  const Ownership& ownership, std::string_view content) {
  try {
    write_new(directory, draft, ownership, content);
    directory.rename(draft, directory, name);
  } catch (...) {
    (void)::unlinkat(directory.fd(), draft.c_str(), 0);
    throw;
  }
  directory.sync();
}

void write_atomically(const fs::path& path, unsigned mode, std::string_view content, const Hooks& hooks) {
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const std::string name = path.filename();
  if (name.empty() || name == "." || name == "..") throw Error(Errc::io, path.string(), "is not a file name");
  const auto directory = Directory::open_following(parent, hooks);
  check_parent(directory.fd(), parent);
  check_target(directory.fd(), name, path);
  // The process id keeps two writers of the same file apart; the last one wins, and its file is whole.
  const std::string draft = fmt::format(".{}.{}.pkigen", name.substr(0, 200), ::getpid());
  replace_file(directory, name, draft, {.mode = mode, .uid = {}, .gid = {}}, content);
}

}  // namespace pki::disk
