// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

namespace faults {

/// Object is something other than the file or directory of a PKI that is expected at a path.
enum class Object {
  link_to_file,
  link_to_directory,
  dangling_link,
  hard_link,
  fifo,
  null_device,
  zero_device,
  socket,
  directory,
  mount
};
inline constexpr std::size_t object_count = 10;
[[nodiscard]] const char* to_text(Object object);

/// Sentinel is a file, and a directory, that no command may touch: links and mounts lead to it. The kernel watches it
/// (inotify), so that even a read that leaves no trace is seen.
class Sentinel {
 public:
  explicit Sentinel(const std::filesystem::path& directory);
  Sentinel(const Sentinel&) = delete;
  Sentinel& operator=(const Sentinel&) = delete;
  ~Sentinel();

  [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
  /// marker is in the content of the file, and nowhere else.
  [[nodiscard]] static const char* marker() noexcept;

  /// forget drops what was seen so far, and what a command made in the directory.
  void forget();
  /// touched says what happened to it since then; `may_be_read` where the name that leads to it is public, since
  /// whoever may make such a link there could read it himself; `in_use` where the directory is mounted as one of the
  /// PKI's own: other names may come into it and go, what was in it may not change.
  [[nodiscard]] std::vector<std::string> touched(bool may_be_read, bool in_use);

 private:
  [[nodiscard]] std::filesystem::path inside() const { return directory_ / "inside"; }

  std::filesystem::path file_;
  std::filesystem::path directory_;
  int watch_;
  struct stat before_ {};
  struct stat inside_before_ {};
};

/// Puts an object in the place of the file at a path. Returns false where the machine does not allow it.
[[nodiscard]] bool put_object(Object object, const std::filesystem::path& path, const Sentinel& sentinel);

/// Unmounts the mounts that `put_object` made.
void clear_mounts(const std::filesystem::path& path);

/// Bystanders are unmanaged files in the directories of a PKI: unknown names, hidden and odd ones, of all kinds.
class Bystanders {
 public:
  Bystanders(std::vector<std::filesystem::path> directories, const Sentinel& sentinel);
  /// forget_missing drops those that the test itself took away.
  void forget_missing();
  /// changed names those that are not exactly as they were: same inode, mode, owner, size, time.
  [[nodiscard]] std::vector<std::string> changed() const;

 private:
  struct Known {
    std::filesystem::path path;
    struct stat status;
  };
  std::vector<Known> known_;
};

}  // namespace faults
