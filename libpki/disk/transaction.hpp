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

#include "disk/sys.hpp"

namespace pki::disk {

// A transaction over the roots of a layout (pki, pki/etcd, the kubeconfig directory). What holds at every instant at
// which the process or the power may end, without any recovery:
//   I1  each file is byte for byte an old or a new version
//   I2  each key matches its certificate
//   I3  each root is entirely old or entirely new
// How, with R for each root in turn; a phase begins when all roots have ended the one before:
//   stage   make R/.pkigen-txn: old/ (copies of what will be replaced), new/, fin/ (second copies of new files that
//           replace an old one), lnk/ (links NAME -> .pkigen-txn/cur/NAME), cur -> old, next -> new
//   seal    when every file of every root is durable: sync the directories, write the manifest and sync it, sync R
//   verify  the caller reads the staged bytes back; then the backup is made durable
//   link    rename lnk/NAME over R/NAME (readers still see the old file, or none where there was none); sync R
//   flip    rename next over cur: the one call that commits R; sync R/.pkigen-txn
//   finish  rename fin/NAME (or new/NAME where nothing was before) over R/NAME; unlink R/NAME of a removal; sync R
//   remove  delete R/.pkigen-txn
// Recovery: a root whose `cur` is `new`, or that belongs to the same transaction (the manifests' id) as one, is flipped
// and finished; all others get old/ back. All flips come before the first finish, so that the evidence is still
// there. Both ways are idempotent, and an error before the commit runs the same code at once.
//
// Why this is all there is: a file that is new dangles until the flip, which readers see as missing, so a fresh PKI
// needs no second protocol (building beside and renaming the directory), and one that cannot be renamed (a mount
// point) is no special case. Kubeconfigs go the same way, so that they change together too.
// .pkigen-txn, old/ and new/ are 0711, not 0700: readers other than root (a rootless control plane) must get through;
// the modes of the files protect the keys, and names cannot be listed.

/// ReadBack gives what a path will hold after the commit, read from the disk: staged bytes for what is being written,
/// nothing for what is being removed, the live file for what is not touched. A `secret` with another name counts as
/// missing and is not read. Throws Error(io).
using ReadBack = std::function<std::optional<SecretString>(const std::filesystem::path& path, bool secret)>;
/// Verify is called once between staging and commit; an exception from it undoes everything and passes through.
using Verify = std::function<void(const ReadBack& read_back)>;

/// write_transaction writes `files` and removes `removals`, all or nothing. Paths are absolute, each directly in one of
/// roots(layout), none twice. Missing roots are made. A replaced file keeps its owner (for root) and those bits of
/// its mode that are stricter. Files that stand on disk exactly so are left alone. The caller holds the lock and has
/// called `recover`. Throws Error(io), Error(mismatch) and what `verify` throws; then nothing has changed, or (the hint
/// says so) the commit is done and the next `recover` ends it. A removal of what is not there is none.
CommitResult write_transaction(const Layout& layout, std::span<const File> files,
                               std::span<const std::filesystem::path> removals, const CommitOptions& options,
                               const Verify& verify = {}, const Hooks& hooks = no_hooks);

/// recover ends what a killed writer left, in all roots, and gives a note for each; also removes half made backups.
/// Nothing to do is the normal case. The caller holds the lock. Throws Error(io), Error(malformed) for a damaged
/// journal, Error(locked) when another PKI's transaction uses the same kubeconfig directory right now.
std::vector<Finding> recover(const Layout& layout, const Hooks& hooks = no_hooks);

/// find_unfinished says which roots hold an unfinished transaction; changes nothing and throws nothing but bad_alloc.
/// It cannot tell a killed writer from one that is at work.
[[nodiscard]] std::vector<Finding> find_unfinished(const Layout& layout);

/// state_of is another text after each step of a transaction that changes what readers see. What was read between two
/// equal ones belongs together. It throws nothing but bad_alloc.
[[nodiscard]] std::string state_of(const Layout& layout);

}  // namespace pki::disk
