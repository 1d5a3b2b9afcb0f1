#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "disk/backup.hpp"

// Internal to this room: the text of a backup's manifest.

namespace pki::disk {

/// BackupEntry is one line of the manifest.
struct BackupEntry {
  std::string root;
  std::string name;
  bool existed{false};
  unsigned mode{0};
  unsigned uid{0};
  unsigned gid{0};
  std::string digest;  ///< empty where it did not exist
};

/// Returns a first line with the version, one line per file ("0600 0 0 SHA256 pki/ca.key" or "absent pki/ca.key"), and
/// "end".
[[nodiscard]] std::string to_manifest(const std::vector<Original>& originals);

/// Parses exactly what to_manifest writes: roots are known, names are single components without duplicates, the end is
/// there. Throws Error(malformed) with `subject` and the line.
[[nodiscard]] std::vector<BackupEntry> parse_backup_manifest(std::string_view text, const std::string& subject);

}  // namespace pki::disk
