#include "commands/row_names.hpp"

#include <algorithm>
#include <iterator>

namespace cli {

Rows rows_named(const std::vector<std::string>& names) {
  Rows rows;
  std::ranges::transform(names, std::back_inserter(rows), [](const auto& name) { return &pki::find_row(name); });
  return rows;
}

}  // namespace cli
