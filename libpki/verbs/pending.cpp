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

void note_rows(const Layout& layout, const Record& record, std::vector<Finding>& notes) {
  auto state = disk::read_state(layout, record.file);
  if (state.problem) notes.push_back(std::move(*state.problem));
  if (!state.entries.empty())
    notes.push_back({record.rule,
                     Severity::error,
                     disk::state_path(layout, record.file).string(),
                     std::string(record.note) + base::join(state.entries),
                     {},
                     {record.remedy, state.entries}});
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

void add_pending(const Lock& lock, PendingWork work, std::span<const CatalogRow* const> rows) {
  auto entries = disk::read_state(lock.layout(), file_of(work)).entries;
  for (const auto* row : rows)
    if (std::ranges::find(entries, row->name) == entries.end()) entries.emplace_back(row->name);
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
