#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <pki/bundle.hpp>
#include <pki/config.hpp>
#include <pki/error.hpp>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// Lock keeps every other writer away from one PKI while it lives. It is a kernel lock on a file that is never
/// deleted: it ends with the process, however that ends.
class Lock {
 public:
  Lock(Lock&&) noexcept;
  Lock& operator=(Lock&&) noexcept;
  ~Lock();

  [[nodiscard]] const Layout& layout() const noexcept;
  /// recovered says what taking the lock found unfinished and how it ended it: one note a directory.
  [[nodiscard]] const std::vector<Finding>& recovered() const noexcept;

 private:
  friend Lock lock(const Layout&, std::chrono::milliseconds);
  struct State;
  explicit Lock(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

/// lock waits up to `timeout` for the lock of a PKI, then finishes or undoes what a killed writer left. Take it
/// before `load`, so that what was planned is still true at `commit`. Parents of the PKI directory are made where
/// they are missing (0755). Throws Error(locked) after the time-out, Error(io) otherwise.
[[nodiscard]] Lock lock(const Layout& layout, std::chrono::milliseconds timeout = std::chrono::seconds{10});

/// recovered_to_json writes what was recovered as a versioned object, Recovery.
[[nodiscard]] std::string recovered_to_json(const std::vector<Finding>& recovered);

/// CommitOptions says how a set of files is written.
struct CommitOptions {
  std::string command{"commit"};  ///< names the backup
  std::chrono::sys_seconds now;   ///< names the backup
  std::size_t keep_backups{5};    ///< the newest ones to keep; 0 makes none and removes none
};

/// CommitResult reports what a commit did.
struct [[nodiscard]] CommitResult {
  std::size_t changed{0};      ///< files written or removed; a file that already was on disk exactly so does not count
  std::string backup;          ///< id of the backup; empty when nothing was replaced, or no backup was wanted
  std::vector<Finding> notes;  ///< failures that leave the commit in force: old backups that cannot be removed
};

/// commit writes a bundle as one transaction per directory tree: at every instant each file is whole, each key
/// matches its certificate, and the PKI directory is entirely old or entirely new. Staged files are read back and
/// verified before the first one is visible; replaced files are copied to a backup first. On an exception nothing
/// has changed, or the next `lock` finishes it. Throws Error(io), Error(mismatch).
CommitResult commit(const Bundle& bundle, const Lock& lock, const CommitOptions& options);

}  // namespace pki
#pragma GCC visibility pop
