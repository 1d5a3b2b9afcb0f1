// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>

namespace faults {

/// Node is one thing in a directory tree.
struct Node {
  enum class Kind { file, directory, link, other };
  Kind kind{Kind::file};
  mode_t mode{0};
  uid_t uid{0};
  gid_t gid{0};
  nlink_t names{1};
  std::string content;                              ///< bytes of a file, target of a link
  std::map<std::string, std::string> attributes{};  ///< extended ones of a file that an unprivileged user may set

  friend bool operator==(const Node&, const Node&) = default;
};

/// Returns whether two files belong to the same user and group, with the same mode and attributes.
[[nodiscard]] bool same_access(const Node& a, const Node& b);

/// Tree is the content of a directory, links as links; keys are relative paths.
using Tree = std::map<std::string, Node>;

/// Returns everything below a directory; empty when the directory does not exist.
[[nodiscard]] Tree read_tree(const std::filesystem::path& root);
/// Makes the content of a directory equal to `tree`, and the directory itself with mode 0755.
void write_tree(const std::filesystem::path& root, const Tree& tree);

/// Returns a hash that distinguishes trees.
[[nodiscard]] std::size_t digest(const Tree& tree);

/// Visible is what readers see in one directory: names and bytes, through the links of an unfinished transaction.
/// Hidden names, directories and links that dangle are not in it.
using Visible = std::map<std::string, std::string>;

/// The roots that change as a whole, with the relative paths of their directories.
inline constexpr const char* root_names[] = {"pki", "pki/etcd", ""};

/// see reads a root below `base` as any program would: by its path, along links.
[[nodiscard]] Visible see(const std::filesystem::path& base, const std::string& root);

/// Returns whether bytes contain a private key, or a part of one.
[[nodiscard]] bool holds_secret(const std::string& content);

}  // namespace faults
