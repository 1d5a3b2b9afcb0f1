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

/// Foreign is a file that others keep. Nothing about it is trusted: it may be a link, change while it is read, or be
/// no file at all.
struct Foreign {
  std::filesystem::path path;
  bool named{false};     ///< the caller named it; else it was met in a directory
  SecretString content;  ///< empty with a problem
  std::string problem;   ///< why it cannot be read: "is a named pipe, expected a regular file"
};

/// ForeignLimits keep a walk from becoming endless.
struct ForeignLimits {
  std::size_t file_size{std::size_t{32} * 1024 * 1024};
  std::size_t entries{1'000'000};  ///< names in all directories together
  int depth{32};
};

/// ForeignFiles reads files that others keep, each file once however many names it has. Links to files are followed,
/// links to directories only where the caller named them. It waits for nothing: what is no regular file is not opened.
/// Nothing on disk changes, and nothing throws but `visit`.
class ForeignFiles {
 public:
  using Visit = std::function<void(const Foreign&)>;
  explicit ForeignFiles(Visit visit, ForeignLimits limits = {}) : visit_(std::move(visit)), limits_(limits) {}

  /// read_optional visits one file; nothing at `path` is the normal case and visits nothing.
  void read_optional(const std::filesystem::path& path);
  /// read visits the file at `path`, or all files below it, sorted by name, files before directories. In directories
  /// hidden names (".x", Kubernetes' "..data") are passed over, and so is what is no file or larger than the limit
  /// and not PEM at its beginning.
  void read(const std::filesystem::path& path);

 private:
  struct Place;
  void read_file(const Place& place);
  void walk(Fd directory, const std::filesystem::path& path, int depth);
  void report(const Place& place, std::string problem);

  Visit visit_;
  ForeignLimits limits_;
  std::size_t entries_{0};
  std::set<std::pair<dev_t, ino_t>> seen_;
};

}  // namespace pki::disk
