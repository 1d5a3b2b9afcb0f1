// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <pki/error.hpp>

#include "commands/command.hpp"
#include "commands/command_tree.hpp"
#include "commands/usage_error.hpp"
#include "print/output.hpp"

namespace cli {

namespace {

// The application has chosen `help` while it runs; its own help text would be that of the chosen command.
std::string help_of(const CLI::App& app, const CLI::App& help, const std::vector<std::string>& names) {
  if (names.empty()) return app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal);
  const auto* command = &app;
  std::string before;
  for (const auto& name : names) {
    before += (before.empty() ? "" : " ") + command->get_name();
    const auto* next = find_command(*command, name);
    if (next == nullptr) throw is_group(*command) ? unknown_command(*command, name) : unexpected_argument(help, name);
    command = next;
  }
  return command->help(before);
}

}  // namespace

void add_help(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("help", "Print the help of a command");
  auto names = std::make_shared<std::vector<std::string>>();
  command->add_option("COMMAND", *names, "The command [pkigen itself]")->option_text(" ");
  command->footer(exit_help({ok, failed, usage}));
  command->callback([&app, command, names, &run] {
    run = [&app, command, names] {
      print(help_of(app, *command, *names));
      return ok;
    };
  });
}

}  // namespace cli
