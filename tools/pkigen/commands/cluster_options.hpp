#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <pki/config.hpp>

namespace CLI {
class App;
}

namespace cli {

/// ClusterOptions is what was typed about the cluster, before it means anything.
struct ClusterOptions {
  std::string cert_dir;
  std::string kubeconfig_dir;
  std::string config_file;
  bool external_etcd{false};
  mutable std::optional<pki::ConfigFile> config;           ///< what is in config_file, read once: it may be a pipe
  std::map<std::string, std::vector<std::string>> values;  ///< flag → values, for the flags of the table in the source
};

/// add_layout_options adds --cert-dir and --kubeconfig-dir; add_cluster_options all the others as well.
void add_layout_options(CLI::App& command, ClusterOptions& options);
void add_cluster_options(CLI::App& command, ClusterOptions& options);

/// Resolved is what it means. With problems, each named after the flag or the line of the file that caused it, the
/// configuration must not be used.
struct Resolved {
  pki::ClusterConfig config;
  std::vector<pki::Problem> problems;
  std::vector<pki::Problem> warnings;
};

/// resolve lays flags over the --config file, or over the remembered configuration where no file was given, and asks
/// the host for its name and address where nothing else says them.
[[nodiscard]] Resolved resolve(const ClusterOptions& options);

/// resolve_layout is the part of it that finds the directories.
[[nodiscard]] pki::Layout resolve_layout(const ClusterOptions& options);

}  // namespace cli
