// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <pki/pki.hpp>

#include "commands/clock.hpp"
#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/csr_files.hpp"
#include "commands/csr_requests.hpp"
#include "commands/session.hpp"
#include "commands/write_options.hpp"
#include "print/output.hpp"

namespace cli {

namespace {

struct ImportOptions {
  ClusterOptions cluster;
  WriteOptions write;
  RollOutOptions roll_out;
  std::vector<std::string> files;
  std::string output{"text"};
  bool dry_run{false};
};

int run_import(const ImportOptions& options) {
  const auto request = parse_request(options.cluster);
  refuse_problems(request);
  const auto answers = read_answers_from(options.files, catalog_of(request));
  std::optional<pki::Lock> lock;
  if (!options.dry_run) lock = take_lock(request.layout, options.write);
  if (lock && options.roll_out.pods.restart) warn(put_manifests_back(*lock, options.roll_out.pods.manifests_dir));
  const auto links = options.dry_run ? pki::Links::follow : pki::Links::refuse;
  const auto session =
      open_session(request, ConfigUse::if_given, std::move(lock), pki::KeyCheck::sign_and_verify, links);
  warn_about_links(session);
  if (session.config) refuse_problems(*session.config);
  const auto now = clock_now();
  check_clock(now);
  return report_import(import_answers(answers, session, options.write, options.roll_out, "csr import", now),
                       session.layout(), options.output);
}

}  // namespace

void add_csr_import(CLI::App& csr, Run& run) {
  auto* command = csr.add_subcommand("import", "Put the certificates that were requested in place, with their keys");
  auto options = std::make_shared<ImportOptions>();
  command->add_option("FILE", options->files, "Certificates, directories of certificates, or bundles; - is stdin")
      ->required()
      ->option_text("...");
  add_layout_options(*command, options->cluster);
  command->add_option("--config", options->cluster.config_file, "kubeadm configuration file, for its directories")
      ->option_text("FILE");
  command->add_flag("--dry-run", options->dry_run, "Print what would be imported, and write nothing");
  add_output_option(*command, options->output);
  add_write_options(*command, options->write);
  add_hook_options(*command, options->roll_out.hooks);
  add_static_pod_options(*command, options->roll_out.pods);
  command->footer(
      "Each certificate must have the key of a request that waits, its names, and a valid chain to the CA that is "
      "here.\n"
      "All conflicts are listed, and nothing is written then. Requests without an answer go on waiting.\n" +
      hook_help("csr import") + "\n\n" + exit_help({ok, failed, usage, locked}));
  command->callback([options, &run] { run = [options] { return run_import(*options); }; });
}

}  // namespace cli
