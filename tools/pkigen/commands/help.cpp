// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include <pki/error.hpp>

#include "commands/command.hpp"
#include "commands/usage_error.hpp"
#include "print/output.hpp"

namespace cli {

namespace {

// The application has chosen `help` while it runs; its own help text would be that of the chosen command.
std::string help_of(const CLI::App& app, const std::string& name) {
  if (name.empty()) return app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal);
  const auto commands = app.get_subcommands([&](const CLI::App* each) { return each->get_name() == name; });
  if (commands.empty()) throw unknown_command(app, name);
  return commands.front()->help(app.get_name());
}

}  // namespace

void add_help(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("help", "Print the help of a command");
  auto name = std::make_shared<std::string>();
  command->add_option("COMMAND", *name, "The command [pkigen itself]")->option_text(" ");
  command->footer(exit_help({ok, failed, usage}));
  command->callback([&app, name, &run] {
    run = [&app, name] {
      print(help_of(app, *name));
      return ok;
    };
  });
}

}  // namespace cli
