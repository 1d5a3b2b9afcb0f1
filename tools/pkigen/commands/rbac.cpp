// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include <pki/rbac.hpp>

#include "commands/command.hpp"
#include "print/output.hpp"

namespace cli {

void add_rbac(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("rbac", "Print the ClusterRoleBinding that grants admin.conf its rights");
  command->footer(
      "Apply it once the API server runs:\n  pkigen rbac | kubectl --kubeconfig /etc/kubernetes/super-admin.conf apply "
      "-f -\n\n" +
      exit_help({ok, failed, usage}));
  auto output = std::make_shared<std::string>("yaml");
  command->add_option("-o,--output", *output, "How to print the manifest [yaml]")
      ->check(CLI::IsMember({"text", "yaml", "json"}))
      ->option_text("yaml|json");
  command->callback([output, &run] {
    run = [output] {
      print(*output == "json" ? pki::admin_binding_to_json() : pki::admin_binding_to_yaml());
      return ok;
    };
  });
}

}  // namespace cli
