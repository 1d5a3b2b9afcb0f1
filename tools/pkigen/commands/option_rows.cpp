// SPDX-License-Identifier: Apache-2.0
#include "commands/option_rows.hpp"

#include <CLI/CLI.hpp>

namespace cli {

namespace {

// The help has a default at its end, in brackets.
void split_default(OptionRow& row) {
  const auto open = row.help.rfind(" [");
  if (open == std::string::npos || !row.help.ends_with(']')) return;
  row.fallback = row.help.substr(open + 2, row.help.size() - open - 3);
  row.help.erase(open);
}

OptionRow row_of(const CLI::Option& option) {
  OptionRow row;
  row.is_argument = option.get_positional();
  if (row.is_argument) row.names.push_back(option.get_name(true));
  for (const auto& name : option.get_snames())
    row.names.push_back("-" + name);
  for (const auto& name : option.get_lnames())
    row.names.push_back("--" + name);
  const bool takes_value = option.get_items_expected_max() > 0;
  if (!row.is_argument && takes_value) row.value = option.get_option_text();
  row.repeats = row.is_argument && option.get_items_expected_max() > 1;
  row.help = option.get_description();
  split_default(row);
  return row;
}

}  // namespace

std::vector<OptionRow> option_rows(const CLI::App& command) {
  std::vector<OptionRow> rows;
  for (const auto* option : command.get_options())
    rows.push_back(row_of(*option));
  return rows;
}

}  // namespace cli
