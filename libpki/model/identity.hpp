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
[[nodiscard]] std::vector<std::string> expand(std::string_view text, const CatalogRow& row,
                                              const ClusterConfig& config);

/// Identity is who a row's certificate is for, derived from the row and the configuration.
struct Identity {
  std::string common_name;
  std::vector<std::string> organizations;
  std::vector<GeneralName> sans;  ///< DNS names sorted, then addresses in the order of the row; no duplicates
  std::string server;             ///< kubeconfigs only

  friend bool operator==(const Identity&, const Identity&) = default;
};

/// identity_of derives; the row itself never changes.
[[nodiscard]] Identity identity_of(const CatalogRow& row, const ClusterConfig& config);

/// parse_san tells an address from a DNS name; the kind is `other` when it is neither.
[[nodiscard]] GeneralName parse_san(std::string_view text);

}  // namespace pki::model
