#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <pki/config.hpp>
#include <pki/secret.hpp>

#include "disk/file.hpp"
#include "disk/journal_manifest.hpp"
#include "disk/path.hpp"

// Inside this room only: the phases of a transaction for one root. What they are and why: transaction.hpp.

namespace pki::disk {

/// Change is one file of a transaction.
struct Change {
  Root root;
  std::string name;
  const SecretString* content{nullptr};  ///< null: the file is removed
  Ownership ownership;                   ///< of the new file
  bool existed{false};
  SecretString old_content;
  Ownership old_ownership;

  [[nodiscard]] std::filesystem::path path() const { return root.path / name; }
};

/// Journal is R/.pkigen-txn as it lies on the disk.
struct Journal {
  Directory root;
  std::string root_key;
  Directory directory;
  std::string id;  ///< same in all roots of a transaction; empty: staging did not end
  std::vector<JournalEntry> entries;
  bool flipped{false};  ///< `cur` is `new`
};

/// transaction_id tells one transaction from another, without a clock or chance: by everything that it changes.
[[nodiscard]] std::string transaction_id(const std::vector<Change>& changes);

/// stage makes the journal of one root from those of `changes` that belong to it, but for its manifest; the content of
/// the files is left to `files`.
[[nodiscard]] Journal stage(Directory root, const std::string& root_key, const std::string& id,
                            const std::vector<Change>& changes, Unsynced& files);
/// seal makes the directories durable and writes the manifest; the files must be durable by then.
void seal(const Journal& journal);
/// open_journal reads what lies in a root; empty when there is none. Throws Error(malformed) for a damaged manifest.
[[nodiscard]] std::optional<Journal> open_journal(Directory root, const std::string& root_key);

void link(const Journal& journal);
/// can_flip says whether the flip is still to be done.
[[nodiscard]] bool can_flip(const Journal& journal);
void flip(Journal& journal);
/// Whether to compare what is put in place with the manifest: yes for what another process left.
enum class Check { no, digests };
/// finish puts the new files in place of the links, undo the old ones. They give the number of links replaced.
std::size_t finish(const Journal& journal, Check check);
std::size_t undo(const Journal& journal, Check check);
void remove(const Journal& journal);

/// end_all finishes or undoes all journals of a layout. `guarded` says that the caller holds the lock on the
/// kubeconfig directory; else it is taken where it is needed.
std::vector<Finding> end_all(const Layout& layout, bool guarded, const Hooks& hooks);

/// guard_path is the lock of a kubeconfig directory, which PKIs with locks of their own may share.
[[nodiscard]] std::filesystem::path guard_path(const std::filesystem::path& kubeconfig_dir);

}  // namespace pki::disk
