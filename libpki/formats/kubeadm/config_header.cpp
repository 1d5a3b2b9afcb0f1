// SPDX-License-Identifier: Apache-2.0
#include "formats/kubeadm/config_header.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/words.hpp"

namespace pki::formats {

namespace {

/// KubeadmVersion is one version of kubeadm's interface.
struct KubeadmVersion {
  std::string_view name;
  std::optional<Version> version;  ///< empty: not read
  std::string_view kubeadm{};      ///< the releases that know this version and the next one
};

// kubeadm converts a file by one version only, so the releases matter.
constexpr std::array kubeadm_versions{
    KubeadmVersion{"v1beta4", v1beta4, {}},
    KubeadmVersion{"v1beta3", v1beta3, "1.31 or later"},
    KubeadmVersion{"v1beta2", v1beta2, "1.22 to 1.26"},
    KubeadmVersion{"v1beta1", v1beta1, "1.15 to 1.21"},
    KubeadmVersion{"v1alpha3", std::nullopt, "1.13 or 1.14"},
    KubeadmVersion{"v1alpha2", std::nullopt, "1.12"},
    KubeadmVersion{"v1alpha1", std::nullopt, "1.11"},
};

bool read_header_field(ConfigReader& reader, const YamlNode& root, const char* name, std::string& value) {
  const auto* node = root.find(name);
  if (node != nullptr && node->kind != YamlNode::Kind::null) {
    if (!is_string(*node)) return reader.wrong_type(*node, name, "a string"), false;
    value = node->text;
  }
  if (value.empty())
    reader.problem(Rule::value_missing, node == nullptr ? root.line : node->line, name,
                   "found nothing, expected it in every document");
  return !value.empty();
}

std::string convert_with(std::string_view version, std::string_view kubeadm) {
  return fmt::format(
      "convert the file with `kubeadm config migrate` of kubeadm {}, which knows {} and the next version", kubeadm,
      version);
}

std::optional<Version> kubeadm_version_of(ConfigReader& reader, const Header& header) {
  const auto known = std::ranges::find(kubeadm_versions, header.version, &KubeadmVersion::name);
  if (known == kubeadm_versions.end() || !known->version) {
    reader.problem(Rule::config_version_unsupported, header.line, "apiVersion",
                   fmt::format("found kubeadm.k8s.io/{}, expected kubeadm.k8s.io/v1beta4, v1beta3, v1beta2 or v1beta1",
                               base::shown_name(header.version)),
                   known == kubeadm_versions.end()
                       ? "write the file for kubeadm.k8s.io/v1beta4, which kubeadm reads since 1.31"
                       : convert_with(known->name, known->kubeadm));
    return std::nullopt;
  }
  if (!known->kubeadm.empty())
    reader.warning(Rule::config_version_deprecated, header.line, "apiVersion",
                   fmt::format("kubeadm.k8s.io/{} is deprecated, expected kubeadm.k8s.io/v1beta4", known->name),
                   convert_with(known->name, known->kubeadm));
  return known->version;
}

}  // namespace

std::optional<Header> read_header(ConfigReader& reader, const YamlNode& root) {
  Header header;
  std::string api_version;
  const bool has_version = read_header_field(reader, root, "apiVersion", api_version);
  const bool has_kind = read_header_field(reader, root, "kind", header.kind);
  if (!has_version || !has_kind) return std::nullopt;
  header.line = root.find("apiVersion")->line;
  const auto slash = api_version.find('/');
  if (slash == std::string::npos) return header.version = api_version, header;
  header.group = api_version.substr(0, slash);
  header.version = api_version.substr(slash + 1);
  return header;
}

std::optional<Version> version_of(ConfigReader& reader, const Header& header) {
  if (header.group != pkigen_group) return kubeadm_version_of(reader, header);
  if (header.version == "v1") return pkigen_v1;
  reader.problem(Rule::config_version_unsupported, header.line, "apiVersion",
                 fmt::format("found pkigen/{}, expected pkigen/v1", base::shown_name(header.version)));
  return std::nullopt;
}

}  // namespace pki::formats
