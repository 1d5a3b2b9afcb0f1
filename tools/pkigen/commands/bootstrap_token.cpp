// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <pki/bootstrap.hpp>
#include <pki/cluster_api.hpp>
#include <pki/config.hpp>
#include <pki/error.hpp>

#include "commands/clock.hpp"
#include "commands/command.hpp"
#include "print/output.hpp"

namespace cli {

namespace {

struct TokenOptions {
  std::string kubeconfig{"/etc/kubernetes/bootstrap-kubelet.conf"};
  std::string valid_for{"24h"};
  std::string output{"yaml"};
};

int run_bootstrap_token(const TokenOptions& options) {
  const auto validity = pki::parse_duration(options.valid_for);
  if (validity <= std::chrono::seconds{0})
    throw pki::Error(pki::Errc::invalid_config, "--valid-for", "must be longer than zero", "for example 24h");
  const auto credentials = pki::read_api_credentials(std::filesystem::path(options.kubeconfig));
  if (!pki::is_bootstrap_token(credentials.token))
    throw pki::Error(
        pki::Errc::malformed, credentials.kubeconfig,
        fmt::format("the token of its user is not a bootstrap token, expected {}", pki::bootstrap_token_form));
  const auto now = clock_now();
  check_clock(now);
  const auto expires = now + validity;
  const auto text = options.output == "json" ? pki::bootstrap_manifests_to_json(credentials.token, expires)
                                             : pki::bootstrap_manifests_to_yaml(credentials.token, expires);
  print({text.data(), text.size()});
  return ok;
}

}  // namespace

void add_bootstrap_token(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand(
      "bootstrap-token", "Print the manifests that let kubelets join with the token of bootstrap-kubelet.conf");
  auto options = std::make_shared<TokenOptions>();
  command
      ->add_option("--kubeconfig", options->kubeconfig,
                   "The kubeconfig with the token [/etc/kubernetes/bootstrap-kubelet.conf]")
      ->option_text("FILE");
  command->add_option("--valid-for", options->valid_for, "How long the cluster accepts the token [24h]")
      ->option_text("TIME");
  command->add_option("-o,--output", options->output, "How to print the manifests [yaml]")
      ->check(CLI::IsMember({"text", "yaml", "json"}))
      ->option_text("yaml|json");
  command->footer(
      "The output holds the token. Apply it once the API server runs:\n  pkigen bootstrap-token | kubectl --kubeconfig "
      "/etc/kubernetes/admin.conf apply -f -\n\n" +
      exit_help({ok, failed, usage}));
  command->callback([options, &run] { run = [options] { return run_bootstrap_token(*options); }; });
}

}  // namespace cli
