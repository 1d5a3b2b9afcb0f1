// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include <pki/error.hpp>

#include "base/system.hpp"

namespace pki::disk {

/// Hooks intercept the system calls of this room, so that tests can make each of them fail. They are passed from the
/// function that a test calls down to the system call; a Directory carries them, and must not outlive them.
struct Hooks {
  /// Called before each system call that changes anything ("rename", "fsync", …) with the name that it concerns. A
  /// result other than 0 becomes the errno of that call, which is then not made. It may also _exit.
  int (*before)(const char* call, const char* name){nullptr};
  void (*reading)(const char* name){nullptr};               ///< called before a file is read, with its path in the root
  std::size_t largest_write{static_cast<std::size_t>(-1)};  ///< makes short writes
  bool no_openat2{false};                                   ///< as on a kernel before 5.6
};

/// no_hooks is what the library itself passes: every call reaches the kernel.
inline constexpr Hooks no_hooks{};

using base::Fd;
using base::reason;

/// Returns Error(io) "PATH: WHAT: REASON", with a hint where the errno suggests one.
[[nodiscard]] Error io_error(const std::filesystem::path& path, std::string_view what, int error);
/// Returns the words for the type bits of an st_mode that is not a regular file's: "a named pipe".
[[nodiscard]] std::string_view kind_of(mode_t mode) noexcept;

/// open_beneath opens `relative` below the directory `root` without following any symbolic link and without
/// leaving it: openat2 (RESOLVE_BENEATH, NO_SYMLINKS, NO_MAGICLINKS), or component by component where the kernel
/// lacks it or a sandbox forbids it. Adds O_CLOEXEC. Returns an empty Fd and sets errno on failure; ELOOP is a link.
[[nodiscard]] Fd open_beneath(const Hooks& hooks, int root, const std::string& relative, int flags) noexcept;

/// Returns whether the hooks let the next call fail; errno is then set.
[[nodiscard]] bool fails(const Hooks& hooks, const char* call, const std::string& name);

// The calls that change something. Each is one system call, continued after EINTR, preceded by hooks.before.
// `path` is the full path for the text of the Error(io) that a failure throws.

/// create_file makes a new file (O_EXCL), writable by its owner only whatever the umask.
[[nodiscard]] Fd create_file(const Hooks& hooks, int dir, const std::string& name, const std::filesystem::path& path);
/// make_directory makes a directory with exactly `mode`. Returns false when the name already exists.
[[nodiscard]] bool make_directory(const Hooks& hooks, int dir, const std::string& name, mode_t mode,
                                  const std::filesystem::path& path);
void set_mode(const Hooks& hooks, int fd, mode_t mode, const std::filesystem::path& path);
void set_owner(const Hooks& hooks, int fd, uid_t uid, gid_t gid, const std::filesystem::path& path);
void write_all(const Hooks& hooks, int fd, std::string_view content, const std::filesystem::path& path);
/// sync makes a file or the entries of a directory durable. After a failure the kernel may have dropped the data and
/// forgotten about it: a second sync of the same content proves nothing.
void sync(const Hooks& hooks, int fd, const std::filesystem::path& path);
/// close_written closes a file that was written; some file systems report an error only then.
void close_written(const Hooks& hooks, Fd fd, const std::filesystem::path& path);
/// rename_new renames within one directory, and returns false when `to` already exists, which is left alone.
[[nodiscard]] bool rename_new(const Hooks& hooks, int dir, const std::string& from, const std::string& to,
                              const std::filesystem::path& path);
void rename(const Hooks& hooks, int from_dir, const std::string& from, int to_dir, const std::string& to,
            const std::filesystem::path& path);
/// Creates a symbolic link with an access time in the future. Otherwise the first reader updates the access time
/// (relatime) and can block between reading the target and resolving it, by which time the target may be gone.
void make_symlink(const Hooks& hooks, const std::string& target, int dir, const std::string& name,
                  const std::filesystem::path& path);
/// remove_name unlinks a file, or an empty directory with AT_REMOVEDIR. Returns false when the name did not exist.
bool remove_name(const Hooks& hooks, int dir, const std::string& name, int flags, const std::filesystem::path& path);

}  // namespace pki::disk
