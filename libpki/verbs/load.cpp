// SPDX-License-Identifier: Apache-2.0
#include <pki/inventory.hpp>
#include <pki/pending.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "disk/path.hpp"
#include "disk/places.hpp"
#include "disk/transaction.hpp"
#include "disk/unmanaged_files.hpp"
#include "verbs/assemble.hpp"
#include "verbs/load.hpp"
#include "verbs/made_rows.hpp"
#include "verbs/requests.hpp"

namespace pki::inline PKI_ABI {

namespace {

// Place is a directory that may not exist, or that this user may not enter.
struct Place {
  std::optional<disk::Directory> directory;
  std::optional<Finding> closed;
};

Place open_place(const std::filesystem::path& path, const disk::Hooks& hooks, Links links) try {
  return {disk::Directory::open(path, hooks, links), std::nullopt};
} catch (const Error& error) {
  if (links == Links::refuse || error.finding().rule != Rule::file_unreadable) throw;
  return {std::nullopt, error.finding()};
}

// Reads below two directories that may not exist; all files of a directory that does not exist are missing.
class DiskReader {
 public:
  DiskReader(const Layout& layout, Links links, const disk::Hooks& hooks = disk::no_hooks)
      : layout_(layout),
        links_(links),
        certificates_(open_place(layout.certificates_dir, hooks, links)),
        kubeconfigs_(open_place(layout.kubeconfig_dir, hooks, links)) {}

  [[nodiscard]] disk::Found operator()(const std::filesystem::path& path, disk::ReadRules rules) const {
    const bool kubeconfig = path.parent_path() == layout_.kubeconfig_dir;
    const auto& place = kubeconfig ? kubeconfigs_ : certificates_;
    if (place.closed) return closed(path, *place.closed);
    if (!place.directory) return {};
    rules.links = links_;
    auto found = disk::read_file(*place.directory, path.lexically_relative(place.directory->path()).string(), rules);
    if (!found.target.empty()) targets_.emplace(path, found.target);
    return found;
  }

  /// Returns a note for each link that was followed: those of directories, then those of files.
  [[nodiscard]] std::vector<Finding> link_notes() const {
    std::vector<Finding> notes;
    if (links_ == Links::refuse) return notes;
    for (const auto& linked : disk::linked_directories(layout_))
      notes.push_back(linked.dangling ? dangling(linked.path, linked.target) : note(linked.path, linked.target));
    for (const auto& [path, target] : targets_)
      notes.push_back(note(path, target));
    return notes;
  }

  [[nodiscard]] bool has_certificates_dir() const noexcept { return certificates_.directory || certificates_.closed; }

 private:
  static disk::Found closed(const std::filesystem::path& path, const Finding& reason) {
    disk::Found found;
    found.exists = true;  // nobody can tell
    found.problem = reason;
    found.problem->subject = path.string();
    return found;
  }

  static Finding note(const std::filesystem::path& path, const std::filesystem::path& target) {
    return {Rule::file_linked, Severity::info, path.string(),
            "is a symbolic link to " + target.string() + ", which was read; nothing is written through a link"};
  }

  static Finding dangling(const std::filesystem::path& path, const std::filesystem::path& target) {
    return {Rule::file_linked, Severity::error, path.string(),
            "is a symbolic link to " + target.string() + ", which does not exist"};
  }

  const Layout& layout_;
  Links links_;
  Place certificates_;
  Place kubeconfigs_;
  mutable std::map<std::filesystem::path, std::filesystem::path> targets_;
};

Inventory read_all(const Layout& layout, const verbs::LoadRequest& request) {
  const DiskReader reader(layout, request.links, request.hooks);
  auto inventory = verbs::assemble_all(layout, {std::cref(reader), verbs::read_outside, request.config}, request.check,
                                       request.catalog);
  inventory.certificates_dir_exists = reader.has_certificates_dir();
  inventory.notes = disk::find_unfinished(layout);
  std::ranges::move(pending_notes(layout), std::back_inserter(inventory.notes));
  std::ranges::move(verbs::notes_on_removed_rows(inventory, std::cref(reader)), std::back_inserter(inventory.notes));
  std::ranges::move(reader.link_notes(), std::back_inserter(inventory.notes));
  verbs::read_pending_requests(inventory);
  make_plain(inventory.notes);
  return inventory;
}

}  // namespace

std::optional<ConfigFile> load_saved_config(const Layout& layout, Links links) {
  const DiskReader reader(layout, links);
  return verbs::read_saved_config(layout, std::cref(reader));
}

Inventory load(const Layout& layout, KeyCheck check, const std::optional<Catalog>& catalog, const ClusterConfig* config,
               Links links) {
  return verbs::load(layout, {check, catalog, config, disk::no_hooks, links});
}

}  // namespace pki::inline PKI_ABI

namespace pki::verbs {

disk::UnmanagedFile read_outside(const std::filesystem::path& path) {
  disk::UnmanagedFile result;
  const auto take = [&](const disk::UnmanagedFile& file) {
    result = file;
    return true;
  };
  disk::UnmanagedFiles(take, {.file_size = outside_limit}).read_reference(path);
  return result;
}

Inventory load(const Layout& layout, const LoadRequest& request) {
  if (request.links == Links::refuse) disk::refuse_linked(layout);
  // At every instant each key on disk matches its certificate, but the two are read at different instants. The number
  // of retries is limited because a writer may never pause.
  for (int more = 100;; --more) {
    const auto before = disk::state_of(layout);
    auto inventory = read_all(layout, request);
    if (more == 0 || disk::state_of(layout) == before) return inventory;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

}  // namespace pki::verbs
