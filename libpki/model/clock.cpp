// SPDX-License-Identifier: Apache-2.0
#include "model/clock.hpp"

#include <string>

#include <fmt/format.h>

#include "base/calendar.hpp"

namespace pki::model {

namespace {

constexpr std::chrono::minutes tolerance{5};

const Entry* newest_in(const Inventory& inventory) {
  const Entry* newest = nullptr;
  for (const auto& entry : inventory.entries) {
    const auto* certificate = entry.certificate();
    if (certificate == nullptr || entry.external_etcd || entry.refers_to_credentials()) continue;  // of others
    if (newest == nullptr || certificate->not_before > newest->certificate()->not_before) newest = &entry;
  }
  return newest;
}

}  // namespace

std::optional<Finding> check_clock(const Inventory& inventory, std::chrono::sys_seconds now) {
  const auto* newest = newest_in(inventory);
  if (newest == nullptr || now >= newest->certificate()->not_before - tolerance) return std::nullopt;
  return Finding{Rule::clock_behind,
                 Severity::error,
                 newest->path.string(),
                 fmt::format("not valid before {}, and it is {}", base::to_date(newest->certificate()->not_before),
                             base::to_date(now)),
                 std::string(newest->row->name),
                 {Remedy::Kind::check_clock, {}}};
}

}  // namespace pki::model
