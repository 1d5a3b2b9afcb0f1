// SPDX-License-Identifier: Apache-2.0
#include <pki/bundle.hpp>

#include <string>
#include <utility>

#include "model/inventory_check.hpp"
#include "model/role.hpp"

namespace pki::inline PKI_ABI {

namespace {

constexpr unsigned secret_mode = 0600;
constexpr unsigned public_mode = 0644;

[[noreturn]] void refuse(const Entry& entry, Errc code, const std::filesystem::path& path, const char* message) {
  if (has_errors(entry.problems)) throw Error(Errc::malformed, entry.problems);
  throw Error(code, path.string(), message);
}

File key_of(const Entry& entry) {
  const bool of_ca = entry.row->is_ca();
  if (!entry.key)
    refuse(entry, of_ca ? Errc::ca_key_missing : Errc::not_found, entry.key_path,
           of_ca ? "the key of the CA is not here, expected it for the other host"
                 : "missing, expected the key that the hosts of the cluster share");
  return {entry.key_path, secret_mode, entry.key->pem()};
}

File certificate_of(const Entry& entry) {
  if (entry.certificate() == nullptr)
    refuse(entry, Errc::not_found, entry.path, "missing, expected the certificate that the hosts of the cluster share");
  File file{entry.path, public_mode, {}};
  for (const auto& certificate : entry.certificates)
    file.content.append(certificate.pem);
  return file;
}

File kubeconfig_of(const Entry& entry) {
  if (!entry.kubeconfig)
    refuse(entry, Errc::not_found, entry.path, "missing, expected the kubeconfig that the hosts of the cluster share");
  return {entry.path, secret_mode, entry.kubeconfig->text};
}

void add_files(const Entry& entry, bool with_ca_key, std::vector<File>& files) {
  switch (entry.row->form) {
    case Form::kubeconfig:
      files.push_back(kubeconfig_of(entry));
      return;
    case Form::bare_key: {
      files.push_back(key_of(entry));
      const auto& text = entry.key->public_key_pem();
      files.push_back({entry.path, public_mode, {text.begin(), text.end()}});
      return;
    }
    case Form::key_pair:
      files.push_back(certificate_of(entry));
      if (with_ca_key || !entry.row->is_ca()) files.push_back(key_of(entry));
      return;
  }
}

}  // namespace

std::vector<File> shared_files(const Inventory& inventory, CaKeys keys, Role role) {
  model::check_inventory(inventory);
  const auto& saved = inventory.saved_config;
  auto host = model::host_role(saved && saved->problems.empty() ? &saved->config : nullptr, inventory);
  host.role = role;
  const bool with_ca_keys = keys == CaKeys::include && role != Role::worker;
  std::vector<File> files;
  for (const auto& entry : inventory.entries)
    if (entry.row->shared && !entry.external_etcd && host.expects(entry)) add_files(entry, with_ca_keys, files);
  return files;
}

}  // namespace pki::inline PKI_ABI
