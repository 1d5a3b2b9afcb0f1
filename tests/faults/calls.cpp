// SPDX-License-Identifier: Apache-2.0
#include "calls.hpp"

#include <asm/unistd.h>
#include <cerrno>

#include <algorithm>
#include <iterator>

#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif

namespace faults {

namespace {

// clang-format off
constexpr Shape shapes[] = {
    {.number = __NR_open, .name = "open", .mutates = false, .path = 0, .flags = 1},
    {.number = __NR_creat, .name = "creat", .mutates = true, .path = 0},
    {.number = __NR_openat, .name = "openat", .mutates = false, .dir = 0, .path = 1, .flags = 2},
    {.number = __NR_openat2, .name = "openat2", .mutates = false, .dir = 0, .path = 1, .flags = 2},
    {.number = __NR_close, .name = "close", .mutates = false, .fd = 0},
    {.number = __NR_read, .name = "read", .mutates = false, .fd = 0, .size = 2},
    {.number = __NR_pread64, .name = "pread64", .mutates = false, .fd = 0, .size = 2},
    {.number = __NR_write, .name = "write", .mutates = true, .fd = 0, .size = 2},
    {.number = __NR_pwrite64, .name = "pwrite64", .mutates = true, .fd = 0, .size = 2},
    {.number = __NR_writev, .name = "writev", .mutates = true, .fd = 0},
    {.number = __NR_fsync, .name = "fsync", .mutates = true, .fd = 0},
    {.number = __NR_fdatasync, .name = "fdatasync", .mutates = true, .fd = 0},
    {.number = __NR_rename, .name = "rename", .mutates = true, .path = 0, .path2 = 1},
    {.number = __NR_renameat, .name = "renameat", .mutates = true, .dir = 0, .path = 1, .dir2 = 2, .path2 = 3},
    {.number = __NR_renameat2, .name = "renameat2", .mutates = true, .dir = 0, .path = 1, .dir2 = 2, .path2 = 3},
    {.number = __NR_link, .name = "link", .mutates = true, .path = 0, .path2 = 1},
    {.number = __NR_linkat, .name = "linkat", .mutates = true, .dir = 0, .path = 1, .dir2 = 2, .path2 = 3},
    {.number = __NR_symlink, .name = "symlink", .mutates = true, .path = 1},
    {.number = __NR_symlinkat, .name = "symlinkat", .mutates = true, .dir = 1, .path = 2},
    {.number = __NR_unlink, .name = "unlink", .mutates = true, .path = 0},
    {.number = __NR_unlinkat, .name = "unlinkat", .mutates = true, .dir = 0, .path = 1, .flags = 2},
    {.number = __NR_mkdir, .name = "mkdir", .mutates = true, .path = 0},
    {.number = __NR_mkdirat, .name = "mkdirat", .mutates = true, .dir = 0, .path = 1},
    {.number = __NR_mknodat, .name = "mknodat", .mutates = true, .dir = 0, .path = 1},
    {.number = __NR_rmdir, .name = "rmdir", .mutates = true, .path = 0},
    {.number = __NR_chmod, .name = "chmod", .mutates = true, .path = 0},
    {.number = __NR_fchmod, .name = "fchmod", .mutates = true, .fd = 0},
    {.number = __NR_fchmodat, .name = "fchmodat", .mutates = true, .dir = 0, .path = 1},
    {.number = __NR_fchmodat2, .name = "fchmodat2", .mutates = true, .dir = 0, .path = 1},
    {.number = __NR_chown, .name = "chown", .mutates = true, .path = 0},
    {.number = __NR_lchown, .name = "lchown", .mutates = true, .path = 0},
    {.number = __NR_fchown, .name = "fchown", .mutates = true, .fd = 0},
    {.number = __NR_fchownat, .name = "fchownat", .mutates = true, .dir = 0, .path = 1},
    {.number = __NR_flistxattr, .name = "flistxattr", .mutates = false, .fd = 0},
    {.number = __NR_fgetxattr, .name = "fgetxattr", .mutates = false, .fd = 0},
    {.number = __NR_fsetxattr, .name = "fsetxattr", .mutates = true, .fd = 0},
    {.number = __NR_fremovexattr, .name = "fremovexattr", .mutates = true, .fd = 0},
    {.number = __NR_truncate, .name = "truncate", .mutates = true, .path = 0},
    {.number = __NR_ftruncate, .name = "ftruncate", .mutates = true, .fd = 0},
    {.number = __NR_stat, .name = "stat", .mutates = false, .path = 0},
    {.number = __NR_lstat, .name = "lstat", .mutates = false, .path = 0},
    {.number = __NR_fstat, .name = "fstat", .mutates = false, .fd = 0},
    {.number = __NR_newfstatat, .name = "newfstatat", .mutates = false, .dir = 0, .path = 1},
    {.number = __NR_statx, .name = "statx", .mutates = false, .dir = 0, .path = 1},
    {.number = __NR_access, .name = "access", .mutates = false, .path = 0},
    {.number = __NR_faccessat, .name = "faccessat", .mutates = false, .dir = 0, .path = 1},
    {.number = __NR_readlink, .name = "readlink", .mutates = false, .path = 0},
    {.number = __NR_readlinkat, .name = "readlinkat", .mutates = false, .dir = 0, .path = 1},
    {.number = __NR_getdents64, .name = "getdents64", .mutates = false, .fd = 0},
    {.number = __NR_fcntl, .name = "fcntl", .mutates = false, .fd = 0},
    {.number = __NR_flock, .name = "flock", .mutates = false, .fd = 0},
};
// clang-format on

}  // namespace

std::span<const Shape> all_shapes() noexcept { return shapes; }

const Shape* find_shape(long number) noexcept {
  const auto* found =
      std::find_if(std::begin(shapes), std::end(shapes), [=](const Shape& s) { return s.number == number; });
  return found == std::end(shapes) ? nullptr : found;
}

bool Call::opens() const noexcept { return name().starts_with("open") || name() == "creat"; }

bool Call::writes_data() const noexcept {
  return name() == "write" || name() == "pwrite64" || name() == "writev" || name().ends_with("truncate");
}

std::string to_text(const Call& call) {
  std::string text = "#" + std::to_string(call.number) + " " + std::string(call.name()) + " " + call.path;
  if (!call.path2.empty()) text += " -> " + call.path2;
  if (call.failed()) text += " = " + errno_name(static_cast<int>(-call.result));
  return text;
}

std::string errno_name(int error) {
  switch (error) {
    case ENOSPC:
      return "ENOSPC";
    case EDQUOT:
      return "EDQUOT";
    case EIO:
      return "EIO";
    case EROFS:
      return "EROFS";
    case EACCES:
      return "EACCES";
    case EMFILE:
      return "EMFILE";
    case ENOMEM:
      return "ENOMEM";
    case EINTR:
      return "EINTR";
    case ENOENT:
      return "ENOENT";
    case EEXIST:
      return "EEXIST";
    case ENOSYS:
      return "ENOSYS";
    default:
      return "errno " + std::to_string(error);
  }
}

}  // namespace faults
