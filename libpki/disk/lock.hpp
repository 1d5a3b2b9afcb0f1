// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>

#include <pki/config.hpp>

#include "disk/sys.hpp"

namespace pki::disk {

/// FileLock is a kernel lock (F_OFD_SETLK) on a whole file that is never deleted. It ends with the object or the
/// process, however that ends. The file is empty, 0600.
class FileLock {
 public:
  /// Acquires the lock of a PKI: the file lock_path(layout), beside the PKI directory because that may not exist yet.
  /// Missing parents are made (0755, durable). Waits up to `timeout`; 0 tries once. Throws Error(locked), which names
  /// the file, or Error(io).
  [[nodiscard]] static FileLock acquire(const Layout& layout, std::chrono::milliseconds timeout);
  /// Acquires the lock on one file in the same way.
  [[nodiscard]] static FileLock acquire_file(const std::filesystem::path& path, std::chrono::milliseconds timeout,
                                             const Hooks& hooks = no_hooks);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  FileLock(Fd fd, std::filesystem::path path) noexcept : fd_(std::move(fd)), path_(std::move(path)) {}
  Fd fd_;
  std::filesystem::path path_;
};

/// Returns /etc/kubernetes/.pki.pkigen.lock for /etc/kubernetes/pki.
[[nodiscard]] std::filesystem::path lock_path(const Layout& layout);

}  // namespace pki::disk
