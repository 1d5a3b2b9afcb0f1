// SPDX-License-Identifier: Apache-2.0
#include <pki/catalog.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <pki/error.hpp>

#include "base/words.hpp"
#include "model/catalog_check.hpp"
#include "model/identity.hpp"

namespace pki::inline PKI_ABI {

// Deques, because what is in them must not move.
struct Catalog::Storage {
  explicit Storage(std::span<const CatalogRow> source) {
    for (const auto& row : source) {
      auto& copy = rows.emplace_back(row);
      for (auto* text : {&copy.name, &copy.issuer, &copy.common_name.recommended, &copy.common_name.kubeadm,
                         &copy.organization.recommended, &copy.organization.kubeadm, &copy.former_organization,
                         &copy.server, &copy.path, &copy.description})
        *text = keep(*text);
      copy.aliases = keep(copy.aliases);
      copy.sans = keep(copy.sans);
      copy.further_organizations = keep(copy.further_organizations);
      copy.consumers = keep(copy.consumers);
    }
  }

  std::vector<CatalogRow> rows;

 private:
  std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }

  std::span<const std::string_view> keep(std::span<const std::string_view> texts) {
    auto& list = lists_.emplace_back();
    for (const auto text : texts)
      list.push_back(keep(text));
    return list;
  }

  std::span<const Consumer> keep(std::span<const Consumer> consumers) {
    auto& list = consumers_.emplace_back();
    for (const auto& consumer : consumers)
      list.push_back({keep(consumer.process), consumer.reload_mode});
    return list;
  }

  std::deque<std::string> texts_;
  std::deque<std::vector<std::string_view>> lists_;
  std::deque<std::vector<Consumer>> consumers_;
};

Catalog::Catalog(std::span<const CatalogRow> rows) {
  if (const auto findings = check_catalog(rows); !findings.empty()) throw Error(Errc::invalid_config, findings.front());
  storage_ = std::make_shared<Storage>(rows);
}

std::span<const CatalogRow> Catalog::rows() const noexcept { return storage_->rows; }

const CatalogRow* Catalog::try_find_row(std::string_view name) const noexcept {
  const auto found = std::ranges::find_if(rows(), [&](const CatalogRow& row) { return model::has_name(row, name); });
  return found == rows().end() ? nullptr : &*found;
}

const CatalogRow& Catalog::find_row(std::string_view name) const {
  if (const auto* row = try_find_row(name)) return *row;
  std::vector<std::string_view> names;
  std::ranges::transform(rows(), std::back_inserter(names), &CatalogRow::name);
  throw Error(Errc::unknown_name, base::shown_name(name), "no such certificate or kubeconfig",
              fmt::format("the names are {}", fmt::join(names, ", ")));
}

namespace {

bool has_known_placeholders(const CatalogRow& row) {
  const auto to_one = [](std::string_view text) { return model::is_expandable(text, true); };
  const auto to_any = [](std::string_view text) { return model::is_expandable(text, false); };
  return to_one(row.common_name.recommended) && to_one(row.common_name.kubeadm) && to_one(row.server) &&
         to_any(row.organization.recommended) && to_any(row.organization.kubeadm) &&
         std::ranges::all_of(row.further_organizations, to_any) && std::ranges::all_of(row.sans, to_any);
}

}  // namespace

std::vector<Finding> check_catalog(std::span<const CatalogRow> rows) {
  std::vector<Finding> findings;
  const auto refuse = [&](const CatalogRow& row, std::string_view message) {
    findings.push_back({Rule::invalid_value, Severity::error, std::string(row.name), std::string(message)});
  };
  for (const auto& row : rows) {
    for (const auto& check : model::catalog_checks)
      if (!check.holds(rows, row)) refuse(row, check.message);
    if (!has_known_placeholders(row))
      refuse(row, "one of its texts has a placeholder that is unknown or not possible there");
  }
  make_plain(findings);
  return findings;
}

std::string_view to_string(Naming naming) noexcept { return naming == Naming::recommended ? "recommended" : "kubeadm"; }

namespace {

constexpr std::array<std::string_view, 5> role_names{"control-plane", "joining-control-plane", "etcd", "worker",
                                                     "ca-host"};

}  // namespace

std::string_view to_string(Role role) noexcept { return role_names[static_cast<std::size_t>(role)]; }

std::optional<Role> parse_role(std::string_view name) noexcept {
  const auto found = std::ranges::find(role_names, name);
  if (found == role_names.end()) return std::nullopt;
  return static_cast<Role>(found - role_names.begin());
}

std::string_view to_string(Profile profile) noexcept {
  constexpr std::array<std::string_view, 5> names{"none", "ca", "server", "client", "peer"};
  return names[static_cast<std::size_t>(profile)];
}

}  // namespace pki::inline PKI_ABI
