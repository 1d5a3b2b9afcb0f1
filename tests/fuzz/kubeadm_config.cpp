// SPDX-License-Identifier: Apache-2.0
// A kubeadm configuration file. Promises: never an exception; problems are plain and bounded; a configuration that was
// read can be written and read again; a valid one can be planned.

#include <pki/config.hpp>

#include <vector>

#include <pki/plan.hpp>

#include "properties.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

pki::Inventory nothing(const pki::Layout& layout) {
  pki::Inventory inventory;
  inventory.layout = layout;
  for (const auto& row : pki::default_catalog().rows()) {
    pki::Entry entry;
    entry.row = &row;
    inventory.entries.push_back(std::move(entry));
  }
  return inventory;
}

void check_plan(const pki::ValidConfig& config) {
  const auto plan = pki::plan_init(config, nothing(config->layout), now);
  require_plain(plan.conflicts);
  require_plain(plan.warnings);
  for (const auto& step : plan.steps)
    for (const auto& name : step.spec() != nullptr ? step.spec()->sans : std::vector<pki::GeneralName>{})
      require(!name.value.empty(), "no certificate gets an empty name");
}

}  // namespace

void kubeadm_config(std::string_view input) {
  const auto file = pki::parse_config(input, "input.yaml");
  require_plain(file.problems);
  require_plain(file.warnings);
  if (!file.problems.empty()) return;
  const auto validation = pki::validate(file.config);
  require_plain(validation.problems);
  require_plain(validation.warnings);
  const auto again = pki::parse_config(pki::to_yaml(file.config), "again.yaml");
  require(again.problems.empty(), "what is written can be read");
  auto config = again.config;
  config.layout.kubeconfig_dir = file.config.layout.kubeconfig_dir;
  require(config == file.config, "what is written reads the same");
  require(validation.config.has_value() == validation.problems.empty(), "a configuration is valid or has problems");
  if (validation.config) check_plan(*validation.config);
}

}  // namespace fuzz
