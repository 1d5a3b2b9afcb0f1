#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <pki/error.hpp>

namespace pki::disk {

/// Hooks let tests stand between this room and the kernel. Inert in production: all members stay as they are here.
struct Hooks {
  /// before is called before each system call that changes anything ("rename", "fsync", …) with the name it is
  /// about. A result other than 0 is taken as the errno of that call, which is then not made. It may also _exit.
  int (*before)(const char* call, const char* name){nullptr};
  void (*reading)(const char* name){nullptr};               ///< called before a file is read, with its path in the root
  std::size_t largest_write{static_cast<std::size_t>(-1)};  ///< makes short writes
  bool no_openat2{false};                                   ///< as on a kernel before 5.6
};

/// hooks are for tests only.
extern Hooks hooks;

/// Fd owns a file descriptor.
class Fd {
 public:
  Fd() noexcept = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  [[nodiscard]] int value() const noexcept { return fd_; }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
  /// release gives the descriptor away.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_{-1};
};

/// reason is the text of an errno, first letter in lower case: "no space left on device".
[[nodiscard]] std::string reason(int error);
/// io_error is "PATH: WHAT: REASON" with a hint where the errno suggests one.
[[nodiscard]] Error io_error(const std::filesystem::path& path, std::string_view what, int error);
/// kind_of names what stands where a regular file was expected, from the type bits of st_mode: "a named pipe".
[[nodiscard]] std::string_view kind_of(mode_t mode) noexcept;

/// open_beneath opens `relative` below the directory `root` without following any symbolic link and without
/// leaving it: openat2 (RESOLVE_BENEATH, NO_SYMLINKS, NO_MAGICLINKS), or component by component where the kernel
/// has none or a sandbox forbids it. O_CLOEXEC is added. An empty Fd and errno on failure; ELOOP is a link.
[[nodiscard]] Fd open_beneath(int root, const std::string& relative, int flags) noexcept;

// The calls that change something. Each is one system call, continued after EINTR, preceded by hooks.before.
// `path` is the full path for the text of the Error(io) that a failure throws.

/// create_file makes a new file (O_EXCL), writable by its owner only whatever the umask.
[[nodiscard]] Fd create_file(int dir, const std::string& name, const std::filesystem::path& path);
/// make_directory makes a directory with exactly `mode`; false when something stands there already.
[[nodiscard]] bool make_directory(int dir, const std::string& name, mode_t mode, const std::filesystem::path& path);
void set_mode(int fd, mode_t mode, const std::filesystem::path& path);
void set_owner(int fd, uid_t uid, gid_t gid, const std::filesystem::path& path);
void write_all(int fd, std::string_view content, const std::filesystem::path& path);
/// sync makes a file or the entries of a directory durable. After a failure the kernel may have dropped the data and
/// forgotten about it: nobody may sync the same content again and believe the answer.
void sync(int fd, const std::filesystem::path& path);
/// close_written closes a file that was written: the last moment at which some file systems report an error.
void close_written(Fd fd, const std::filesystem::path& path);
void rename(int from_dir, const std::string& from, int to_dir, const std::string& to,
            const std::filesystem::path& path);
/// make_symlink makes a link whose access time lies ahead, where the file system keeps one. Whoever is the first to
/// follow a link writes that time, and may be made to wait just then, with the text of the link in its hands, until
/// what it leads to is gone. With nothing to write the kernel walks the whole path at once, and again if it changed
/// meanwhile.
void make_symlink(const std::string& target, int dir, const std::string& name, const std::filesystem::path& path);
/// remove_name unlinks a file, or an empty directory with AT_REMOVEDIR; false when nothing was there.
bool remove_name(int dir, const std::string& name, int flags, const std::filesystem::path& path);

}  // namespace pki::disk
