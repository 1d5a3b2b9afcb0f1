// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <pki/config.hpp>

#include "disk/sys.hpp"

namespace pki::disk {

/// Directory is an open directory; everything in it is reached through its descriptor.
class Directory {
 public:
  /// Opens a directory for reading; returns empty when it does not exist. The parents are resolved as usual, but
  /// `path` itself may be a symbolic link only where `links` says so. A directory that may be passed and not listed is
  /// opened, too. Throws Error(io) when it is a link, when it is not a directory, and when it cannot be opened.
  [[nodiscard]] static std::optional<Directory> open(const std::filesystem::path& path, const Hooks& hooks = no_hooks,
                                                     Links links = Links::refuse);
  /// Opens a directory and makes it and its parents (0755, durable) where they are missing; those made are appended
  /// to `made`, outermost first. Refuses a path that someone else could redirect: a component that group or others
  /// may write to without the sticky bit, or that belongs neither to root nor to the caller.
  [[nodiscard]] static Directory open_for_writing(const std::filesystem::path& path,
                                                  std::vector<std::filesystem::path>* made = nullptr,
                                                  const Hooks& hooks = no_hooks);
  /// Opens an existing directory, also through a symbolic link. Throws Error(io).
  [[nodiscard]] static Directory open_following(const std::filesystem::path& path, const Hooks& hooks = no_hooks);

  /// Opens a directory below, as `open` does; returns empty when it does not exist. Throws Error(io), also for a
  /// symbolic link on the way that is not to be followed.
  [[nodiscard]] std::optional<Directory> at(const std::string& relative, Links links = Links::refuse) const;
  /// Opens the directory `name`, and makes it with exactly `mode` where it is missing.
  [[nodiscard]] Directory make(const std::string& name, mode_t mode) const;
  /// Returns the names in the directory, sorted, without "." and "..". Throws Error(io) beyond `limit` entries.
  [[nodiscard]] std::vector<std::string> names(std::size_t limit = 10'000) const;

  /// Renames `from` to `to` in the directory `target`, replacing a file that is there. Throws Error(io).
  void rename(const std::string& from, const Directory& target, const std::string& to) const;
  /// Renames a file within the directory. Returns false when `to` exists, and changes nothing then. Throws Error(io).
  [[nodiscard]] bool rename_new(const std::string& from, const std::string& to) const;
  /// Removes a file; returns false when it did not exist. Throws Error(io).
  bool remove(const std::string& name) const;
  /// See disk::make_symlink. Throws Error(io).
  void make_symlink(const std::string& destination, const std::string& name) const;
  void sync() const { disk::sync(*hooks_, fd_.value(), path_); }

  [[nodiscard]] int fd() const noexcept { return fd_.value(); }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] const Hooks& hooks() const noexcept { return *hooks_; }

 private:
  Directory(Fd fd, std::filesystem::path path, const Hooks& hooks) noexcept
      : fd_(std::move(fd)), path_(std::move(path)), hooks_(&hooks) {}
  Fd fd_;
  std::filesystem::path path_;
  const Hooks* hooks_;
};

/// remove_tree deletes the directory `name` and its contents without following links. Returns false when it does not
/// exist. Throws Error(io), also when it is deeper than the trees that this room makes.
bool remove_tree(const Directory& parent, const std::string& name, int depth = 4);

/// Returns the lexically normal form of an absolute path, without a slash at the end. Throws Error(invalid_config)
/// for a relative path and for a path with control characters.
[[nodiscard]] std::filesystem::path clean(const std::filesystem::path& path);

/// Returns the clean certificates directory of a layout. Throws Error(invalid_config) as `clean` does, and for "/".
[[nodiscard]] std::filesystem::path certificates_dir(const Layout& layout);

/// Returns what is unsafe about a directory in which another user could replace what the caller is about to use: it
/// belongs neither to root nor to the caller, or group or others may write to it without the sticky bit.
[[nodiscard]] std::optional<Finding> check_safe(const struct stat& status, const std::filesystem::path& path);

/// Root is a directory that changes as a whole: pods mount `pki` and `pki/etcd` separately.
struct Root {
  std::string key;  ///< "pki", "etcd", "kubeconfig"
  std::filesystem::path path;
};

/// Returns the directories of a layout in the order in which they are written.
[[nodiscard]] std::vector<Root> roots(const Layout& layout);

}  // namespace pki::disk
