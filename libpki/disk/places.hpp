// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include <pki/config.hpp>
#include <pki/finding.hpp>

namespace pki::disk {

// Directory::open_for_writing refuses the first thing that is wrong about one directory, at the moment of use. These
// functions look at all directories beforehand, so that whoever must correct them sees everything at once.

/// Returns everything that keeps this user from writing in `directories`: those that are symbolic links, and each
/// directory on the way, with and without links, in which another user could replace what is written. The last finding
/// has one remedy for all. Directories that do not exist are not wrong. Changes nothing.
[[nodiscard]] std::vector<Finding> find_unsafe(const Layout& layout,
                                               std::span<const std::filesystem::path> directories);

/// Throws one Error(io) for everything that is unsafe about `needed` and `others`, if anything about `needed` is.
void refuse_unsafe(const Layout& layout, std::span<const std::filesystem::path> needed,
                   std::span<const std::filesystem::path> others = {});

/// Returns the directories that change as a whole; see `roots`.
[[nodiscard]] std::vector<std::filesystem::path> root_paths(const Layout& layout);

/// Linked is a directory that is a symbolic link, with the directory that it leads to.
struct Linked {
  std::filesystem::path path;
  std::filesystem::path target;
  bool dangling{false};  ///< the target does not exist
};

/// Returns the directories of a layout that are symbolic links; their parents are resolved as usual.
[[nodiscard]] std::vector<Linked> linked_directories(const Layout& layout);

/// Throws one Error(io) for everything that is unsafe about a layout whose directories (not their parents, and not
/// `etcd`) include a symbolic link.
void refuse_linked(const Layout& layout);

}  // namespace pki::disk
