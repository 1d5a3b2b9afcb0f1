// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

/// OptionRow is one row of a help text as a value: what the help, the manual pages and the completions have in common.
struct OptionRow {
  std::vector<std::string> names;  ///< "-o" and "--output"; of an argument its one name, "ROW"
  std::string value;               ///< "DIR" or "text|json"; empty: a flag, or an argument
  std::string help;                ///< without the default
  std::string fallback;            ///< the default in words; may be empty
  bool is_argument{false};         ///< positional
  bool repeats{false};             ///< an argument that may be several

  [[nodiscard]] bool takes_value() const { return !value.empty(); }
};

/// Returns the options and arguments of a command, in the order of its help.
[[nodiscard]] std::vector<OptionRow> option_rows(const CLI::App& command);

}  // namespace cli
