// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "formats/kubeadm/config_fields.hpp"

namespace pki::formats {

/// Header is the apiVersion and the kind of a document.
struct Header {
  std::string group;
  std::string version;
  std::string kind;
  int line{1};  ///< of apiVersion
};

/// Returns the header of a document; empty after adding a problem where it has none.
[[nodiscard]] std::optional<Header> read_header(ConfigReader& reader, const YamlNode& root);

/// Returns the version of a document of kubeadm or pkigen, with a warning where it is deprecated; empty after adding a
/// problem where it is not supported. The remedy names the kubeadm releases that convert the file.
[[nodiscard]] std::optional<Version> version_of(ConfigReader& reader, const Header& header);

}  // namespace pki::formats
