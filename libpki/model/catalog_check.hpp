// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include <pki/catalog.hpp>

// The conditions on the rows of a catalog, for the compiler (default_catalog.cpp) and at run time (catalog.cpp).
namespace pki::model {

using Rows = std::span<const CatalogRow>;

[[nodiscard]] constexpr bool has_name(const CatalogRow& row, std::string_view name) {
  return row.name == name || std::ranges::find(row.aliases, name) != row.aliases.end();
}

constexpr bool has_unique_names(Rows rows, const CatalogRow& row) {
  const auto is_unique = [&](std::string_view name) {
    const auto own = std::ranges::count(row.aliases, name) + (row.name == name ? 1 : 0);
    const auto with = std::ranges::count_if(rows, [&](const CatalogRow& other) { return has_name(other, name); });
    return !name.empty() && own == 1 && with == 1;
  };
  return is_unique(row.name) && std::ranges::all_of(row.aliases, is_unique);
}

/// Returns the row of that name, aliases aside, or null; null, too, for an empty name.
[[nodiscard]] constexpr const CatalogRow* find_row(Rows rows, std::string_view name) {
  const auto found = std::ranges::find(rows, name, &CatalogRow::name);
  return name.empty() || found == rows.end() ? nullptr : &*found;
}

constexpr bool has_earlier_issuer(Rows rows, const CatalogRow& row) {
  const auto earlier = rows.first(static_cast<std::size_t>(&row - rows.data()));
  return row.issuer.empty() || std::ranges::any_of(earlier, [&](const CatalogRow& other) {
           return other.name == row.issuer && other.is_ca();
         });
}

// A CA may sign itself; a bare key has no certificate.
constexpr bool has_issuer_if_signed(Rows, const CatalogRow& row) {
  return row.is_ca() || row.issuer.empty() == (row.form == Form::bare_key);
}

constexpr bool has_valid_path_length(Rows, const CatalogRow& row) {
  return !row.path_length || (row.is_ca() && *row.path_length >= 0 && *row.path_length <= 127);
}

/// Returns the nearest CA above a row whose path length allows no CA at the place of the row (RFC 5280 4.2.1.9), or
/// null.
[[nodiscard]] constexpr const CatalogRow* narrow_ancestor(Rows rows, const CatalogRow& row) {
  if (!row.is_ca()) return nullptr;
  int depth = 0;
  const auto* above = find_row(rows, row.issuer);
  // Rows that are not checked yet may sign one another in a circle.
  for (std::size_t steps = 0; above != nullptr && steps < rows.size(); ++steps) {
    ++depth;
    if (above->path_length && *above->path_length < depth) return above;
    above = find_row(rows, above->issuer);
  }
  return nullptr;
}

constexpr bool is_within_path_lengths(Rows rows, const CatalogRow& row) {
  return narrow_ancestor(rows, row) == nullptr;
}

// Without the certificate of its CA a file is not verified. A catalog may leave that to each host.
constexpr bool has_issuer_on_its_hosts(Rows rows, const CatalogRow& row) {
  const auto* issuer = find_row(rows, row.issuer);
  return issuer == nullptr || issuer->roles.includes(row.roles);
}

constexpr bool has_valid_validity(Rows, const CatalogRow& row) { return row.validity.count() >= 0; }

constexpr bool has_fitting_profile(Rows, const CatalogRow& row) {
  switch (row.form) {
    case Form::key_pair:
      return row.profile != Profile::none;
    case Form::kubeconfig:
      return row.profile == Profile::client || row.profile == Profile::none;
    case Form::bare_key:
      return row.profile == Profile::none;
  }
  return false;
}

constexpr bool has_common_name_if_certificate(Rows, const CatalogRow& row) {
  const bool certificate = row.form != Form::bare_key;
  return row.common_name.recommended.empty() != certificate && row.common_name.kubeadm.empty() != certificate;
}

constexpr bool has_server_if_kubeconfig(Rows, const CatalogRow& row) {
  return row.server.empty() != (row.form == Form::kubeconfig);
}

// A transaction writes to the PKI directory, its subdirectory etcd and the kubeconfig directory, and to no other. Names
// that begin with ".pkigen" are its own.
constexpr bool has_writable_path(Rows, const CatalogRow& row) {
  constexpr std::string_view etcd = "etcd/";
  constexpr std::size_t longest = 255 - std::string_view(".crt").size();
  const bool below_etcd = row.form != Form::kubeconfig && row.path.starts_with(etcd);
  const auto name = below_etcd ? row.path.substr(etcd.size()) : row.path;
  const bool odd =
      std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '/' || c == '\x7f'; });
  return !odd && !name.empty() && name.size() <= longest && name != "." && name != ".." && !name.starts_with(".pkigen");
}

constexpr bool has_files_of_its_own(Rows rows, const CatalogRow& row) {
  return std::ranges::count_if(rows, [&](const CatalogRow& other) {
           return other.path == row.path && (other.form == Form::kubeconfig) == (row.form == Form::kubeconfig);
         }) == 1;
}

// Files that all control planes share are on each of them.
constexpr bool has_fitting_roles(Rows, const CatalogRow& row) {
  const bool on_all_control_planes =
      row.roles.contains(Role::first_control_plane) && row.roles.contains(Role::joining_control_plane);
  return !row.roles.empty() && (!row.shared || on_all_control_planes);
}

constexpr bool has_valid_port(Rows, const CatalogRow& row) { return row.served_on >= 0 && row.served_on <= 65535; }

struct CatalogCheck {
  bool (*holds)(Rows rows, const CatalogRow& row);
  std::string_view message;
};

constexpr std::array catalog_checks{
    CatalogCheck{has_unique_names, "its name or an alias is empty or a duplicate"},
    CatalogCheck{has_earlier_issuer, "its issuer is not an earlier CA"},
    CatalogCheck{has_issuer_if_signed, "a leaf needs an issuer, a bare key has none"},
    CatalogCheck{has_fitting_profile,
                 "its profile does not fit its form: a kubeconfig is for a client or has a token, a CA is a key pair, "
                 "and a bare key has no profile"},
    CatalogCheck{has_common_name_if_certificate, "a certificate needs a common name, a bare key has none"},
    CatalogCheck{has_server_if_kubeconfig, "a kubeconfig needs a server, other forms have none"},
    CatalogCheck{has_writable_path, "its path is not a file name, nor one in etcd/ for what is not a kubeconfig"},
    CatalogCheck{has_files_of_its_own, "another row has the same path"},
    CatalogCheck{has_fitting_roles, "it has no role, or is shared and not on all control planes"},
    CatalogCheck{has_valid_port, "its port is not from 1 to 65535"},
    CatalogCheck{has_valid_path_length, "its path length is not that of a CA, from 0 to 127"},
    CatalogCheck{is_within_path_lengths, "the path length of a CA above it allows no CA there"},
    CatalogCheck{has_valid_validity, "its validity period is negative"},
};

constexpr bool is_valid_catalog(Rows rows) {
  return std::ranges::all_of(rows, [&](const CatalogRow& row) {
    return std::ranges::all_of(catalog_checks, [&](const CatalogCheck& check) { return check.holds(rows, row); });
  });
}

}  // namespace pki::model
