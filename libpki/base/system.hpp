// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

namespace pki::base {

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
  /// Returns the descriptor, which the caller now owns.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_{-1};
};

/// Returns the text of an errno with its first letter in lower case: "no space left on device".
[[nodiscard]] std::string reason(int error);

}  // namespace pki::base
