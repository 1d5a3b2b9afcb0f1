// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
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
  int error{0};          ///< the errno where the system refused to read it
};

/// UnmanagedLimits bound a walk.
struct UnmanagedLimits {
  std::size_t file_size{std::size_t{32} * 1024 * 1024};
  std::size_t entries{1'000'000};  ///< names in all directories together
  int depth{32};
};

/// Returns whether a file name is one that certificates and kubeconfigs have: .crt, .pem, .cer, .der or .conf, in
/// letters of any case.
[[nodiscard]] bool has_certificate_name(const std::filesystem::path& path);

/// UnmanagedFiles reads files that other programs maintain. Links to files are followed, links to directories only
/// where the caller named them. Only regular files are opened, so that nothing blocks. Changes nothing on disk, and
/// throws only what `visit` throws.
class UnmanagedFiles {
 public:
  /// Returns whether the file is of interest: one that is not is visited again under another name, where the caller
  /// named it for example. Each other file is visited once, whatever the number of its names.
  using Visit = std::function<bool(const UnmanagedFile&)>;
  explicit UnmanagedFiles(Visit visit, UnmanagedLimits limits = {}) : visit_(std::move(visit)), limits_(limits) {}

  /// Visits one file; visits nothing when `path` does not exist.
  void read_optional(const std::filesystem::path& path);
  /// Visits the file at `path`, or all files below it, sorted by name, files before directories. In directories it
  /// ignores hidden names (".x", Kubernetes' "..data"), objects that are not files, links that lead nowhere and have no
  /// certificate's name, keys that may not be read, and files that are larger than the limit and do not start like PEM.
  void read(const std::filesystem::path& path);
  /// Visits the file at `path`, which another file names; a directory is a problem.
  void read_reference(const std::filesystem::path& path);
  /// Returns the number of files that were read, or could not be.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  struct Place;
  void read_file(const Place& place);
  void walk(Fd directory, const std::filesystem::path& path, int depth);
  void read_link(const Place& place);
  void report(const Place& place, std::string problem, int error = 0);
  void report(const Place& place, int error);

  Visit visit_;
  UnmanagedLimits limits_;
  std::size_t entries_{0};
  std::size_t count_{0};
  std::set<std::pair<dev_t, ino_t>> seen_;
};

/// Returns a file as read_reference passes it on, by its content alone (nothing: it does not exist): the path is not
/// accessed.
[[nodiscard]] UnmanagedFile to_unmanaged_file(const std::filesystem::path& path, std::optional<SecretString> content,
                                              std::size_t limit);

}  // namespace pki::disk
