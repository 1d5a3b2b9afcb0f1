// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/certificate.hpp>
#include <pki/config.hpp>

namespace pki::model {

/// Returns whether `expand` knows the only placeholder of `text`, if there is one. `to_one_value`: the text must have
/// exactly one value under every configuration.
[[nodiscard]] bool is_expandable(std::string_view text, bool to_one_value);

/// Returns the values of a catalog text: its placeholder may have none, one or several; a text without a placeholder is
/// its own value. `text` must be expandable, as those of every Catalog are.
[[nodiscard]] std::vector<std::string> expand(std::string_view text, const CatalogRow& row, const ValidConfig& config);

/// Identity is the subject of a row's certificate, its alternative names, and the server of a kubeconfig.
struct Identity {
  std::string common_name;
  std::vector<std::string> organizations;
  std::vector<GeneralName> sans;  ///< DNS names sorted, then addresses in the order of the row; no duplicates
  std::string server;             ///< kubeconfigs only; empty where the configuration of a worker names none

  friend bool operator==(const Identity&, const Identity&) = default;
};

/// Returns the identity that `row` has under `config`.
[[nodiscard]] Identity identity_of(const CatalogRow& row, const ValidConfig& config);

/// Returns whether a name is that of the node where the node is called by an IPv4 address: kubeadm writes it as a DNS
/// name of digits.
[[nodiscard]] bool is_node_in_digits(const GeneralName& name, const ValidConfig& config);

/// Returns `text` as an address or a DNS name; the kind is `other` if it is neither.
[[nodiscard]] GeneralName parse_san(std::string_view text);

}  // namespace pki::model
