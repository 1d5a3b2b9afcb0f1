// SPDX-License-Identifier: Apache-2.0
#include <pki/backup.hpp>

#include <algorithm>
#include <utility>

#include "disk/backup.hpp"
#include "disk/transaction.hpp"

namespace pki::inline PKI_ABI {

namespace {

Backup choose(const std::vector<Backup>& backups, const std::string& id, const Layout& layout) {
  if (backups.empty())
    throw Error(Errc::not_found, layout.certificates_dir.string(), "no backup to restore",
                "a backup is made when something is replaced");
  if (id.empty()) return backups.back();
  const auto found = std::ranges::find(backups, id, &Backup::id);
  return found == backups.end() ? Backup{.id = id, .command = {}, .made = {}} : *found;  // load_backup reports it
}

}  // namespace

std::vector<Backup> list_backups(const Layout& layout) { return disk::list_backups(layout); }

UndoResult undo(const std::string& id, const Lock& lock, const CommitOptions& options) {
  const auto& layout = lock.layout();
  auto chosen = choose(disk::list_backups(layout), id, layout);
  const auto restore = disk::load_backup(layout, chosen.id);
  // The manifest vouches for every byte; files are restored even where they were not valid.
  auto written = disk::restore_transaction(layout, restore, options);
  return {std::move(chosen), std::move(written)};
}

}  // namespace pki::inline PKI_ABI
