// SPDX-License-Identifier: Apache-2.0
#include "model/signing_keys.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <pki/signer.hpp>

#include "base/words.hpp"

namespace pki::model {

namespace {

std::string names_of_cas(const Catalog& catalog) {
  std::vector<std::string> names;
  for (const auto& row : catalog.rows())
    if (row.is_ca()) names.emplace_back(row.name);
  return base::join(names);
}

}  // namespace

std::vector<Finding> check_signing_keys(const std::map<std::string, std::string>& keys, const Catalog& catalog) {
  std::vector<Finding> found;
  for (const auto& [name, uri] : keys) {
    const auto field = "signingKeys." + name;
    const auto* row = catalog.try_find_row(name);
    if (row == nullptr || !row->is_ca())
      found.push_back(
          {row == nullptr ? Rule::unknown_name : Rule::invalid_value, Severity::error, field,
           fmt::format("{} is not a CA, expected one of {}", base::shown_value(name), names_of_cas(catalog))});
    if (const auto fault = check_key_uri(uri); !uri.empty() && !fault.empty())
      found.push_back({Rule::invalid_value, Severity::error, field,
                       fmt::format("\"{}\" is not the URI of a key: {}", shown_key_uri(uri), fault)});
  }
  return found;
}

}  // namespace pki::model

namespace pki::inline PKI_ABI {

void use_signing_keys(Inventory& inventory, const std::map<std::string, std::string>& keys) {
  if (auto found = model::check_signing_keys(keys, inventory.catalog); !found.empty()) {
    const bool unknown = found.front().rule == Rule::unknown_name;
    throw Error(unknown ? Errc::unknown_name : Errc::invalid_config, std::move(found));
  }
  for (const auto& [name, uri] : keys) {
    const auto& row = inventory.catalog.find_row(name);
    const auto entry = std::ranges::find(inventory.entries, row.name, [](const Entry& each) { return each.row->name; });
    if (entry != inventory.entries.end()) entry->signing_key = uri;
  }
}

}  // namespace pki::inline PKI_ABI
