// SPDX-License-Identifier: Apache-2.0
#include "commands/row_names.hpp"

#include <algorithm>
#include <iterator>

#include <pki/error.hpp>

#include "commands/suggest.hpp"

namespace cli {

namespace {

std::vector<std::string> known_names(const pki::Catalog& catalog) {
  std::vector<std::string> names;
  for (const auto& row : catalog.rows())
    names.emplace_back(row.name);
  return names;
}

const pki::CatalogRow* row_named(const std::string& name, const pki::Catalog& catalog) {
  try {
    return &catalog.find_row(name);
  } catch (const pki::Error& error) {
    const auto suggestion = did_you_mean(name, known_names(catalog));
    if (suggestion.empty()) throw;
    throw pki::Error(error.code(), error.subject(), error.message(), suggestion + " " + error.remedy().text);
  }
}

}  // namespace

Rows rows_named(const std::vector<std::string>& names, const pki::Catalog& catalog) {
  Rows rows;
  std::ranges::transform(names, std::back_inserter(rows),
                         [&](const std::string& name) { return row_named(name, catalog); });
  return rows;
}

}  // namespace cli
