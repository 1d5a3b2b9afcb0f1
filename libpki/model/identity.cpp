// SPDX-License-Identifier: Apache-2.0
#include "model/identity.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "base/address.hpp"
#include "base/words.hpp"

namespace pki::model {

namespace {

using Values = std::vector<std::string>;

Values control_plane_host(const CatalogRow&, const ValidConfig& config) {
  if (config.control_plane_host().empty()) return {};
  return {config.control_plane_host()};
}

Values common_name(const CatalogRow& row, const ValidConfig& config) {
  return expand(row.common_name.under(config->naming), row, config);
}

// kubeadm lower-cases these, and only these, before it looks at them.
Values apiserver_extra_sans(const CatalogRow&, const ValidConfig& config) {
  Values sans;
  std::ranges::transform(config->apiserver_sans, std::back_inserter(sans), base::lower_case);
  return sans;
}

// A worker has no API server of its own, and the advertise address is its own.
std::string nearest_url(const ValidConfig& config) {
  if (config->role != Role::worker) return config.local_url();
  return config.control_plane_host().empty() ? std::string() : config.control_plane_url();
}

struct Placeholder {
  std::string_view name;
  Values (*values)(const CatalogRow&, const ValidConfig&);
  bool one;  ///< always has exactly one value, and does not refer to the common name
};

using Row = CatalogRow;
using Config = ValidConfig;

constexpr std::array placeholders{
    Placeholder{"{node_name}", [](const Row&, const Config& c) { return Values{c->node_name}; }, true},
    Placeholder{"{dns_domain}", [](const Row&, const Config& c) { return Values{c->dns_domain}; }, true},
    Placeholder{"{first_service_ip}", [](const Row&, const Config& c) { return Values{c.first_service_address()}; },
                true},
    Placeholder{"{advertise_address}", [](const Row&, const Config& c) { return Values{c.advertise_address()}; }, true},
    Placeholder{"{control_plane_host}", control_plane_host, false},
    Placeholder{"{control_plane_url}", [](const Row&, const Config& c) { return Values{c.control_plane_url()}; }, true},
    Placeholder{"{local_url}", [](const Row&, const Config& c) { return Values{nearest_url(c)}; }, true},
    Placeholder{"{common_name}", common_name, false},
    Placeholder{"{apiserver_extra_sans}", apiserver_extra_sans, false},
    Placeholder{"{etcd_server_extra_sans}", [](const Row&, const Config& c) { return c->etcd_server_sans; }, false},
    Placeholder{"{etcd_peer_extra_sans}", [](const Row&, const Config& c) { return c->etcd_peer_sans; }, false},
};

// The placeholder at the front of `text`, or null.
const Placeholder* placeholder_at(std::string_view text) {
  const auto found = std::ranges::find_if(placeholders, [&](const auto& one) { return text.starts_with(one.name); });
  return found == placeholders.end() ? nullptr : &*found;
}

void add_once(std::vector<GeneralName>& names, GeneralName name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
}

std::vector<GeneralName> sans_of(const CatalogRow& row, const ValidConfig& config) {
  std::vector<GeneralName> dns_names;
  std::vector<GeneralName> addresses;
  for (const auto text : row.sans)
    for (const auto& value : expand(text, row, config)) {
      if (value.empty()) continue;  // a worker may have no advertise address
      auto name = parse_san(value);
      add_once(name.kind == GeneralName::Kind::ip ? addresses : dns_names, std::move(name));
    }
  std::ranges::sort(dns_names);
  dns_names.insert(dns_names.end(), addresses.begin(), addresses.end());
  return dns_names;
}

}  // namespace

bool is_expandable(std::string_view text, bool to_one_value) {
  const auto begin = text.find('{');
  if (begin == std::string_view::npos) return true;
  const auto* placeholder = placeholder_at(text.substr(begin));
  return placeholder != nullptr && (placeholder->one || !to_one_value) &&
         text.find('{', begin + 1) == std::string_view::npos;
}

std::vector<std::string> expand(std::string_view text, const CatalogRow& row, const ValidConfig& config) {
  const auto begin = text.find('{');
  if (begin == std::string_view::npos) return {std::string(text)};
  const auto* placeholder = placeholder_at(text.substr(begin));
  if (placeholder == nullptr) throw std::logic_error(fmt::format("unknown placeholder in catalog text: {}", text));
  auto values = placeholder->values(row, config);
  for (auto& value : values)
    value = fmt::format("{}{}{}", text.substr(0, begin), value, text.substr(begin + placeholder->name.size()));
  return values;
}

Identity identity_of(const CatalogRow& row, const ValidConfig& config) {
  Identity identity;
  if (row.form == Form::bare_key) return identity;
  identity.common_name = common_name(row, config).front();
  if (const auto organization = row.organization.under(config->naming); !organization.empty())
    identity.organizations = expand(organization, row, config);
  for (const auto organization : row.further_organizations)
    std::ranges::move(expand(organization, row, config), std::back_inserter(identity.organizations));
  identity.sans = sans_of(row, config);
  if (!row.server.empty()) identity.server = expand(row.server, row, config).front();
  return identity;
}

bool is_node_in_digits(const GeneralName& name, const ValidConfig& config) {
  return name.kind == GeneralName::Kind::dns && name.value == config->node_name &&
         parse_san(name.value).kind == GeneralName::Kind::ip;
}

GeneralName parse_san(std::string_view text) {
  if (const auto address = base::parse_ip(text); address && !address->is_mapped())
    return {GeneralName::Kind::ip, to_text(*address)};
  return {base::is_dns_san(text) ? GeneralName::Kind::dns : GeneralName::Kind::other, std::string(text)};
}

}  // namespace pki::model

namespace pki::inline PKI_ABI {

GeneralName parse_general_name(std::string_view text) { return model::parse_san(text); }

}  // namespace pki::inline PKI_ABI
