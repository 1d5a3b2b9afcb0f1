// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "commands/command.hpp"
#include "commands/completion_scripts.hpp"
#include "print/output.hpp"

namespace cli {

void add_completion(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("completion", "Print the script that completes command lines in a shell");
  auto shell = std::make_shared<std::string>();
  const auto shells = completion_shells();
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>(shells.begin(), shells.end())))
      ->option_text(" ");
  command->footer("The packages install these scripts. For one session of bash: source <(pkigen completion bash)\n\n" +
                  exit_help({ok, failed, usage}));
  command->callback([shell, &run] {
    run = [shell] {
      print(completion_script(*shell));
      return ok;
    };
  });
}

}  // namespace cli
