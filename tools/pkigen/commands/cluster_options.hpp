// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <pki/config.hpp>

#include "commands/signing_keys.hpp"

namespace CLI {
class App;
}

namespace cli {

/// The flags about the cluster as typed, not parsed yet.
struct ClusterOptions {
  std::string cert_dir;
  std::string kubeconfig_dir;
  std::string config_file;
  bool external_etcd{false};
  SigningKeyOptions signing;
  std::map<std::string, std::vector<std::string>> values;  ///< flag → values, for the flags of the table in the source
};

/// add_layout_options adds --cert-dir and --kubeconfig-dir; add_cluster_options adds all the others as well.
void add_layout_options(CLI::App& command, ClusterOptions& options);
void add_cluster_options(CLI::App& command, ClusterOptions& options);

/// Sets one field of a configuration to the value of a flag.
using Setting = std::function<void(pki::ClusterConfig&)>;

/// The flags that were typed, parsed.
struct Settings {
  std::vector<Setting> values;
  std::vector<pki::Finding> problems;  ///< values that do not parse; the subject is the flag
};

[[nodiscard]] Settings parse_settings(const ClusterOptions& options);

/// Returns the flag that sets a field ("apiServer.certSANs"), or an empty text where no flag does.
[[nodiscard]] std::string_view flag_of(std::string_view field);

/// Returns whether a flag of the table was typed.
[[nodiscard]] bool is_typed(const ClusterOptions& options, std::string_view flag);

}  // namespace cli
