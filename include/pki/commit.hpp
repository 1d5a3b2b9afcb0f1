// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <pki/abi.hpp>
#include <pki/bundle.hpp>
#include <pki/config.hpp>
#include <pki/error.hpp>

namespace pki::inline PKI_ABI {

/// Lock excludes all other writers of one PKI during its lifetime. It is a kernel lock on a file that is never deleted,
/// so it ends with the process, however that ends.
class PKI_EXPORT Lock {
 public:
  /// Takes the lock over; the other one can only be destroyed or assigned to.
  Lock(Lock&&) noexcept;
  /// Releases the lock that this one holds, and takes the other over.
  Lock& operator=(Lock&&) noexcept;
  /// Releases the lock.
  ~Lock();

  /// Returns the directories of the PKI that is locked.
  [[nodiscard]] const Layout& layout() const noexcept;
  /// Returns a note for each thing that `lock` found unfinished: how it was completed, or why it could not be.
  [[nodiscard]] const std::vector<Finding>& recovered() const noexcept;

 private:
  friend Lock lock(const Layout&, std::chrono::milliseconds);
  struct State;
  explicit Lock(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

/// lock waits up to `timeout` for the lock of a PKI, then finishes or undoes the work of a killed writer. Acquire it
/// before `load`, so that a plan is still valid at `commit`. Missing parents of the PKI directory are made (0755).
/// Throws Error(locked) after the timeout, Error(io) otherwise.
PKI_EXPORT [[nodiscard]] Lock lock(const Layout& layout, std::chrono::milliseconds timeout = std::chrono::seconds{10});

/// Returns the notes of `Lock::recovered` as a versioned JSON object of the kind Recovery.
PKI_EXPORT [[nodiscard]] std::string recovered_to_json(const std::vector<Finding>& recovered);

/// Throws one Error(io) with everything about the directories of what `plan` makes that `commit` would refuse: symbolic
/// links in place of a directory, and directories in which another user could replace what is written. Call it before
/// hooks and other work that is in vain then.
PKI_EXPORT void check_writable(const Plan& plan);

/// CommitOptions says how a set of files is written.
struct CommitOptions {
  std::string command{"commit"};   ///< names the backup
  std::chrono::sys_seconds now{};  ///< names the backup
  std::size_t keep_backups{5};     ///< the newest ones to keep; 0 makes none and removes none
};

/// CommitResult reports what a commit did.
struct [[nodiscard]] CommitResult {
  std::size_t changed{0};  ///< files written or removed; a file that already was on disk exactly so does not count
  std::vector<std::filesystem::path> written{};  ///< the files that are new or have a new content, owner or mode
  std::vector<std::filesystem::path> removed{};  ///< by an undo; `commit` removes nothing
  std::string backup{};          ///< id of the backup; empty when nothing was replaced, or no backup was wanted
  std::vector<Finding> notes{};  ///< failures that leave the commit in force: old backups that cannot be removed
};

/// commit writes a bundle as one transaction per directory tree: at every instant each file is whole, each key
/// matches its certificate, and the PKI directory is entirely old or entirely new. Staged files are read back and
/// verified before the first one is visible; replaced files are copied to a backup first. On an exception nothing
/// has changed, or the next `lock` finishes it. Throws Error(io), Error(mismatch).
PKI_EXPORT CommitResult commit(const Bundle& bundle, const Lock& lock, const CommitOptions& options);

}  // namespace pki::inline PKI_ABI
