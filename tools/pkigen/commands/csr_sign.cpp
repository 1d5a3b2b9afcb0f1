// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/pki.hpp>

#include "commands/clock.hpp"
#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/csr_files.hpp"
#include "commands/failure.hpp"
#include "commands/session.hpp"
#include "commands/signing_keys.hpp"
#include "commands/write_options.hpp"
#include "print/output.hpp"
#include "print/request_text.hpp"

namespace cli {

namespace {

struct SignOptions {
  ClusterOptions cluster;
  Outputs outputs;
  std::vector<std::string> files;
  std::vector<std::string> allowed;
  std::string profile;
  std::string valid_for;
  std::string ca;
  std::string output{"text"};
  bool allow_masters{false};
  bool dry_run{false};
};

std::optional<pki::Profile> parse_profile(const std::string& name) {
  if (name == "client") return pki::Profile::client;
  if (name == "server") return pki::Profile::server;
  if (name == "peer") return pki::Profile::peer;
  return std::nullopt;
}

pki::SigningOptions signing_options(const SignOptions& options) {
  pki::SigningOptions signing;
  for (const auto& name : options.allowed)
    signing.allowed_sans.push_back(pki::parse_general_name(name));
  signing.profile = parse_profile(options.profile);
  signing.ca = options.ca;
  if (!options.valid_for.empty()) signing.validity = pki::parse_duration(options.valid_for);
  signing.allow_masters = options.allow_masters;
  return signing;
}

void refuse_without_output(const SignOptions& options) {
  if (options.dry_run || !options.outputs.directory.empty() || !options.outputs.bundle.empty()) return;
  throw pki::Error(pki::Errc::invalid_config, "", "nothing says where the certificates go",
                   "name a directory with --out, or a document with --bundle");
}

int run_sign(const SignOptions& options) {
  refuse_without_output(options);
  const auto signing = signing_options(options);
  const auto request = parse_request(options.cluster);
  refuse_problems(request);
  const auto catalog = catalog_of(request);
  const auto requests = read_requests_from(options.files, signing.profile ? nullptr : &catalog);
  const auto use = signing.profile ? ConfigUse::if_given : ConfigUse::of_others;
  const auto session = open_session(request, use, {}, pki::KeyCheck::sign_and_verify, pki::Links::follow);
  if (session.config) refuse_problems(*session.config);
  const auto now = clock_now();
  check_clock(now);
  const auto* config = session.config ? &session.config->config.value() : nullptr;
  const auto plan = pki::plan_signing(config, session.inventory, requests.items, now, signing);
  warn(plan.warnings);
  refuse_conflicts(plan.conflicts, "", "signed");
  const bool quiet = options.output == "json" || options.outputs.bundle == "-";
  if (!quiet) print(to_text(plan, requests.digest));
  if (options.dry_run) {
    if (options.output == "json") print(to_json(plan));
    return ok;
  }
  std::set<std::string_view> cas;
  for (const auto& step : plan.steps)
    cas.insert(step.issuer->name);
  const auto signers = open_signers(cas, session.inventory, options.cluster.signing);
  const auto answers = pki::sign_requests(plan, session.inventory, signers);
  write_answers(options.outputs, answers);
  if (options.output == "json" && options.outputs.bundle != "-") print(to_json(answers));
  return ok;
}

}  // namespace

void add_csr_sign(CLI::App& csr, Run& run) {
  auto* command = csr.add_subcommand("sign", "Sign requests with the CAs that are here");
  auto options = std::make_shared<SignOptions>();
  command->add_option("FILE", options->files, "Requests, directories of requests, or bundles; - is stdin")
      ->required()
      ->option_text("...");
  command->add_option("--out", options->outputs.directory, "Write each certificate as ROW.crt into this directory")
      ->option_text("DIR");
  command
      ->add_option("--bundle", options->outputs.bundle,
                   "Write all certificates as one document to this file, or - to stdout")
      ->option_text("FILE");
  command
      ->add_option("--allow-san", options->allowed,
                   "Also allow this name in requests, for example a wildcard; may be repeated")
      ->allow_extra_args(false)
      ->option_text("NAME");
  command->add_option("--profile", options->profile, "Requests are for no row: sign their own names, for this purpose")
      ->check(CLI::IsMember({"client", "server", "peer"}))
      ->option_text("client|server|peer");
  command->add_option("--valid-for", options->valid_for, "Validity period, 8h or 90d [as the configuration says]")
      ->option_text("TIME");
  command->add_option("--ca", options->ca, "CA that signs requests for no row [ca]")->option_text("ROW");
  command->add_flag("--allow-masters", options->allow_masters,
                    fmt::format("Allow the group {} in requests for no row", pki::masters_group));
  add_cluster_options(*command, options->cluster);
  command->add_flag("--dry-run", options->dry_run, "Print what would be signed, and write nothing");
  add_output_option(*command, options->output);
  command->footer(
      "Only the public key of a request is taken from it. Subject, names, usages and validity come from its row and\n"
      "the configuration of the host that asks (--config or flags); each difference is listed, and nothing is signed.\n"
      "Compare the digest of a bundle with that of `pkigen csr create`.\n\n" +
      exit_help({ok, failed, usage}));
  command->callback([options, &run] { run = [options] { return run_sign(*options); }; });
}

}  // namespace cli
