// SPDX-License-Identifier: Apache-2.0
// The saved configuration, written and read. Written: fields are made of the input's lines, any bytes; a valid
// configuration is read back equal, whatever its texts are, and an invalid one is never misread without a finding.
// Read: the input is the file, as anybody may have changed it; a report on it can always be made.

#include <pki/config.hpp>

#include <algorithm>
#include <array>

#include <pki/plan.hpp>
#include <pki/report.hpp>

#include "properties.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

pki::ExternalEtcd& etcd_of(pki::ClusterConfig& config) {
  if (!config.external_etcd) config.external_etcd.emplace();
  return *config.external_etcd;
}

int number_of(const std::string& text) {
  return static_cast<int>(text.size() < 2 ? text.size() : static_cast<std::size_t>(text[0] * 257 + text[1]));
}

using Config = pki::ClusterConfig;
using Text = std::string;

/// Setter sets one field; a letter in the input selects it.
struct Setter {
  char letter;
  void (*set)(Config& config, const Text& text);
};

constexpr std::array setters{
    Setter{'c', [](Config& c, const Text& t) { c.cluster_name = t; }},
    Setter{'n', [](Config& c, const Text& t) { c.node_name = t; }},
    Setter{'a', [](Config& c, const Text& t) { c.advertise_address = t; }},
    Setter{'p', [](Config& c, const Text& t) { c.bind_port = number_of(t); }},
    Setter{'e', [](Config& c, const Text& t) { c.control_plane_endpoint = t; }},
    Setter{'s', [](Config& c, const Text& t) { c.service_subnets.push_back(t); }},
    Setter{'S', [](Config& c, const Text&) { c.service_subnets.clear(); }},
    Setter{'d', [](Config& c, const Text& t) { c.dns_domain = t; }},
    Setter{'x', [](Config& c, const Text& t) { c.apiserver_sans.push_back(t); }},
    Setter{'y', [](Config& c, const Text& t) { c.etcd_server_sans.push_back(t); }},
    Setter{'z', [](Config& c, const Text& t) { c.etcd_peer_sans.push_back(t); }},
    Setter{'E', [](Config& c, const Text& t) { etcd_of(c).endpoints.push_back(t); }},
    Setter{'C', [](Config& c, const Text& t) { etcd_of(c).ca_file = t; }},
    Setter{'F', [](Config& c, const Text& t) { etcd_of(c).cert_file = t; }},
    Setter{'K', [](Config& c, const Text& t) { etcd_of(c).key_file = t; }},
    Setter{'k',
           [](Config& c, const Text& t) {
             c.algorithm = static_cast<pki::KeyAlgorithm>(static_cast<unsigned>(number_of(t)) % 5);
           }},
    Setter{'v', [](Config& c, const Text& t) { c.leaf_validity = std::chrono::hours{number_of(t)}; }},
    Setter{'V', [](Config& c, const Text& t) { c.ca_validity = std::chrono::hours{24 * number_of(t)}; }},
    Setter{'N', [](Config& c, const Text&) { c.naming = pki::Naming::kubeadm; }},
    Setter{'R',
           [](Config& c, const Text& t) { c.role = static_cast<pki::Role>(static_cast<unsigned>(number_of(t)) % 5); }},
    Setter{'D', [](Config& c, const Text& t) { c.layout.certificates_dir = t; }},
};

void set(Config& config, char letter, const Text& text) {
  for (const auto& setter : setters)
    if (setter.letter == letter) setter.set(config, text);
}

pki::ClusterConfig config_of(std::string_view input) {
  pki::ClusterConfig config;
  while (!input.empty()) {
    const auto end = std::min(input.find('\n'), input.size());
    if (end != 0) set(config, input.front(), std::string(input.substr(1, end - 1)));
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  return config;
}

void check_written(const pki::ClusterConfig& config) {
  const auto problems = pki::validate(config).problems;
  require_plain(problems);
  const auto file = pki::parse_config(pki::to_yaml(config), "pkigen.yaml");
  require_plain(file.problems);
  if (!problems.empty()) return;
  require(file.problems.empty(), "a valid configuration can be saved");
  require(file.warnings.empty(), "a saved configuration has no unknown fields");
  auto same = config;
  same.layout.kubeconfig_dir = file.config.layout.kubeconfig_dir;
  if (same.external_etcd)
    same.etcd_server_sans = same.etcd_peer_sans = {};  // of no use, and kubeadm has one or the other
  for (auto& san : same.apiserver_sans)                // the reader folds upper case, as kubeadm's does
    for (char& c : san)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  require(same == file.config, "a valid configuration is saved unchanged");
}

void check_read(std::string_view input) {
  pki::Inventory inventory;
  for (const auto& row : pki::default_catalog().rows()) {
    pki::Entry entry;
    entry.row = &row;
    entry.exists = row.form == pki::Form::bare_key;  // without any file there is nothing to renew
    inventory.entries.push_back(std::move(entry));
  }
  inventory.saved_config = pki::parse_config(input, "pkigen.yaml");
  const auto report = pki::inspect(inventory, {}, now);
  for (const auto& note : report.notes)
    require_plain(note);
  const auto& file = *inventory.saved_config;
  const auto config = pki::validate(file.config).config;
  if (!file.problems.empty() || !config) return;
  const auto plan = pki::plan_renew(&*config, inventory, now);
  require_plain(plan.conflicts);
  require_plain(plan.failures);
  require_plain(plan.warnings);
}

}  // namespace

void saved_config(std::string_view input) {
  check_written(config_of(input));
  check_read(input);
}

}  // namespace fuzz
