// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/version.hpp>

#include "commands/command.hpp"
#include "commands/write_options.hpp"
#include "print/output.hpp"

namespace cli {

void add_version(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("version", "Print the versions of pkigen and of OpenSSL");
  auto output = std::make_shared<std::string>("text");
  add_output_option(*command, *output);
  command->footer(exit_help({ok, failed, usage}));
  command->callback([output, &run] {
    run = [output] {
      const pki::Versions versions{std::string(pki::version()), pki::crypto_version()};
      print(*output == "json" ? to_json(versions) : fmt::format("pkigen {}\n{}\n", versions.library, versions.crypto));
      return ok;
    };
  });
}

}  // namespace cli
