// SPDX-License-Identifier: Apache-2.0
#include <pki/pending.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/words.hpp"
#include "disk/state.hpp"
#include "verbs/roll_out.hpp"

namespace pki::inline PKI_ABI {

namespace {

struct Record {
  PendingWork work;
  Rule rule;
  Remedy::Kind remedy;
  const char* file;
  std::string_view note;
};

constexpr Record records[]{
    {PendingWork::deploy_hooks, Rule::hooks_pending, Remedy::Kind::run_hooks, "deploy-pending",
     "renewed, but the deploy hooks have not all succeeded since: "},
    {PendingWork::restarts, Rule::restart_pending, Remedy::Kind::restart, verbs::restart_pending,
     "renewed, but the processes that use them were not restarted since: "},
};

const char* file_of(PendingWork work) { return std::ranges::find(records, work, &Record::work)->file; }

using Names = std::vector<std::string>;

// Names of rows, and after them the absolute paths of directories.
std::pair<Names, Names> split(Names entries) {
  const auto is_row = [](const std::string& entry) { return !entry.starts_with('/'); };
  const auto first = std::stable_partition(entries.begin(), entries.end(), is_row);
  Names directories(first, entries.end());
  entries.erase(first, entries.end());
  return {std::move(entries), std::move(directories)};
}

void note_rows(const Layout& layout, const Record& record, std::vector<Finding>& notes) {
  auto state = disk::read_state(layout, record.file);
  if (state.problem) notes.push_back(std::move(*state.problem));
  auto [rows, directories] = split(std::move(state.entries));
  if (rows.empty()) return;
  const auto names = base::join(rows);
  notes.push_back({record.rule,
                   Severity::error,
                   disk::state_path(layout, record.file).string(),
                   std::string(record.note) + names,
                   {},
                   {record.remedy, std::move(rows), std::move(directories)}});
}

}  // namespace

std::vector<const CatalogRow*> read_pending(const Layout& layout, PendingWork work, const Catalog& catalog) {
  std::vector<const CatalogRow*> rows;
  for (const auto& name : disk::read_state(layout, file_of(work)).entries) {
    const auto* row = catalog.try_find_row(name);
    if (row != nullptr && std::ranges::find(rows, row) == rows.end()) rows.push_back(row);
  }
  return rows;
}

void add_pending(const Lock& lock, PendingWork work, std::span<const CatalogRow* const> rows,
                 const std::filesystem::path& manifests_dir) {
  auto entries = disk::read_state(lock.layout(), file_of(work)).entries;
  const auto add = [&](std::string entry) {
    if (std::ranges::find(entries, entry) == entries.end()) entries.push_back(std::move(entry));
  };
  for (const auto* row : rows)
    add(std::string(row->name));
  if (!manifests_dir.empty()) add(manifests_dir.string());
  disk::write_state(lock.layout(), file_of(work), entries);
}

void clear_pending(const Lock& lock, PendingWork work) { disk::write_state(lock.layout(), file_of(work), {}); }

std::vector<Finding> pending_notes(const Layout& layout) {
  std::vector<Finding> notes;
  for (const auto& record : records)
    note_rows(layout, record, notes);
  const auto away = disk::read_state(layout, verbs::manifests_away);
  if (away.problem) notes.push_back(*away.problem);
  for (const auto& manifest : away.entries)
    notes.push_back({Rule::manifest_away,
                     Severity::error,
                     manifest,
                     "moved away by a restart that has not ended, or was killed",
                     {},
                     {Remedy::Kind::recover, {}, {layout.certificates_dir.string()}}});
  make_plain(notes);
  return notes;
}

}  // namespace pki::inline PKI_ABI
