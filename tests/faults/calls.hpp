// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace faults {

// The system calls that concern files, as data. x86-64 only, as the tracer is.

/// Arguments is a system call as the kernel sees it.
using Arguments = std::array<std::uint64_t, 6>;

/// Shape says where in the arguments of a call its descriptors, paths, flags and sizes are; -1: it has none.
struct Shape {
  long number;
  const char* name;
  bool mutates;  ///< openat and close: decided by how the file is opened
  int dir{-1};
  int path{-1};
  int dir2{-1};
  int path2{-1};
  int fd{-1};
  int flags{-1};
  int size{-1};
};

/// all_shapes are those that find_shape finds.
[[nodiscard]] std::span<const Shape> all_shapes() noexcept;

/// find_shape is null for a call that does not concern files.
[[nodiscard]] const Shape* find_shape(long number) noexcept;

/// Call is one system call of a traced run.
struct Call {
  int number{0};  ///< place in the total order of calls below the watched directory; 0 is outside of it
  const Shape* shape{nullptr};
  Arguments arguments{};
  std::string path;   ///< absolute; of a descriptor: the path that it was opened by
  std::string path2;  ///< second path of rename, link
  std::string raw;    ///< the path argument as it was given
  std::string data;   ///< what was written to a file; the text of a symbolic link
  int fd{-1};
  std::uint64_t flags{0};
  bool mutates{false};
  bool injected{false};
  long result{0};  ///< of one that only reads, and was not made to fail: not known

  [[nodiscard]] std::string_view name() const noexcept { return shape->name; }
  [[nodiscard]] bool failed() const noexcept { return result < 0 && result > -4096; }
  /// opens says that the call makes a descriptor from a path.
  [[nodiscard]] bool opens() const noexcept;
  [[nodiscard]] bool writes_data() const noexcept;
  [[nodiscard]] bool renames() const noexcept { return name().starts_with("rename"); }
  [[nodiscard]] bool syncs() const noexcept { return name() == "fsync" || name() == "fdatasync"; }
  [[nodiscard]] bool unlinks() const noexcept { return name().starts_with("unlink") || name() == "rmdir"; }
};

/// to_text is "renameat ca.crt -> /…/ca.crt", for findings.
[[nodiscard]] std::string to_text(const Call& call);

/// errno_name is "ENOSPC" for the errors that are injected, a number for others.
[[nodiscard]] std::string errno_name(int error);

}  // namespace faults
