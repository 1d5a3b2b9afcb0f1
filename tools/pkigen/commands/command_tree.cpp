// SPDX-License-Identifier: Apache-2.0
#include "commands/command_tree.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace cli {

std::vector<const CLI::App*> commands_of(const CLI::App& group) {
  return group.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::App*> all_commands(const CLI::App& app) {
  std::vector<const CLI::App*> all;
  for (const auto* command : commands_of(app)) {
    all.push_back(command);
    const auto below = commands_of(*command);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

const CLI::App* find_command(const CLI::App& group, std::string_view name) {
  const auto commands = commands_of(group);
  const auto found = std::ranges::find_if(commands, [&](const CLI::App* each) { return each->get_name() == name; });
  return found == commands.end() ? nullptr : *found;
}

bool is_group(const CLI::App& command) { return !commands_of(command).empty(); }

std::string full_name(const CLI::App& command) {
  const auto* parent = command.get_parent();
  const bool below_group = parent != nullptr && parent->get_parent() != nullptr;
  return below_group ? full_name(*parent) + " " + command.get_name() : command.get_name();
}

const CLI::App* chosen_command(const CLI::App& app) {
  const CLI::App* command = nullptr;
  for (auto chosen = app.get_subcommands(); !chosen.empty(); chosen = command->get_subcommands())
    command = chosen.front();
  return command;
}

}  // namespace cli
