// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
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
  ClusterOptions cluster;
  WriteOptions write;
  Outputs outputs;
  std::vector<std::string> rows;
  std::string within{"30d"};
  std::string output{"text"};
  bool reuse_key{false};
  bool dry_run{false};
};

// A cluster without a configuration of its own keeps what its certificates say.
bool is_configured(const Request& request, const Session& session) {
  return request.file || session.inventory.saved_config || !request.settings.empty();
}

pki::Plan plan(const CreateOptions& options, const Request& request, const Session& session,
               std::chrono::sys_seconds now) {
  const pki::RequestOptions wanted{.rows = rows_named(options.rows),
                                   .if_due = pki::parse_window(options.within),
                                   .reuse_key = options.reuse_key,
                                   .keep_identity = !is_configured(request, session)};
  auto plan = pki::plan_request(session.config->config.value(), session.inventory, now, wanted);
  warn(plan.warnings);
  if (plan.conflicts.empty()) return plan;
  auto problems = std::move(plan.conflicts);
  problems.push_back({pki::Rule::conflicts, pki::Severity::error, plan.layout.certificates_dir.string(),
                      fmt::format("{} to solve first, nothing was requested", count(problems.size(), "conflict"))});
  throw NotCarriedOut(std::move(problems));
}

// The configuration that the requests were made with is that of the certificates to come.
void save_config(const pki::Plan& plan, const Session& session, const CreateOptions& options,
                 std::chrono::sys_seconds now) {
  if (!plan.config_to_save) return;
  pki::Bundle bundle{.catalog = plan.catalog, .layout = plan.layout, .files = {}, .issued = {}};
  const auto text = pki::to_yaml(*plan.config_to_save);
  bundle.files.push_back({plan.layout.saved_config(), 0644, {text.begin(), text.end()}});
  warn(pki::commit(bundle, *session.lock, commit_options("csr create", options.write, now)).notes);
}

std::vector<pki::WaitingRequest> carry_out(const pki::Plan& plan, const Session& session, const CreateOptions& options,
                                           std::chrono::sys_seconds now) {
  std::vector<pki::WaitingRequest> made;
  {
    ProgressLine progress;
    made = pki::make_requests(plan, session.inventory, now, {.progress = progress.callback()});
  }
  save_config(plan, session, options, now);
  pki::save_requests(*session.lock, made);
  return made;
}

// Requests that were made before are written again, so that a lost file does not need new keys.
std::vector<pki::WaitingRequest> with_waiting(std::vector<pki::WaitingRequest> made, const Session& session,
                                              const Rows& named) {
  for (auto& waiting : pki::read_requests(session.inventory)) {
    const auto is_it = [&](const auto* row) { return row->name == waiting.row; };
    if (named.empty() || std::ranges::any_of(named, is_it)) made.push_back(std::move(waiting));
  }
  const auto rows = session.inventory.catalog.rows();
  std::ranges::sort(made, {}, [&](const pki::WaitingRequest& one) {
    return std::ranges::find(rows, one.row, &pki::CatalogRow::name) - rows.begin();
  });
  return made;
}

int run_create(const CreateOptions& options) {
  const auto request = parse_request(options.cluster);
  refuse_problems(request);
  std::optional<pki::Lock> lock;
  if (!options.dry_run) lock = take_lock(request.layout, options.write);
  const auto links = options.dry_run ? pki::Links::follow : pki::Links::refuse;
  const auto session = open_session(request, ConfigUse::always, std::move(lock), pki::KeyCheck::sign_and_verify, links);
  warn_about_links(session);
  refuse_problems(*session.config);
  warn(session.config->warnings);
  const auto now = clock_now();
  check_clock(now);
  const auto decided = plan(options, request, session, now);
  if (options.dry_run) {
    print(options.output == "json" ? to_json(in_words(decided)) : requests_to_text(decided));
    fail(decided.failures);
    return decided.failures.empty() ? ok : failed;
  }
  const auto made = carry_out(decided, session, options, now);
  const auto all = with_waiting(made, session, rows_named(options.rows));
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
  command->add_option("ROW", options->rows, "Request only these [what is missing or due]")->option_text("...");
  command->add_option("--out", options->outputs.directory, "Write each request as ROW.csr into this directory")
      ->option_text("DIR");
  command
      ->add_option("--bundle", options->outputs.bundle,
                   "Write all requests as one document to this file, or - to stdout")
      ->option_text("FILE");
  command
      ->add_option("--within", options->within, "Request what expires within this time, or share of its validity [30d]")
      ->option_text("TIME");
  command->add_flag("--reuse-key", options->reuse_key, "Request certificates for the keys that are here");
  add_cluster_options(*command, options->cluster);
  command->add_flag("--dry-run", options->dry_run, "Print what would be requested, and write nothing");
  add_output_option(*command, options->output);
  add_lock_option(*command, options->write);
  command->footer(
      "The keys wait below CERT_DIR/.pkigen until `pkigen csr import` puts them in place; live files do not change.\n"
      "A request that has not been answered is written again. Compare the digest of a bundle with that of `pkigen csr "
      "sign`.\n\n" +
      exit_help({ok, failed, usage, locked}));
  command->callback([options, &run] { run = [options] { return run_create(*options); }; });
}

}  // namespace cli
