// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "disk/attributes.hpp"
#include "disk/backup.hpp"

// Internal to this room: the text of a backup's manifest.

namespace pki::disk {

inline constexpr std::size_t backup_manifest_limit = std::size_t{8} * 1024 * 1024;

/// BackupEntry is one file in the manifest.
struct BackupEntry {
  std::string root;
  std::string name;
  bool existed{false};
  unsigned mode{0};
  unsigned uid{0};
  unsigned gid{0};
  std::string digest;                    ///< empty where it did not exist
  std::optional<Attributes> attributes;  ///< empty in a manifest of version 1, which did not record them
};

/// Returns a first line with the version, one line per file ("0600 0 0 SHA256 pki/ca.key" or "absent pki/ca.key"),
/// after it one line per extended attribute of that file ("attribute BASE64 user.owner"), and "end". Throws Error(io)
/// for attributes that do not fit.
[[nodiscard]] std::string to_manifest(const std::vector<Original>& originals);

/// Parses exactly what to_manifest writes, or wrote in version 1, which has no attributes: roots are known, names are
/// single components without duplicates, the end is there. Throws Error(malformed) with `subject` and the line.
[[nodiscard]] std::vector<BackupEntry> parse_backup_manifest(std::string_view text, const std::string& subject);

}  // namespace pki::disk
