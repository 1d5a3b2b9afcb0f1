#include <pki/inventory.hpp>
#include <pki/pending.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <thread>

#include "disk/path.hpp"
#include "disk/transaction.hpp"
#include "disk/unmanaged_files.hpp"
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

  [[nodiscard]] bool has_certificates_dir() const noexcept { return certificates_.has_value(); }

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

// Follows symbolic links: the files that others maintain may be anywhere.
disk::UnmanagedFile read_outside(const std::filesystem::path& path) {
  disk::UnmanagedFile result;
  const auto take = [&](const disk::UnmanagedFile& file) {
    result = file;
    return true;
  };
  disk::UnmanagedFiles(take, {.file_size = disk::certificate_limit}).read_reference(path);
  return result;
}

std::optional<ExternalEtcd> external_etcd(const ClusterConfig* config, const std::optional<ConfigFile>& saved) {
  if (config != nullptr) return config->external_etcd;
  return saved && saved->problems.empty() ? saved->config.external_etcd : std::nullopt;
}

Inventory read_all(const Layout& layout, const verbs::LoadRequest& request) {
  const DiskReader reader(layout, request.hooks);
  auto saved = read_saved_config(layout, reader);
  auto inventory = verbs::assemble(layout, std::cref(reader), request.check, request.catalog,
                                   {read_outside, external_etcd(request.config, saved)});
  inventory.certificates_dir_exists = reader.has_certificates_dir();
  inventory.saved_config = std::move(saved);
  inventory.notes = disk::find_unfinished(layout);
  std::ranges::move(pending_notes(layout), std::back_inserter(inventory.notes));
  make_plain(inventory.notes);
  return inventory;
}

}  // namespace

std::optional<ConfigFile> load_saved_config(const Layout& layout) {
  return read_saved_config(layout, DiskReader(layout));
}

Inventory load(const Layout& layout, KeyCheck check, const Catalog& catalog, const ClusterConfig* config) {
  return verbs::load(layout, {check, catalog, config, disk::no_hooks});
}

}  // namespace pki::inline PKI_ABI

namespace pki::verbs {

Inventory load(const Layout& layout, const LoadRequest& request) {
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
