// SPDX-License-Identifier: Apache-2.0
#include "commands/output_format.hpp"

#include <optional>
#include <string_view>

namespace cli {

namespace {

// Returns the value within an argument that names the flag, empty where the next argument is the value. Flags without
// value may be before a short one: -vojson.
std::optional<std::string_view> value_in(std::string_view argument) {
  constexpr std::string_view long_name = "--output";
  if (argument == long_name) return "";
  if (argument.starts_with(long_name) && argument[long_name.size()] == '=')
    return argument.substr(long_name.size() + 1);
  if (argument.size() < 2 || argument[0] != '-' || argument[1] == '-') return std::nullopt;
  const auto at = argument.find_first_not_of("vh", 1);
  if (at == std::string_view::npos || argument[at] != 'o') return std::nullopt;
  const auto value = argument.substr(at + 1);
  return value.starts_with('=') ? value.substr(1) : value;
}

}  // namespace

std::string output_format(std::span<char* const> arguments) {
  std::string format;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--") break;
    const auto value = value_in(argument);
    if (!value) continue;
    if (!value->empty())
      format = *value;
    else if (i + 1 < arguments.size())
      format = arguments[++i];
  }
  return format;
}

}  // namespace cli
