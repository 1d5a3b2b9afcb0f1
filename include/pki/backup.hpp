// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <pki/abi.hpp>
#include <pki/commit.hpp>
#include <pki/config.hpp>

namespace pki::inline PKI_ABI {

/// Backup identifies the copies of files that one commit replaced, below CERTIFICATES_DIR/.pkigen/backups.
struct Backup {
  std::string id{};       ///< "000007-20260131T120000Z-renew"; without the number where an older version made it
  std::string command{};  ///< "renew"
  std::chrono::sys_seconds made{};  ///< when, by the clock of the host
};

/// Returns the complete backups in the order in which they were made, whatever the clock said then; there are none
/// before the first renewal. Writes nothing. Throws Error(io).
PKI_EXPORT [[nodiscard]] std::vector<Backup> list_backups(const Layout& layout);

/// UndoResult reports what an undo did.
struct [[nodiscard]] UndoResult {
  Backup restored{};       ///< the backup whose files are back in place
  CommitResult written{};  ///< with the backup of what was replaced
};

/// undo restores the files of a backup byte for byte, with their owners, modes and extended attributes, and removes
/// those that did not exist when it was made, as one transaction like `commit`. The files that it replaces are copied
/// to a backup first, so that an undo can be undone. An empty `id` selects the last backup. Throws Error(not_found),
/// Error(malformed) when the backup is damaged, Error(io).
PKI_EXPORT UndoResult undo(const std::string& id, const Lock& lock, const CommitOptions& options);

/// Returns a versioned JSON object of the kind BackupList.
PKI_EXPORT [[nodiscard]] std::string to_json(const std::vector<Backup>& backups);
/// Returns a versioned JSON object of the kind Backup: the one that was restored, with `replaced` (the id of the
/// backup of what it replaced, or null), `changed` (a number of files) and `notes`.
PKI_EXPORT [[nodiscard]] std::string to_json(const UndoResult& result);

}  // namespace pki::inline PKI_ABI
