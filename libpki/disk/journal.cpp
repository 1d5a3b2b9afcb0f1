// SPDX-License-Identifier: Apache-2.0
#include "disk/journal.hpp"

#include <cerrno>
#include <utility>

#include "base/digest.hpp"

namespace pki::disk {

namespace fs = std::filesystem;

namespace {

const std::string txn{transaction_name};

JournalEntry entry_of(const Change& change) {
  return {change.name, change.existed ? base::sha256_hex(change.old_content) : "",
          change.content != nullptr ? base::sha256_hex(*change.content) : ""};
}

Error damaged_at(const fs::path& path, std::string_view what) { return damaged(path.string(), what); }

void write_manifest(const Journal& journal) {
  const auto& directory = journal.directory;
  replace_file(directory, "manifest", "manifest.new", {.mode = 0600, .uid = {}, .gid = {}},
               to_manifest({journal.id, journal.entries}));
}

// Like link_target, but throws when the link cannot be read: the journal may hold the only copy of the file.
std::string target_of(const Directory& directory, const std::string& name) {
  auto target = link_target(directory.fd(), name);
  if (target.empty() && errno != ENOENT && errno != EINVAL)
    throw io_error(directory.path() / name, "cannot read link", errno);
  return target;
}

// Moves one file of the journal over its link, or removes the link. Returns false when the name is no longer a link of
// this journal: the file was restored before the interruption.
bool restore_entry(const Journal& journal, const std::string& name, const std::string& from, const std::string& sha,
                   Check check) {
  if (target_of(journal.root, name) != transient_target(name)) return false;
  if (sha.empty()) return journal.root.remove(name);
  if (check == Check::digests) {
    const auto found = read_file(journal.directory, from + "/" + name,
                                 {.max_size = kubeconfig_limit, .may_be_empty = true, .one_name = true});
    if (found.problem) throw Error(Errc::io, *found.problem);
    if (!found.exists || base::sha256_hex(found.content) != sha)
      throw damaged_at(journal.directory.path() / from / name, "not the file that the manifest describes");
  }
  const auto source = journal.directory.at(from);
  if (!source) throw damaged_at(journal.directory.path() / from, "missing");
  source->rename(name, journal.root, name);
  return true;
}

void note_refused(Journal& journal, const Change& change, const std::vector<std::string>& labels) {
  for (const auto& label : labels)
    journal.notes.push_back({Rule::label_refused,
                             Severity::warning,
                             change.path().string(),
                             label + " is not kept: the policy of this host refuses it for the new file",
                             {},
                             "label the file again, with restorecon where that is SELinux"});
}

}  // namespace

std::string transaction_id(const std::vector<Change>& changes) {
  std::string text;
  for (const auto& change : changes)
    text += change.root.path.string() + '\n' + to_line(entry_of(change));
  return base::sha256_hex(text);
}

Journal stage(Directory root, const std::string& root_key, const std::string& id, const std::vector<Change>& changes,
              Unsynced& files) {
  if (!make_directory(root.hooks(), root.fd(), txn, 0711, root.path() / txn))
    throw Error(Errc::io, root.path().string(), "holds an unfinished write of another process",
                "run the command again");
  auto directory = root.at(txn);
  if (!directory) throw Error(Errc::io, root.path().string(), "changed during the write", "run the command again");
  Journal journal{std::move(root), root_key, std::move(*directory), id, {}, false, {}};
  const auto olds = journal.directory.make("old", 0711);
  const auto news = journal.directory.make("new", 0711);
  const auto finals = journal.directory.make("fin", 0700);
  const auto links = journal.directory.make("lnk", 0700);
  for (const auto& change : changes) {
    if (change.root.key != root_key) continue;
    const auto& name = change.name;
    if (change.existed) files.write_new(olds, name, change.old_ownership, change.old_content);
    if (change.content != nullptr)
      note_refused(journal, change, files.write_new(news, name, change.ownership, *change.content));
    if (change.existed && change.content != nullptr) files.write_new(finals, name, change.ownership, *change.content);
    links.make_symlink(transient_target(name), name);
    journal.entries.push_back(entry_of(change));
  }
  journal.directory.make_symlink("old", "cur");
  journal.directory.make_symlink("new", "next");
  return journal;
}

void seal(const Journal& journal) {
  for (const auto* part : {"old", "new", "fin", "lnk"})
    if (const auto directory = journal.directory.at(part)) directory->sync();
  write_manifest(journal);
  journal.root.sync();
}

std::optional<Journal> open_journal(Directory root, const std::string& root_key) {
  auto directory = root.at(txn);
  if (!directory) return std::nullopt;
  Journal journal{std::move(root), root_key, std::move(*directory), {}, {}, false, {}};
  journal.flipped = target_of(journal.directory, "cur") == "new";
  const auto found =
      read_file(journal.directory, "manifest", {.max_size = config_limit, .may_be_empty = true, .one_name = true});
  if (found.problem) throw damaged_at(journal.directory.path() / "manifest", found.problem->message);
  if (!found.exists) return journal;
  auto manifest = parse_journal_manifest(found.content, (journal.directory.path() / "manifest").string());
  journal.id = std::move(manifest.id);
  journal.entries = std::move(manifest.entries);
  return journal;
}

bool can_flip(const Journal& journal) { return target_of(journal.directory, "next") == "new"; }

void link(const Journal& journal) {
  const auto links = journal.directory.at("lnk");
  if (!links) throw damaged_at(journal.directory.path() / "lnk", "missing");
  for (const auto& entry : journal.entries)
    links->rename(entry.name, journal.root, entry.name);
  journal.root.sync();
}

void flip(Journal& journal) {
  journal.directory.rename("next", journal.directory, "cur");
  journal.flipped = true;
  journal.directory.sync();
}

std::size_t finish(const Journal& journal, Check check) {
  std::size_t count = 0;
  for (const auto& entry : journal.entries)
    count +=
        restore_entry(journal, entry.name, entry.old_sha256.empty() ? "new" : "fin", entry.new_sha256, check) ? 1U : 0U;
  // Also when all were in place: the process that put them there may have ended before the sync.
  journal.root.sync();
  return count;
}

std::size_t undo(const Journal& journal, Check check) {
  std::size_t count = 0;
  for (const auto& entry : journal.entries)
    count += restore_entry(journal, entry.name, "old", entry.old_sha256, check) ? 1U : 0U;
  if (!journal.id.empty()) journal.root.sync();  // without an id staging did not end, and nothing was linked
  return count;
}

void remove(const Journal& journal) { remove_tree(journal.root, txn); }

fs::path guard_path(const fs::path& kubeconfig_dir) { return kubeconfig_dir / ".pkigen.lock"; }

}  // namespace pki::disk
