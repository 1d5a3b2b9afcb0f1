#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "disk/file.hpp"

namespace pki::disk {

namespace fs = std::filesystem;

namespace {

Fd write_unsynced(int dir, const std::string& name, const fs::path& path, const Ownership& ownership,
                  std::string_view content) {
  constexpr auto keep_uid = static_cast<uid_t>(-1);
  constexpr auto keep_gid = static_cast<gid_t>(-1);
  Fd fd = create_file(dir, name, path);
  if (ownership.uid || ownership.gid)
    set_owner(fd.value(), ownership.uid.value_or(keep_uid), ownership.gid.value_or(keep_gid), path);
  set_mode(fd.value(), ownership.mode, path);
  write_all(fd.value(), content, path);
  return fd;
}

void make_durable(Fd fd, const fs::path& path) {
  sync(fd.value(), path);
  close_written(std::move(fd), path);
}

void write_file(int dir, const std::string& name, const fs::path& path, const Ownership& ownership,
                std::string_view content) {
  make_durable(write_unsynced(dir, name, path, ownership, content), path);
}

void check_target(int dir, const std::string& name, const fs::path& path) {
  struct stat status {};
  if (::fstatat(dir, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return;
    throw io_error(path, "cannot write", errno);
  }
  if (!S_ISREG(status.st_mode))
    throw Error(Errc::io, path.string(), "is no regular file and would be replaced", "name another file");
}

void check_parent(int dir, const fs::path& path) {
  struct stat status {};
  if (::fstat(dir, &status) != 0) throw io_error(path, "cannot read", errno);
  if ((status.st_mode & 02U) != 0 && (status.st_mode & S_ISVTX) == 0)
    throw Error(Errc::io, path.string(),
                fmt::format("everybody may write to it (mode {:04o})", status.st_mode & 07777U),
                "chmod o-w " + path.string());
}

}  // namespace

void write_new(const Directory& directory, const std::string& name, const Ownership& ownership,
               std::string_view content) {
  write_file(directory.fd(), name, directory.path() / name, ownership, content);
}

void Unsynced::write_new(const Directory& directory, const std::string& name, const Ownership& ownership,
                         std::string_view content) {
  auto path = directory.path() / name;
  auto fd = write_unsynced(directory.fd(), name, path, ownership, content);
  // Begins to write and waits for nothing: with all blocks on their way the first sync pays for nearly all of them.
  (void)::sync_file_range(fd.value(), 0, 0, SYNC_FILE_RANGE_WRITE);
  files_.emplace_back(std::move(fd), std::move(path));
}

void Unsynced::sync() {
  for (auto& [fd, path] : files_)
    make_durable(std::move(fd), path);
  files_.clear();
}

void write_atomically(const fs::path& path, unsigned mode, std::string_view content) {
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const std::string name = path.filename();
  if (name.empty() || name == "." || name == "..") throw Error(Errc::io, path.string(), "is no file name");
  const Fd directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) throw io_error(parent, "cannot open directory", errno);
  check_parent(directory.value(), parent);
  check_target(directory.value(), name, path);
  // The process id keeps two writers of the same file apart; the last one wins, whole.
  const std::string temporary = fmt::format(".{}.{}.pkigen", name.substr(0, 200), ::getpid());
  try {
    write_file(directory.value(), temporary, path, {.mode = mode, .uid = {}, .gid = {}}, content);
    rename(directory.value(), temporary, directory.value(), name, path);
  } catch (...) {
    (void)::unlinkat(directory.value(), temporary.c_str(), 0);
    throw;
  }
  sync(directory.value(), parent);
}

}  // namespace pki::disk
