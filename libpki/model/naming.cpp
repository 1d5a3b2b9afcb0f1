// SPDX-License-Identifier: Apache-2.0
#include <pki/naming.hpp>

#include "model/identity.hpp"

namespace pki::inline PKI_ABI {

namespace {

bool has_name_under(Naming naming, const Entry& entry, const ValidConfig& config) {
  const auto names = model::expand(entry.row->common_name.under(naming), *entry.row, config);
  return names.front() == entry.certificate()->common_name;
}

/// Votes counts the certificates that have the name of one naming and not of the other.
class Votes {
 public:
  void add(const Entry& entry, const ValidConfig& config) {
    const bool recommended = has_name_under(Naming::recommended, entry, config);
    const bool kubeadm = has_name_under(Naming::kubeadm, entry, config);
    if (recommended != kubeadm) ++(recommended ? recommended_ : kubeadm_);
  }

  [[nodiscard]] bool empty() const { return recommended_ + kubeadm_ == 0; }

  [[nodiscard]] std::optional<Naming> unanimous() const {
    if (empty() || (recommended_ != 0 && kubeadm_ != 0)) return std::nullopt;
    return kubeadm_ != 0 ? Naming::kubeadm : Naming::recommended;
  }

 private:
  int recommended_{0};
  int kubeadm_{0};
};

}  // namespace

std::optional<Naming> naming_of(const Inventory& inventory, const ValidConfig& config) {
  Votes leaves;
  Votes authorities;
  for (const auto& entry : inventory.entries)
    if (entry.certificate() != nullptr) (entry.row->is_ca() ? authorities : leaves).add(entry, config);
  // A CA is older than what it signs, and may come from elsewhere.
  return (leaves.empty() ? authorities : leaves).unanimous();
}

}  // namespace pki::inline PKI_ABI
