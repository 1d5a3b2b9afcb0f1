// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include <fmt/format.h>

#include "disk/backup.hpp"
#include "disk/journal.hpp"
#include "disk/lock.hpp"
#include "disk/places.hpp"
#include "disk/transaction.hpp"

namespace pki::disk {

namespace fs = std::filesystem;

namespace {

bool holds_journal(const fs::path& root) {
  struct stat status {};
  const auto path = root / transaction_name;
  if (::lstat(path.c_str(), &status) == 0) return true;
  if (errno != ENOENT && errno != ENOTDIR) throw io_error(path, "cannot read", errno);
  return false;
}

std::vector<Journal> open_journals(const Layout& layout, const std::vector<Root>& all, const Hooks& hooks) {
  std::vector<fs::path> unfinished;
  for (const auto& root : all)
    if (holds_journal(root.path)) unfinished.push_back(root.path);
  refuse_unsafe(layout, unfinished);
  std::vector<Journal> journals;
  for (const auto& root : all) {
    if (!holds_journal(root.path)) continue;
    if (auto journal = open_journal(Directory::open_for_writing(root.path, nullptr, hooks), root.key))
      journals.push_back(std::move(*journal));
  }
  return journals;
}

// Returns whether a root must be finished: it is committed, or its transaction is committed in another root. In the
// second case the transaction was staged and linked in every root, because all flips come later.
bool forward(const Journal& journal, const std::vector<Journal>& all) {
  return !journal.id.empty() && std::any_of(all.begin(), all.end(), [&](const Journal& other) {
    return other.flipped && other.id == journal.id;
  });
}

// A flip made by another process may not be durable, and the first finish relies on it. A further sync proves nothing
// after one that has failed, so the flip is repeated.
void flip_again(Journal& journal) {
  const auto& directory = journal.directory;
  if (!can_flip(journal)) {
    directory.make_symlink("new", "next");
    directory.sync();
  }
  flip(journal);
}

Finding note(const Journal& journal, bool done, std::size_t links) {
  const auto* message = links == 0 ? "the remains of an interrupted write were removed"
                        : done     ? "an interrupted write was finished: the new files are in place"
                                   : "an interrupted write was undone: the old files are in place";
  return {Rule::write_recovered, Severity::info, journal.root.path().string(), message};
}

}  // namespace

std::vector<Finding> end_all(const Layout& layout, bool guarded, const Hooks& hooks) {
  const auto all = roots(layout);
  std::optional<FileLock> guard;
  if (!guarded && all.back().key == "kubeconfig" && holds_journal(all.back().path))
    guard = FileLock::acquire_file(guard_path(all.back().path), std::chrono::seconds(10), hooks);
  auto journals = open_journals(layout, all, hooks);
  std::vector<bool> done;
  done.reserve(journals.size());
  for (const auto& journal : journals)
    done.push_back(forward(journal, journals));
  for (std::size_t i = 0; i < journals.size(); ++i)
    if (done[i]) flip_again(journals[i]);
  std::vector<Finding> notes;
  for (std::size_t i = 0; i < journals.size(); ++i) {
    const auto links = done[i] ? finish(journals[i], Check::digests) : undo(journals[i], Check::digests);
    notes.push_back(note(journals[i], done[i], links));
  }
  for (const auto& journal : journals)
    remove(journal);
  return notes;
}

std::vector<Finding> recover(const Layout& layout, const Hooks& hooks) {
  auto notes = end_all(layout, false, hooks);
  std::ranges::move(sweep_backups(layout, hooks), std::back_inserter(notes));
  return notes;
}

std::vector<Finding> find_unfinished(const Layout& layout) try {
  std::vector<Finding> found;
  for (const auto& root : roots(layout))
    if (holds_journal(root.path))
      found.push_back({Rule::write_unfinished,
                       Severity::warning,
                       root.path.string(),
                       "a write is not finished, or in progress: each file is whole, old or new",
                       {},
                       {Remedy::Kind::recover, {}, {layout.certificates_dir.string()}}});
  return found;
} catch (const Error&) {
  return {};  // an invalid path holds nothing
}

std::string state_of(const Layout& layout) try {
  std::string state;
  const auto add = [&](const struct stat& status) {
    state += fmt::format("{}:{}:{}.{} ", status.st_dev, status.st_ino, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
  };
  for (const auto& root : roots(layout)) {
    const auto directory = Directory::open(root.path, no_hooks, Links::follow);
    struct stat status {};
    if (!directory || ::fstat(directory->fd(), &status) != 0) continue;
    add(status);
    const std::string name(transaction_name);
    if (::fstatat(directory->fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(status.st_mode))
      continue;
    add(status);
    state += link_target(directory->fd(), name + "/cur") + " ";  // times are coarse, and a flip follows soon
  }
  return state;
} catch (const Error&) {
  return {};  // reading the files reports it
}

}  // namespace pki::disk
