// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <pki/config.hpp>
#include <pki/finding.hpp>
#include <pki/secret.hpp>

#include "disk/file.hpp"
#include "disk/journal_manifest.hpp"
#include "disk/path.hpp"

// Internal to this room: the phases of a transaction for one root, which transaction.hpp describes.

namespace pki::disk {

/// Change is one file of a transaction.
struct Change {
  Root root;
  std::string name;
  const SecretString* content{nullptr};  ///< null: the file is removed
  unsigned wanted_mode{0};               ///< of a file that did not exist
  std::optional<Ownership> restored;     ///< from a backup, in place of that of the present file
  Ownership ownership;                   ///< of the new file
  bool existed{false};
  SecretString old_content;
  Ownership old_ownership;

  [[nodiscard]] std::filesystem::path path() const { return root.path / name; }
};

/// Journal is R/.pkigen-txn as it is on disk.
struct Journal {
  Directory root;
  std::string root_key;
  Directory directory;
  std::string id;  ///< same in all roots of a transaction; empty: staging did not end
  std::vector<JournalEntry> entries;
  bool flipped{false};         ///< `cur` is `new`
  std::vector<Finding> notes;  ///< about security labels that are not kept
};

/// Returns an identifier of a transaction, made from everything that it changes.
[[nodiscard]] std::string transaction_id(const std::vector<Change>& changes);

/// stage makes the journal of one root from those of `changes` that belong to it, without its manifest. Its files are
/// written through `files`, which the caller syncs.
[[nodiscard]] Journal stage(Directory root, const std::string& root_key, const std::string& id,
                            const std::vector<Change>& changes, Unsynced& files);
/// seal makes the directories durable and writes the manifest; the files must be durable by then.
void seal(const Journal& journal);
/// Reads the journal of a root; returns empty when it has none. Throws Error(malformed) for a damaged manifest.
[[nodiscard]] std::optional<Journal> open_journal(Directory root, const std::string& root_key);

void link(const Journal& journal);
/// Returns whether the flip is still to be done.
[[nodiscard]] bool can_flip(const Journal& journal);
void flip(Journal& journal);
/// Whether to compare files with the manifest before they are put in place: yes for the journal of another process.
enum class Check { no, digests };
/// finish replaces the links by the new files, undo by the old ones. Both return the number of links replaced.
std::size_t finish(const Journal& journal, Check check);
std::size_t undo(const Journal& journal, Check check);
void remove(const Journal& journal);

/// end_all finishes or undoes all journals of a layout. It acquires the lock on the kubeconfig directory when needed,
/// unless the caller holds it (`guarded`).
std::vector<Finding> end_all(const Layout& layout, bool guarded, const Hooks& hooks);

/// Returns the lock file of a kubeconfig directory, which PKIs with different locks may share.
[[nodiscard]] std::filesystem::path guard_path(const std::filesystem::path& kubeconfig_dir);

}  // namespace pki::disk
