// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "disk/sys.hpp"

namespace pki::disk {

/// Attribute is one extended attribute of a file (xattr(7)): an access control list, a security label, or what a user
/// has attached to it.
struct Attribute {
  std::string name;   ///< "system.posix_acl_access", "security.selinux", "user.owner"
  std::string value;  ///< any octets

  friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// Attributes are the extended attributes of one file, sorted by name.
using Attributes = std::vector<Attribute>;

inline constexpr std::string_view access_list = "system.posix_acl_access";

/// Returns whether an attribute belongs to a file and not to its content. The kernel or an administrator makes the
/// others again for each content: the measurements of IMA and EVM, and file capabilities.
[[nodiscard]] bool is_kept(std::string_view name) noexcept;

/// Returns the attributes of an open file that are kept; none where the file system has no attributes. Throws
/// Error(io).
[[nodiscard]] Attributes read_attributes(int fd, const std::filesystem::path& path);

/// set_attributes makes the attributes of a new file those of `wanted`; an access control list that the file inherited
/// from its directory goes where `wanted` has none. Returns the names of the security labels that the kernel refuses.
/// Throws Error(io) for any other attribute that cannot be set: without its access control list the group's bits of
/// the mode would mean more than they did.
std::vector<std::string> set_attributes(const Hooks& hooks, int fd, const Attributes& wanted,
                                        const std::filesystem::path& path);

}  // namespace pki::disk
