#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include <pki/secret.hpp>

#include "disk/sys.hpp"

namespace pki::disk {

/// UnmanagedFile is a file that other programs maintain. Nothing about it is trusted: it may be a link, change while it
/// is read, or not be a file at all.
struct UnmanagedFile {
  std::filesystem::path path;
  bool named{false};     ///< the caller named it; otherwise it was found in a directory
  SecretString content;  ///< empty when there is a problem
  std::string problem;   ///< why it cannot be read: "is a named pipe, expected a regular file"
};

/// UnmanagedLimits bound a walk.
struct UnmanagedLimits {
  std::size_t file_size{std::size_t{32} * 1024 * 1024};
  std::size_t entries{1'000'000};  ///< names in all directories together
  int depth{32};
};

/// UnmanagedFiles reads files that other programs maintain, each file once whatever the number of its names. Links to
/// files are followed, links to directories only where the caller named them. Only regular files are opened, so that
/// nothing blocks. Changes nothing on disk, and throws only what `visit` throws.
class UnmanagedFiles {
 public:
  using Visit = std::function<void(const UnmanagedFile&)>;
  explicit UnmanagedFiles(Visit visit, UnmanagedLimits limits = {}) : visit_(std::move(visit)), limits_(limits) {}

  /// Visits one file; visits nothing when `path` does not exist.
  void read_optional(const std::filesystem::path& path);
  /// Visits the file at `path`, or all files below it, sorted by name, files before directories. In directories it
  /// ignores hidden names (".x", Kubernetes' "..data"), objects that are not files, and files that are larger than the
  /// limit and do not start like PEM.
  void read(const std::filesystem::path& path);

 private:
  struct Place;
  void read_file(const Place& place);
  void walk(Fd directory, const std::filesystem::path& path, int depth);
  void report(const Place& place, std::string problem);

  Visit visit_;
  UnmanagedLimits limits_;
  std::size_t entries_{0};
  std::set<std::pair<dev_t, ino_t>> seen_;
};

}  // namespace pki::disk
