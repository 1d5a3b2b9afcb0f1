// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "formats/kubeadm/config_reader.hpp"

namespace pki::formats {

/// Versions of an interface as bits: a field knows which of them have it.
enum Version : unsigned { v1beta1 = 1, v1beta2 = 2, v1beta3 = 4, v1beta4 = 8, pkigen_v1 = 16, every = 31 };

/// Field is one name that an object may have. Without `apply` and `fields` it is known and ignored.
struct Field {
  std::string_view name;
  unsigned versions{every};
  /// apply sets the configuration from a value that is not null; for an object, before its own fields.
  void (*apply)(ConfigReader&, const YamlNode&, const std::string& path){nullptr};
  std::span<const Field> fields{};  ///< not empty: the value is an object with these
};

/// Kind is one kind of document that a configuration file may have.
struct Kind {
  std::string_view group;
  std::string_view kind;
  std::span<const Field> fields{};  ///< empty: a document for another program, silently ignored
};

/// Returns every kind that kubeadm knows, and our own.
[[nodiscard]] std::span<const Kind> document_kinds() noexcept;

inline constexpr std::string_view kubeadm_group = "kubeadm.k8s.io";
inline constexpr std::string_view pkigen_group = "pkigen";
inline constexpr std::string_view init_kind = "InitConfiguration";
inline constexpr std::string_view join_kind = "JoinConfiguration";
inline constexpr std::string_view cluster_kind = "ClusterConfiguration";

/// read_object applies the fields of an object of one version. Fields that are not among `fields` are a warning.
void read_object(ConfigReader& reader, const YamlNode& object, const std::string& path, std::span<const Field> fields,
                 Version version);

}  // namespace pki::formats
