// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/creation.hpp>
#include <pki/pki.hpp>
#include <pki/shell.hpp>

#include "commands/clock.hpp"
#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/failure.hpp"
#include "commands/row_names.hpp"
#include "commands/session.hpp"
#include "commands/signing_keys.hpp"
#include "commands/write_options.hpp"
#include "host/passphrase.hpp"
#include "print/output.hpp"
#include "print/plan_text.hpp"
#include "print/progress.hpp"
#include "print/remedy_text.hpp"

namespace cli {

namespace {

using Tokens = decltype(pki::IssueOptions::tokens);

struct InitOptions {
  ClusterOptions cluster;
  std::vector<std::string> rows;
  WriteOptions write;
  std::string output{"text"};
  bool dry_run{false};
  std::string token_file;
};

constexpr std::string_view bootstrap_row = "bootstrap-kubelet.conf";

// Returns the token that a user has made; none where a new one is wanted.
Tokens given_tokens(const InitOptions& options, const pki::Catalog& catalog) {
  if (options.token_file.empty()) return {};
  if (catalog.try_find_row(bootstrap_row) == nullptr)
    throw pki::Error(pki::Errc::invalid_config, "--bootstrap-token-file", "nothing has this token",
                     fmt::format("add --with {}", bootstrap_row));
  auto token = read_passphrase_file(options.token_file);
  if (!pki::is_bootstrap_token(token))
    throw pki::Error(pki::Errc::malformed, options.token_file,
                     fmt::format("not a bootstrap token, expected {}", pki::bootstrap_token_form));
  return {{std::string(bootstrap_row), std::move(token)}};
}

bool makes_token(const pki::Plan& plan) {
  return std::ranges::any_of(
      plan.steps, [](const pki::Step& step) { return step.row->has_token() && step.action() == pki::Action::create; });
}

// No API server knows a new token.
std::string token_step(const pki::Layout& layout) {
  return fmt::format(
      "For kubelets that join with {}, have its token accepted for a day:\n"
      "  pkigen bootstrap-token --kubeconfig {} | kubectl --kubeconfig {} apply -f -\n",
      bootstrap_row, pki::to_shell_word((layout.kubeconfig_dir / bootstrap_row).string()),
      pki::to_shell_word((layout.kubeconfig_dir / "admin.conf").string()));
}

// Until the binding exists admin.conf has no rights. A host without super-admin.conf belongs to a cluster that has it.
std::string next_steps(const pki::Plan& plan) {
  const auto& layout = plan.layout;
  const bool first = std::ranges::any_of(plan.steps, [](const pki::Step& step) {
    return step.row->only_on_first_control_plane() && step.action() != pki::Action::skip;
  });
  const auto joining = makes_token(plan) ? token_step(layout) : std::string();
  if (!first) return fmt::format("\n{}Watch the expiry with: {}\n", joining, command_for("check-expiration", layout));
  return fmt::format(
      "\nNext: start the control plane, then grant admin.conf its rights:\n"
      "  pkigen rbac | kubectl --kubeconfig {} apply -f -\n"
      "Until then super-admin.conf is the only kubeconfig with rights; keep it away from daily use.\n"
      "{}Watch the expiry with: {}\n",
      pki::to_shell_word((layout.kubeconfig_dir / "super-admin.conf").string()), joining,
      command_for("check-expiration", layout));
}

// Returns the warning about the keys of new CAs; none where no CA is new.
std::vector<pki::Finding> ca_key_warnings(const pki::Plan& plan) {
  std::string names;
  for (const auto& step : plan.steps)
    if (step.row->is_ca() && step.action() == pki::Action::create)
      names += (names.empty() ? "" : ", ") + std::string(step.row->name);
  if (names.empty()) return {};
  return {
      {pki::Rule::ca_key_on_disk,
       pki::Severity::warning,
       names,
       "the private keys of these CAs are on this disk: whoever reads them owns the cluster",
       {},
       "keep a copy offline; without their keys on this host the CAs are external, and nothing can be signed here"}};
}

void carry_out(pki::Creation& creation, const Session& session, const InitOptions& options, Tokens tokens,
               std::chrono::sys_seconds now) {
  pki::check_writable(creation.plan);
  auto signers = open_signers(signing_cas(creation.plan), session.inventory, options.cluster.signing);
  pki::Bundle bundle;
  {
    ProgressLine progress;
    bundle = pki::issue(creation.plan, session.inventory,
                        {.progress = progress.callback(), .signers = std::move(signers), .tokens = std::move(tokens)});
  }
  creation.written = pki::commit(bundle, *session.lock, commit_options("init", {}, now));
  creation.issued = std::move(bundle.issued);
  warn(creation.written.notes);
}

void print_json(pki::Creation creation, const Session& session) {
  auto& warnings = creation.plan.warnings;
  const auto& of_config = session.config->warnings;
  warnings.insert(warnings.begin(), of_config.begin(), of_config.end());
  if (session.lock) {
    auto& notes = creation.written.notes;
    const auto& recovered = session.lock->recovered();
    notes.insert(notes.begin(), recovered.begin(), recovered.end());
  }
  print(to_json(in_words(std::move(creation))));
}

int report(const InitOptions& options, pki::Creation creation, const Session& session) {
  const bool json = options.output == "json";
  const auto& plan = creation.plan;
  if (!json) print(to_text(plan, options.dry_run ? Tense::future : Tense::past));
  if (!options.dry_run) {
    const auto warnings = ca_key_warnings(plan);
    warn(warnings);
    creation.plan.warnings.insert(creation.plan.warnings.end(), warnings.begin(), warnings.end());
  }
  if (json) print_json(std::move(creation), session);
  if (json || options.dry_run) return ok;
  if (std::ranges::any_of(plan.steps, [](const auto& step) { return step.action() == pki::Action::create; }))
    print(next_steps(plan));
  return ok;
}

std::optional<pki::Lock> lock_for(const InitOptions& options, const pki::Layout& layout) {
  if (options.dry_run) return std::nullopt;
  return take_lock(layout, options.write);
}

int run_init(const InitOptions& options) {
  auto request = parse_request(options.cluster);
  refuse_problems(request);
  const auto catalog = catalog_of(request);
  const auto rows = rows_named(options.rows, catalog);
  auto tokens = given_tokens(options, catalog);
  request.names_etcd = std::ranges::any_of(rows, &pki::CatalogRow::local_etcd);
  const auto links = options.dry_run ? pki::Links::follow : pki::Links::refuse;
  const auto session = open_session(request, ConfigUse::always, lock_for(options, request.layout),
                                    pki::KeyCheck::sign_and_verify, links);
  warn_about_links(session);
  refuse_problems(*session.config);
  warn(session.config->warnings);
  const auto now = clock_now();
  check_clock(now);
  pki::Creation creation{.plan = pki::plan_init(session.config->config.value(), session.inventory, now, rows),
                         .issued = {},
                         .dry_run = options.dry_run,
                         .written = {}};
  warn(creation.plan.warnings);
  refuse_conflicts(creation.plan.conflicts, creation.plan.layout.certificates_dir.string(), "written");
  if (session.lock && creation.plan.changes()) carry_out(creation, session, options, std::move(tokens), now);
  return report(options, std::move(creation), session);
}

}  // namespace

void add_init(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("init", "Create every certificate, key and kubeconfig that is missing");
  auto options = std::make_shared<InitOptions>();
  command->add_option("ROW", options->rows, "Create only these, for example apiserver or admin.conf [all]")
      ->option_text("...");
  add_cluster_options(*command, options->cluster);
  command
      ->add_option("--bootstrap-token-file", options->token_file,
                   "File with the token of bootstrap-kubelet.conf, ID.SECRET [a new token]")
      ->option_text("FILE");
  command->add_flag("--dry-run", options->dry_run, "Print what would be created, and write nothing");
  add_output_option(*command, options->output);
  add_lock_option(*command, options->write);
  command->footer(
      "Valid files are kept. Anything invalid is a conflict: all are listed, nothing is written, exit status 1.\n\n" +
      exit_help({ok, failed, usage, locked}));
  command->callback([options, &run] { run = [options] { return run_init(*options); }; });
}

}  // namespace cli
