// SPDX-License-Identifier: Apache-2.0
#include "commands/application.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/version.hpp>

namespace cli {

void set_up(CLI::App& app, Run& run, bool& verbose) {
  app.name("pkigen");
  app.description("Creates and maintains the PKI of a Kubernetes cluster.");
  app.set_version_flag("--version", fmt::format("pkigen {} ({})", pki::version(), pki::crypto_version()),
                       "Print the versions of pkigen and of OpenSSL");
  app.add_flag("-v,--verbose", verbose, "Print more on stderr");
  app.require_subcommand(1);
  app.fallthrough();
  app.get_formatter()->column_width(42);
  for (const auto add : {add_init, add_check_expiration, add_renew, add_csr, add_user, add_recover, add_backups,
                         add_undo, add_rbac, add_bootstrap_token, add_version, add_help, add_completion})
    add(app, run);
  app.footer("`pkigen help COMMAND` describes a command; its manual page is pkigen-COMMAND(1).\n\n" +
             exit_help({ok, failed, usage, expiring, attention, locked, changed}));
}

}  // namespace cli
