// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <pki/config.hpp>
#include <pki/error.hpp>

#include "commands/cluster_options.hpp"
#include "host/host.hpp"

namespace cli {

/// The request of a command: its flags and its --config file, each parsed once.
struct Request {
  ClusterOptions typed;
  std::optional<pki::ConfigFile> file;              ///< of --config
  std::vector<Setting> settings;                    ///< of the flags
  std::map<std::string, std::string> signing_keys;  ///< of --ca-key; an empty URI takes a saved one back
  pki::Layout layout;
  /// Problems that neither the saved configuration nor the host can solve. If there are any, the command refuses the
  /// request before it creates anything.
  std::vector<pki::Finding> problems;
  bool names_etcd{false};  ///< the user asks for certificates of an etcd on this host
};

/// parse_request reads the --config file, which may be a pipe, and parses the flags. Throws pki::Error(not_found or io)
/// when the file cannot be read; everything else that is wrong is in `problems`.
[[nodiscard]] Request parse_request(const ClusterOptions& typed);

/// Returns the catalog of a request whose problems were refused: that of the flags, of the --config file and, where
/// that has no rows, of the saved configuration. Reads the latter.
[[nodiscard]] pki::Catalog catalog_of(const Request& request);

/// Facts about this host. Some are functions because looking one up opens a socket, which a command that does not need
/// the fact must not do, or because it depends on the rest of the configuration.
struct Host {
  std::function<std::string()> node_name{host_node_name};
  std::function<std::string()> default_route_address{cli::default_route_address};
  std::optional<pki::Finding> external_etcd{};  ///< why etcd is taken for an external one; empty: it is not
  /// Returns the naming that the files have; empty where they do not say it.
  std::function<std::optional<pki::Naming>(const pki::ValidConfig&)> naming{
      [](const pki::ValidConfig&) { return std::optional<pki::Naming>(); }};
};

/// The configuration to work with. Each problem is named after the flag or the line of the file that caused it.
struct Completed {
  std::optional<pki::ValidConfig> config;  ///< empty if there are problems
  std::vector<pki::Finding> problems;
  std::vector<pki::Finding> warnings;
};

/// complete applies the flags to the --config file, or to the saved configuration where no file was given, and takes
/// from the host and its files what neither of them sets. The role that a JoinConfiguration implies yields to the saved
/// one, and rows that the file does not mention are the saved ones.
[[nodiscard]] Completed complete(const Request& request, const std::optional<pki::ConfigFile>& saved,
                                 const Host& host = {});

}  // namespace cli
