// SPDX-License-Identifier: Apache-2.0
#include <pki/kubeconfig.hpp>
#include <pki/report.hpp>

#include "disk/file.hpp"

namespace pki::inline PKI_ABI {

void save_kubeconfig(const std::filesystem::path& path, const SecretString& text) {
  disk::write_atomically(path, 0600, {text.data(), text.size()});
}

void save_report(const std::filesystem::path& path, std::string_view text) { disk::write_atomically(path, 0644, text); }

}  // namespace pki::inline PKI_ABI
