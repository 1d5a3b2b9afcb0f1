// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <pki/backup.hpp>
#include <pki/bundle.hpp>
#include <pki/config.hpp>

#include "disk/attributes.hpp"
#include "disk/file.hpp"
#include "disk/sys.hpp"

namespace pki::disk {

// Backups are copies, because a hard link would keep the API server from noticing the next renewal, in
// CERTIFICATES_DIR/.pkigen/backups/NUMBER-YYYYMMDDTHHMMSSZ-COMMAND/{pki,etcd,kubeconfig}/NAME, directories 0700, files
// 0600, and a manifest with the mode, owner, extended attributes and SHA-256 of each, and the files that did not exist.
// NUMBER is one more than that of any other backup, at least six digits: backups are ordered by it and never by the
// clock. Those of older versions have no number and order before all others, by their time.

/// Restore lists the files that restoring a backup writes and removes: input for restore_transaction.
struct Restore {
  std::vector<File> files;
  std::vector<Ownership> ownerships;            ///< of the files, in their order
  std::vector<std::filesystem::path> removals;  ///< did not exist when the backup was made
};

/// Original is one file as it was before a change.
struct Original {
  std::string root;  ///< key of the Root
  std::string name;
  bool existed{false};
  unsigned mode{0};
  unsigned uid{0};
  unsigned gid{0};
  const SecretString* content{nullptr};  ///< null when it did not exist
  Attributes attributes{};
};

/// Returns the complete backups in the order in which they were made; there are none before the first renewal. Ignores
/// everything else in the directory. CERTIFICATES_DIR may be a symbolic link. Throws Error(io).
[[nodiscard]] std::vector<Backup> list_backups(const Layout& layout);
/// load_backup reads a backup and checks every byte against its manifest. Throws Error(not_found) that lists the ids,
/// Error(malformed) for a damaged or hostile backup, Error(io).
[[nodiscard]] Restore load_backup(const Layout& layout, const std::string& id);
/// prune_backups deletes all but the last `keep` backups. Returns a note for each backup that could not be deleted.
/// The caller holds the lock. Throws Error(io) when the backups cannot be listed.
[[nodiscard]] std::vector<Finding> prune_backups(const Layout& layout, std::size_t keep, const Hooks& hooks = no_hooks);
/// make_backup writes a backup, durable on return, and returns its id. For write_transaction.
[[nodiscard]] std::string make_backup(const Layout& layout, const std::vector<Original>& originals,
                                      const std::string& command, std::chrono::sys_seconds now,
                                      const Hooks& hooks = no_hooks);
/// drop_backup deletes one backup. For write_transaction, when it is undone. Throws Error(io).
void drop_backup(const Layout& layout, const std::string& id, const Hooks& hooks = no_hooks);
/// sweep_backups deletes the remains of a killed writer: backups that are incomplete or half deleted. Returns a note
/// for each that could not be deleted. Throws Error(io) when the backups cannot be listed.
std::vector<Finding> sweep_backups(const Layout& layout, const Hooks& hooks = no_hooks);

}  // namespace pki::disk
