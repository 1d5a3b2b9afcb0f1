// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/pki.hpp>

#include "commands/clock.hpp"
#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/csr_files.hpp"
#include "commands/csr_requests.hpp"
#include "commands/failure.hpp"
#include "commands/row_names.hpp"
#include "commands/session.hpp"
#include "commands/write_options.hpp"
#include "print/output.hpp"
#include "print/plan_text.hpp"
#include "print/progress.hpp"
#include "print/remedy_text.hpp"
#include "print/request_text.hpp"

namespace cli {

namespace {

struct CreateOptions {
  RequestChoice choice;
  Outputs outputs;
  std::string output{"text"};
  bool dry_run{false};
};

int run_create(const CreateOptions& options) {
  const auto request = parse_request(options.choice.cluster);
  refuse_problems(request);
  std::optional<pki::Lock> lock;
  if (!options.dry_run) lock = take_lock(request.layout, options.choice.write);
  const auto links = options.dry_run ? pki::Links::follow : pki::Links::refuse;
  const auto session = open_session(request, ConfigUse::always, std::move(lock), pki::KeyCheck::sign_and_verify, links);
  warn_about_links(session);
  refuse_problems(*session.config);
  warn(session.config->warnings);
  const auto now = clock_now();
  check_clock(now);
  const auto rows = rows_named(options.choice.rows, session.inventory.catalog);
  const auto decided = plan_requests(options.choice, rows, request, session, now);
  if (options.dry_run) {
    print(options.output == "json" ? to_json(in_words(decided)) : requests_to_text(decided));
    fail(decided.failures);
    return decided.failures.empty() ? ok : failed;
  }
  const auto made = make_and_save(decided, session, options.choice.write, "csr create", now);
  const auto all = with_waiting(made, session, rows);
  const auto bundle = pki::to_bundle(all, session.inventory);
  write_requests(options.outputs, bundle);
  if (options.output == "json")
    print(to_json(bundle));
  else if (options.outputs.bundle != "-")
    print(to_text(bundle, made.size(), options.outputs, session.layout()));
  fail(decided.failures);
  return decided.failures.empty() ? ok : failed;
}

}  // namespace

void add_csr_create(CLI::App& csr, Run& run) {
  auto* command = csr.add_subcommand("create", "Make keys and requests for what a CA elsewhere must sign");
  auto options = std::make_shared<CreateOptions>();
  command->add_option("ROW", options->choice.rows, "Request only these [what is missing or due]")->option_text("...");
  command->add_option("--out", options->outputs.directory, "Write each request as ROW.csr into this directory")
      ->option_text("DIR");
  command
      ->add_option("--bundle", options->outputs.bundle,
                   "Write all requests as one document to this file, or - to stdout")
      ->option_text("FILE");
  add_request_options(*command, options->choice);
  add_cluster_options(*command, options->choice.cluster);
  command->add_flag("--dry-run", options->dry_run, "Print what would be requested, and write nothing");
  add_output_option(*command, options->output);
  add_lock_option(*command, options->choice.write);
  command->footer(
      "The keys wait below CERT_DIR/.pkigen until `pkigen csr import` puts them in place; live files do not change.\n"
      "A request that has not been answered is written again. Compare the digest of a bundle with that of `pkigen csr "
      "sign`.\n\n" +
      exit_help({ok, failed, usage, locked}));
  command->callback([options, &run] { run = [options] { return run_create(*options); }; });
}

}  // namespace cli
