// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <pki/bundle.hpp>
#include <pki/commit.hpp>
#include <pki/config.hpp>
#include <pki/error.hpp>
#include <pki/secret.hpp>

#include "disk/backup.hpp"
#include "disk/sys.hpp"

namespace pki::disk {

// A transaction over the roots of a layout (pki, pki/etcd, the kubeconfig directory). Invariants at every instant at
// which the process or the power may fail, without any recovery:
//   I1  each file is byte for byte an old or a new version
//   I2  each key matches its certificate
//   I3  each root is entirely old or entirely new
// The phases, with R for each root in turn; a phase starts when all roots have completed the one before:
//   stage   make R/.pkigen-txn: old/ (copies of the files to be replaced), new/, fin/ (second copies of new files that
//           replace an old one), lnk/ (links NAME -> .pkigen-txn/cur/NAME), cur -> old, next -> new
//   seal    when every file of every root is durable: sync the directories, write the manifest and sync it, sync R
//   verify  the caller reads the staged bytes back; then the backup is made durable
//   link    rename lnk/NAME over R/NAME (readers still see the old file, or a missing one); sync R
//   flip    rename next over cur: the one call that commits R; sync R/.pkigen-txn
//   finish  rename fin/NAME (new/NAME for a file that did not exist) over R/NAME; unlink R/NAME of a removal; sync R
//   remove  delete R/.pkigen-txn
// Recovery: a root whose `cur` is `new`, or that belongs to the same transaction (the manifests' id) as one, is flipped
// and finished; all others get old/ back. All flips come before the first finish, while the evidence still exists.
// Both directions are idempotent, and an error before the commit runs the same code at once.
//
// One protocol is enough: the link of a new file dangles until the flip, which readers see as a missing file, so a
// fresh PKI does not need to be built elsewhere and renamed, and a mount point, which cannot be renamed, is not a
// special case. Kubeconfigs are written in the same way, so that they change together too. .pkigen-txn, old/ and new/
// are 0711, not 0700: readers other than root (a rootless control plane) must pass; the modes of the files protect the
// keys, and names cannot be listed.

/// ReadBack returns the content that a path will have after the commit, read from the disk: the staged bytes of a file
/// that is written, empty for one that is removed, and the live file otherwise. A `secret` with a further name, a link,
/// a file in a directory that is a link, and anything else that is not a regular file count as missing and are not
/// read. Throws Error(io).
using ReadBack = std::function<std::optional<SecretString>(const std::filesystem::path& path, bool secret)>;
/// Verify is called once between staging and commit; an exception from it undoes everything and passes through.
using Verify = std::function<void(const ReadBack& read_back)>;

/// write_transaction writes `files` and removes `removals`, all or nothing. Paths are absolute, each directly in one of
/// roots(layout), without duplicates. Missing roots are made. A replaced file keeps its owner, group, mode and extended
/// attributes (access control list, security label); only a label that the kernel refuses is a note. Files whose
/// content is on disk are not touched, and removals of missing files are ignored. The caller holds the lock and has
/// called `recover`. Throws Error(io), Error(mismatch) and the exceptions of `verify`; then nothing has changed, or
/// (the hint says so) the commit is done and the next `recover` completes it.
CommitResult write_transaction(const Layout& layout, std::span<const File> files,
                               std::span<const std::filesystem::path> removals, const CommitOptions& options,
                               const Verify& verify = {}, const Hooks& hooks = no_hooks);

/// restore_transaction does the same for a backup: its files get the owner, group, mode and attributes that they had.
CommitResult restore_transaction(const Layout& layout, const Restore& restore, const CommitOptions& options,
                                 const Hooks& hooks = no_hooks);

/// recover finishes or undoes the transaction of a killed writer in all roots, and removes incomplete backups. Returns
/// a note for each; usually there are none. The caller holds the lock. Throws Error(io), Error(malformed) for a damaged
/// journal, Error(locked) when another PKI's transaction uses the same kubeconfig directory right now.
std::vector<Finding> recover(const Layout& layout, const Hooks& hooks = no_hooks);

/// Returns a note for each root that holds an unfinished transaction, whether its writer was killed or is running.
/// Changes nothing and throws nothing but bad_alloc.
[[nodiscard]] std::vector<Finding> find_unfinished(const Layout& layout);

/// Returns a version token. Files read between two equal tokens are from the same version. Throws nothing but
/// bad_alloc.
[[nodiscard]] std::string state_of(const Layout& layout);

}  // namespace pki::disk
