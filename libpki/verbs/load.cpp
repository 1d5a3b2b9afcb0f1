#include <pki/inventory.hpp>
#include <pki/pending.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <thread>

#include "disk/path.hpp"
#include "disk/transaction.hpp"
#include "verbs/assemble.hpp"
#include "verbs/load.hpp"

namespace pki::inline PKI_ABI {

namespace {

// Reads below two directories that may not exist; all files of a directory that does not exist are missing.
class DiskReader {
 public:
  explicit DiskReader(const Layout& layout, const disk::Hooks& hooks = disk::no_hooks)
      : layout_(layout),
        certificates_(disk::Directory::open(layout.certificates_dir, hooks)),
        kubeconfigs_(disk::Directory::open(layout.kubeconfig_dir, hooks)) {}

  [[nodiscard]] disk::Found operator()(const std::filesystem::path& path, const disk::ReadRules& rules) const {
    const bool kubeconfig = path.parent_path() == layout_.kubeconfig_dir;
    const auto& root = kubeconfig ? kubeconfigs_ : certificates_;
    if (!root) return {};
    return disk::read_file(*root, path.lexically_relative(root->path()).string(), rules);
  }

 private:
  const Layout& layout_;
  std::optional<disk::Directory> certificates_;
  std::optional<disk::Directory> kubeconfigs_;
};

std::optional<ConfigFile> read_saved_config(const Layout& layout, const DiskReader& read) {
  const auto path = layout.saved_config();
  const auto found = read(path, {.max_size = disk::config_limit, .secret = false});
  if (!found.exists) return std::nullopt;
  ConfigFile file;
  if (found.problem)
    file.problems.push_back(*found.problem);
  else
    file = parse_config({found.content.data(), found.content.size()}, path.string());
  file.config.layout.kubeconfig_dir = layout.kubeconfig_dir;
  return file;
}

Inventory read_all(const Layout& layout, KeyCheck check, const Catalog& catalog, const disk::Hooks& hooks) {
  const DiskReader reader(layout, hooks);
  auto inventory = verbs::assemble(layout, std::cref(reader), check, catalog);
  inventory.saved_config = read_saved_config(layout, reader);
  inventory.notes = disk::find_unfinished(layout);
  std::ranges::move(pending_notes(layout), std::back_inserter(inventory.notes));
  make_plain(inventory.notes);
  return inventory;
}

}  // namespace

std::optional<ConfigFile> load_saved_config(const Layout& layout) {
  return read_saved_config(layout, DiskReader(layout));
}

Inventory load(const Layout& layout, KeyCheck check, const Catalog& catalog) {
  return verbs::load(layout, check, catalog, disk::no_hooks);
}

}  // namespace pki::inline PKI_ABI

namespace pki::verbs {

Inventory load(const Layout& layout, KeyCheck check, const Catalog& catalog, const disk::Hooks& hooks) {
  // At every instant each key on disk matches its certificate, but the two are read at different instants. The number
  // of retries is limited because a writer may never pause.
  for (int more = 100;; --more) {
    const auto before = disk::state_of(layout);
    auto inventory = read_all(layout, check, catalog, hooks);
    if (more == 0 || disk::state_of(layout) == before) return inventory;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

}  // namespace pki::verbs
