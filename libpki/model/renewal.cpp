// SPDX-License-Identifier: Apache-2.0
#include <pki/renewal.hpp>

#include <algorithm>
#include <set>

namespace pki::inline PKI_ABI {

RequiredRestarts required_restarts(std::span<const CatalogRow* const> rows) {
  std::set<std::string_view> restart;
  std::set<std::string_view> reload;
  for (const auto* row : rows)
    for (const auto& consumer : row->consumers)
      (consumer.reload_mode == ReloadMode::restart ? restart : reload).insert(consumer.process);
  RequiredRestarts restarts{{restart.begin(), restart.end()}, {}};
  std::ranges::set_difference(reload, restart, std::back_inserter(restarts.reload));
  return restarts;
}

std::vector<const CatalogRow*> renewed_rows(const Plan& plan) {
  std::vector<const CatalogRow*> rows;
  for (const auto& step : plan.steps)
    if (step.action() == Action::renew) rows.push_back(step.row);
  return rows;
}

}  // namespace pki::inline PKI_ABI
