#pragma once

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
  /// open opens a directory for reading; empty when nothing stands there. The parents are resolved as usual, but
  /// `path` itself may not be a symbolic link. Throws Error(io) for that, for what is no directory, and for one
  /// that cannot be opened.
  [[nodiscard]] static std::optional<Directory> open(const std::filesystem::path& path);
  /// open_for_writing opens a directory and makes it and its parents (0755, durable) where they are missing; those
  /// made are appended to `made`, outermost first. Refuses a path that someone else could redirect: a component
  /// that group or others may write to without the sticky bit, or that belongs neither to root nor to the caller.
  [[nodiscard]] static Directory open_for_writing(const std::filesystem::path& path,
                                                  std::vector<std::filesystem::path>* made = nullptr);

  /// at opens a directory below; empty when it does not exist. Throws Error(io) for a symbolic link on the way.
  [[nodiscard]] std::optional<Directory> at(const std::string& relative) const;
  /// make opens the directory `name`, and makes it with exactly `mode` where it is missing.
  [[nodiscard]] Directory make(const std::string& name, mode_t mode) const;
  /// names lists what is in the directory, sorted, without "." and "..". Throws Error(io) beyond `limit` entries.
  [[nodiscard]] std::vector<std::string> names(std::size_t limit = 10'000) const;
  void sync() const { disk::sync(fd_.value(), path_); }

  [[nodiscard]] int fd() const noexcept { return fd_.value(); }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  Directory(Fd fd, std::filesystem::path path) noexcept : fd_(std::move(fd)), path_(std::move(path)) {}
  Fd fd_;
  std::filesystem::path path_;
};

/// remove_tree deletes the directory `name` and all in it, links as links; false when it does not exist.
/// It goes no deeper than the trees that this room makes. Throws Error(io).
bool remove_tree(const Directory& parent, const std::string& name, int depth = 4);

/// clean gives the lexically normal form of an absolute path, without a slash at the end.
/// Throws Error(invalid_config) for a relative path and for one with a NUL or a line break.
[[nodiscard]] std::filesystem::path clean(const std::filesystem::path& path);

/// Root is a directory that changes as a whole: pods mount `pki` and `pki/etcd` each on its own.
struct Root {
  std::string key;  ///< "pki", "etcd", "kubeconfig"
  std::filesystem::path path;
};

/// roots gives the directories of a layout in the order in which they are written.
[[nodiscard]] std::vector<Root> roots(const Layout& layout);

}  // namespace pki::disk
