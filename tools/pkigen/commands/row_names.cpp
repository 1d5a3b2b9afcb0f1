// SPDX-License-Identifier: Apache-2.0
#include "commands/row_names.hpp"

#include <algorithm>
#include <iterator>

#include <pki/error.hpp>

#include "commands/suggest.hpp"

namespace cli {

namespace {

std::vector<std::string> known_names() {
  std::vector<std::string> names;
  for (const auto& row : pki::default_catalog().rows())
    names.emplace_back(row.name);
  return names;
}

const pki::CatalogRow* row_named(const std::string& name) {
  try {
    return &pki::default_catalog().find_row(name);
  } catch (const pki::Error& error) {
    const auto suggestion = did_you_mean(name, known_names());
    if (suggestion.empty()) throw;
    throw pki::Error(error.code(), error.subject(), error.message(), suggestion + " " + error.remedy().text);
  }
}

}  // namespace

Rows rows_named(const std::vector<std::string>& names) {
  Rows rows;
  std::ranges::transform(names, std::back_inserter(rows), row_named);
  return rows;
}

}  // namespace cli
