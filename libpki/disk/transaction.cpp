// SPDX-License-Identifier: Apache-2.0
#include "disk/transaction.hpp"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "disk/backup.hpp"
#include "disk/journal.hpp"
#include "disk/lock.hpp"
#include "disk/places.hpp"

namespace pki::disk {

namespace fs = std::filesystem;

namespace {

using Removals = std::span<const fs::path>;
constexpr ReadRules any_file{.max_size = kubeconfig_limit, .secret = false, .may_be_empty = true};

Change place(const std::vector<Root>& all, const fs::path& given) {
  const auto path = clean(given);
  for (const auto& root : all)
    if (path.parent_path() == root.path && valid_name(path.filename().string())) {
      Change change;
      change.root = root;
      change.name = path.filename();
      return change;
    }
  throw Error(Errc::mismatch, path.string(), "is not directly in a directory of this PKI");
}

// Returns the changes ordered by root: the order in which every phase works. `ownerships` are those of the files where
// they do not keep that of the files that they replace.
std::vector<Change> plan_changes(const std::vector<Root>& all, std::span<const File> files, Removals removals,
                                 std::span<const Ownership> ownerships = {}) {
  std::vector<Change> unordered;
  for (const auto& path : removals)
    unordered.push_back(place(all, path));
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& file = files[i];
    unordered.push_back(place(all, file.path));
    auto& change = unordered.back();
    change.content = &file.content;
    change.wanted_mode = change.ownership.mode = file.mode & 0777U;
    if (!ownerships.empty()) change.restored = ownerships[i];
    if (file.content.size() > kubeconfig_limit)
      throw Error(Errc::mismatch, file.path.string(), "is too large to write");
  }
  std::set<fs::path> seen;
  for (const auto& change : unordered)
    if (!seen.insert(change.path()).second)
      throw Error(Errc::mismatch, change.path().string(), "is to be written twice");
  std::vector<Change> changes;
  for (const auto& root : all)
    for (auto& change : unordered)
      if (change.root.key == root.key) changes.push_back(std::move(change));
  return changes;
}

// Only root can make a file that belongs to somebody else, and what the kernel does by itself is not asked for.
void fit_to_caller(Ownership& ownership) {
  if (::geteuid() == 0) return;
  ownership.uid.reset();
  if (ownership.gid == ::getegid()) ownership.gid.reset();
}

void check_owner(const Change& change, const std::optional<uid_t>& owner) {
  if (::geteuid() == 0 || !owner || *owner == ::geteuid()) return;
  throw Error(Errc::io, change.path().string(),
              fmt::format("belongs to user {}, and only root can write a file that does", *owner),
              "run the command as root");
}

Ownership ownership_of(const Found& found) { return {found.mode & 0777U, found.uid, found.gid, found.attributes}; }

// A restored file is as it was; what an older backup does not know is as it is now.
Ownership restored_over(const Change& change, const Found& found) {
  auto ownership = *change.restored;
  if (found.exists && !ownership.attributes) ownership.attributes = found.attributes;
  return ownership;
}

// Fills in the present file. Returns false when nothing needs to be done for this change.
bool compare_with_disk(const std::optional<Directory>& root, Change& change) {
  auto rules = any_file;
  rules.attributes = true;
  // A secret with a further name may belong to anybody.
  rules.one_name = change.content != nullptr && (change.wanted_mode & 077U) == 0;
  auto found = root ? read_file(*root, change.name, rules) : Found{};
  if (found.problem) throw Error(Errc::io, *found.problem);
  change.existed = found.exists;
  if (found.exists) change.old_ownership = ownership_of(found);
  check_owner(change, change.old_ownership.uid);
  if (change.restored) {
    check_owner(change, change.restored->uid);
    change.ownership = restored_over(change, found);
  } else if (found.exists) {
    change.ownership = change.old_ownership;
  }
  fit_to_caller(change.ownership);
  fit_to_caller(change.old_ownership);
  if (!found.exists) return change.content != nullptr;
  change.old_content = std::move(found.content);
  return change.content == nullptr || *change.content != change.old_content || change.ownership != change.old_ownership;
}

class Transaction {
 public:
  Transaction(const Layout& layout, std::vector<Change> changes, const CommitOptions& options,
              std::optional<FileLock> guard, const Hooks& hooks)
      : layout_(layout), changes_(std::move(changes)), options_(options), guard_(std::move(guard)), hooks_(hooks) {}

  CommitResult run(const Verify& verify) {
    for (const auto& root : touched_roots())
      check_free(root);
    try {
      stage_all();
      if (verify) verify([this](const fs::path& path, bool secret) { return read_back(path, secret); });
      back_up();
      commit();
    } catch (const Error& error) {
      if (!give_up()) throw;
      throw Error(error.code(), error.subject(), error.message(),
                  "the new files are in place; the next command that writes removes what is left of the old ones");
    } catch (...) {
      (void)give_up();
      throw;
    }
    return written();
  }

 private:
  [[nodiscard]] std::set<std::string> keys() const {
    std::set<std::string> keys;
    for (const auto& change : changes_)
      keys.insert(change.root.key);
    return keys;
  }

  [[nodiscard]] std::vector<Root> touched_roots() const {
    auto all = roots(layout_);
    const auto wanted = keys();
    std::erase_if(all, [&](const Root& root) { return !wanted.contains(root.key); });
    return all;
  }

  void check_free(const Root& root) const {
    const auto directory = Directory::open(root.path, hooks_);
    if (directory && directory->at(std::string(transaction_name)))
      throw Error(Errc::io, root.path.string(), "holds an unfinished write", "run the command again");
  }

  void stage_all() {
    const auto id = transaction_id(changes_);
    Unsynced files;
    for (const auto& root : touched_roots()) {
      auto directory = Directory::open_for_writing(root.path, &made_, hooks_);
      if (root.key == "kubeconfig" && !guard_)
        guard_ = FileLock::acquire_file(guard_path(root.path), std::chrono::seconds(10), hooks_);
      journals_.push_back(stage(std::move(directory), root.key, id, changes_, files));
    }
    files.sync();
    for (const auto& journal : journals_)
      seal(journal);
  }

  [[nodiscard]] std::optional<SecretString> read_back(const fs::path& given, bool secret) const {
    const auto path = clean(given);
    for (const auto& change : changes_) {
      if (change.path() != path) continue;
      if (change.content == nullptr) return std::nullopt;
      const auto journal = std::find_if(journals_.begin(), journals_.end(),
                                        [&](const Journal& each) { return each.root_key == change.root.key; });
      return content_of(journal->directory, "new/" + change.name, true);
    }
    // A directory that is a link counts as missing, as its files do.
    std::error_code none;
    if (fs::is_symlink(path.parent_path(), none)) return std::nullopt;
    const auto parent = Directory::open(path.parent_path(), hooks_);
    return parent ? content_of(*parent, path.filename(), secret) : std::nullopt;
  }

  static std::optional<SecretString> content_of(const Directory& directory, const std::string& name, bool one_name) {
    auto rules = any_file;
    rules.one_name = one_name;
    auto found = read_file(directory, name, rules);
    if (one_name && found.links > 1) return std::nullopt;
    if (found.problem && found.problem->rule != Rule::io && found.problem->rule != Rule::file_unreadable)
      return std::nullopt;
    if (found.problem) throw Error(Errc::io, *found.problem);
    return found.exists ? std::optional(std::move(found.content)) : std::nullopt;
  }

  void back_up() {
    std::vector<Original> originals;
    for (const auto& change : changes_)
      originals.push_back(
          {change.root.key, change.name, change.existed, change.old_ownership.mode,
           change.old_ownership.uid.value_or(::geteuid()), change.old_ownership.gid.value_or(::getegid()),
           change.existed ? &change.old_content : nullptr, change.old_ownership.attributes.value_or(Attributes())});
    const bool replaces = std::any_of(originals.begin(), originals.end(), [](const auto& one) { return one.existed; });
    if (options_.keep_backups > 0 && replaces)
      backup_ = make_backup(layout_, originals, options_.command, options_.now, hooks_);
  }

  void commit() {
    for (const auto& journal : journals_)
      link(journal);
    for (auto& journal : journals_)
      flip(journal);
    for (const auto& journal : journals_)
      (void)finish(journal, Check::no);
    for (const auto& journal : journals_)
      remove(journal);
  }

  // Undoes everything, or, once a root is committed, completes the others, as recovery does. The next recovery does
  // whatever fails here for the same reason as before. Returns whether the transaction is committed.
  bool give_up() noexcept {
    const bool committed =
        std::any_of(journals_.begin(), journals_.end(), [](const Journal& journal) { return journal.flipped; });
    try {
      (void)end_all(layout_, guard_.has_value(), hooks_);
      if (committed) return true;
      if (!backup_.empty()) drop_backup(layout_, backup_, hooks_);
      (void)sweep_backups(layout_, hooks_);
    } catch (...) {
      return committed;
    }
    for (auto path = made_.rbegin(); path != made_.rend(); ++path)
      (void)::rmdir(path->c_str());
    return false;
  }

  // A failure to remove old backups does not make the commit fail: the new files are in place.
  [[nodiscard]] CommitResult written() const {
    CommitResult result;
    result.changed = changes_.size();
    result.backup = backup_;
    for (const auto& change : changes_)
      (change.content != nullptr ? result.written : result.removed).push_back(change.path());
    for (const auto& journal : journals_)
      result.notes.insert(result.notes.end(), journal.notes.begin(), journal.notes.end());
    try {
      if (options_.keep_backups > 0)
        std::ranges::move(prune_backups(layout_, options_.keep_backups, hooks_), std::back_inserter(result.notes));
    } catch (const Error& error) {
      result.notes.push_back(error.finding());
      result.notes.back().severity = Severity::warning;
    }
    return result;
  }

  const Layout& layout_;
  std::vector<Change> changes_;
  const CommitOptions& options_;
  std::optional<FileLock> guard_;
  const Hooks& hooks_;
  std::vector<fs::path> made_;
  std::vector<Journal> journals_;
  std::string backup_;
};

// Drops the changes that are on disk already. Throws one Error for all files that cannot be replaced. A root in which
// nothing changes is not opened: it may be a link, which is in the way of its own files alone.
void drop_unchanged(const std::vector<Root>& all, std::vector<Change>& changes, const Hooks& hooks) {
  std::vector<Finding> problems;
  for (const auto& root : all) {
    if (std::ranges::none_of(changes, [&](const Change& change) { return change.root.key == root.key; })) continue;
    const auto directory = Directory::open(root.path, hooks);
    std::erase_if(changes, [&](Change& change) {
      if (change.root.key != root.key) return false;
      try {
        return !compare_with_disk(directory, change);
      } catch (const Error& error) {
        problems.push_back(error.finding());
        return false;
      }
    });
  }
  if (!problems.empty()) throw Error(Errc::io, std::move(problems));
}

// The directory of the certificates holds the backups, too.
void refuse_unsafe_roots(const Layout& layout, const std::vector<Change>& changes, const CommitOptions& options) {
  std::vector<fs::path> needed;
  for (const auto& change : changes)
    if (needed.empty() || needed.back() != change.root.path) needed.push_back(change.root.path);
  if (options.keep_backups > 0 && !needed.empty()) needed.push_back(certificates_dir(layout));
  refuse_unsafe(layout, needed);
}

CommitResult carry_out(const Layout& layout, std::vector<Change> changes, const CommitOptions& options,
                       const Verify& verify, const Hooks& hooks) {
  const auto all = roots(layout);
  refuse_unsafe_roots(layout, changes, options);
  drop_unchanged(all, changes, hooks);
  std::optional<FileLock> guard;
  const bool shared = !changes.empty() && changes.back().root.key == "kubeconfig";
  if (shared && Directory::open(changes.back().root.path)) {
    // Another PKI may use this directory under its own lock, so its files are reliable only from here on.
    guard = FileLock::acquire_file(guard_path(changes.back().root.path), std::chrono::seconds(10), hooks);
    drop_unchanged(all, changes, hooks);
  }
  if (changes.empty()) return {};
  return Transaction(layout, std::move(changes), options, std::move(guard), hooks).run(verify);
}

}  // namespace

CommitResult write_transaction(const Layout& layout, std::span<const File> files, Removals removals,
                               const CommitOptions& options, const Verify& verify, const Hooks& hooks) {
  return carry_out(layout, plan_changes(roots(layout), files, removals), options, verify, hooks);
}

CommitResult restore_transaction(const Layout& layout, const Restore& restore, const CommitOptions& options,
                                 const Hooks& hooks) {
  auto changes = plan_changes(roots(layout), restore.files, restore.removals, restore.ownerships);
  return carry_out(layout, std::move(changes), options, {}, hooks);
}

}  // namespace pki::disk
