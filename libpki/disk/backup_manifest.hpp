#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "disk/backup.hpp"

// Inside this room only: the text of a backup's manifest.

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

/// to_manifest writes a first line with the version, a line a file ("0600 0 0 SHA256 pki/ca.key" or
/// "absent pki/ca.key"), and "end".
[[nodiscard]] std::string to_manifest(const std::vector<Original>& originals);

/// parse_backup_manifest reads that, and nothing that differs from it in any way: roots are known, names are single
/// components, none comes twice, the end is there. Throws Error(malformed) with `subject` and the line.
[[nodiscard]] std::vector<BackupEntry> parse_backup_manifest(std::string_view text, const std::string& subject);

}  // namespace pki::disk
