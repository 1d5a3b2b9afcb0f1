#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/version.hpp>

#include "commands/command.hpp"
#include "print/output.hpp"

namespace cli {

void add_version(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("version", "Print the versions of pkigen and of OpenSSL");
  command->callback([&run] {
    run = [] {
      print(fmt::format("pkigen {}\n{}\n", pki::version(), pki::crypto_version()));
      return ok;
    };
  });
}

}  // namespace cli
