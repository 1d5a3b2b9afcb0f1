#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <pki/commit.hpp>
#include <pki/config.hpp>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// Backup names one set of files that a commit replaced: copies, below CERTIFICATES_DIR/.pkigen/backups.
struct Backup {
  std::string id;       ///< "20260131T120000Z-renew"; a "-2" at the end where that was taken
  std::string command;  ///< "renew"
  std::chrono::sys_seconds made;
};

/// list_backups gives the whole backups, oldest first; none is the normal case before the first renewal. Writes
/// nothing. Throws Error(io).
[[nodiscard]] std::vector<Backup> list_backups(const Layout& layout);

/// undo puts the files of a backup back byte for byte, and removes those that did not exist when it was made, as one
/// transaction like `commit`; what it replaces is kept as a backup first, so that an undo can be undone. An empty `id`
/// means the newest backup. Gives the one that was put back. Throws Error(not_found), Error(malformed) for a damaged
/// backup, Error(io).
Backup undo(const std::string& id, const Lock& lock, const CommitOptions& options);

/// to_json writes them as versioned objects, BackupList and Backup.
[[nodiscard]] std::string to_json(const std::vector<Backup>& backups);
[[nodiscard]] std::string to_json(const Backup& backup);

}  // namespace pki
#pragma GCC visibility pop
