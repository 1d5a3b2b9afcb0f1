// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/pki.hpp>

#include "commands/api_requests.hpp"
#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/failure.hpp"
#include "commands/renew_from_api.hpp"
#include "commands/renew_run.hpp"
#include "print/output.hpp"
#include "print/remedy_text.hpp"
#include "print/renewal_text.hpp"

namespace cli {

namespace {

struct RenewCommand {
  ClusterOptions cluster;
  WriteOptions write;
  HookOptions hooks;
  StaticPodOptions pods;
  ApiChoice api;
  std::vector<std::string> names;
  std::string within;
  std::string before_next;
  std::string output{"text"};
  bool if_needed{false};
  bool dry_run{false};
  bool reuse_key{false};
  bool prune_sans{false};
  bool use_api{false};
  bool detailed_exit_code{false};
};

[[noreturn]] void refuse(const std::string& message, const std::string& hint) {
  throw pki::Error(pki::Errc::invalid_config, "", message, hint);
}

// Returns whether all rows are to be renewed, and refuses a command that names none or too many.
bool chooses_all(const RenewCommand& command) {
  const auto& names = command.names;
  const bool all = std::ranges::find(names, "all") != names.end();
  if (names.empty() && !command.if_needed)
    refuse("nothing to renew was named",
           fmt::format("name certificates or all, or let `{}` decide", own_command("renew --if-needed")));
  if (all && names.size() > 1) refuse("all and names together", "name either all or single certificates");
  return all;
}

// A certificate is due when it would expire before the run after the next one: the next one may fail.
std::optional<pki::Window> due_window(const RenewCommand& command) {
  if (!command.if_needed) return std::nullopt;
  if (command.before_next.empty()) return pki::parse_window(command.within.empty() ? "30d" : command.within);
  pki::Window window;
  window.span = 2 * pki::parse_duration(command.before_next);
  if (window.span <= std::chrono::seconds{0}) refuse("--before-next must be longer than zero", "for example 7d");
  return window;
}

pki::RenewOptions renew_options(const RenewCommand& command, bool all, const pki::Catalog& catalog) {
  return {.rows = all ? Rows{} : rows_named(command.names, catalog),
          .if_due = due_window(command),
          .reuse_key = command.reuse_key,
          .prune_sans = command.prune_sans,
          .requested = {}};
}

// Another process may change anything until the lock is taken, therefore the lock comes before the session.
Session open_locked(const RenewCommand& command, const Request& request) {
  auto lock = take_lock(request.layout, command.write);
  if (command.pods.restart) warn(put_manifests_back(lock, command.pods.manifests_dir));
  return open_session(request, ConfigUse::if_any, std::move(lock));
}

// Returns everything that went wrong, in the order of its lines.
std::vector<pki::Finding> problems_of(const pki::Renewal& renewal) {
  const auto& plan = renewal.plan;
  auto problems = plan.conflicts;
  if (!problems.empty())
    problems.push_back(conflict_summary(problems.size(), plan.layout.certificates_dir.string(), "renewed"));
  problems.insert(problems.end(), plan.failures.begin(), plan.failures.end());
  problems.insert(problems.end(), renewal.failures.begin(), renewal.failures.end());
  return problems;
}

// Only the holder of the CA's key, or whoever maintains the file, can renew it: pkigen did all it could.
bool is_for_others(const pki::Finding& failure) {
  return failure.rule == pki::Rule::ca_key_missing || failure.rule == pki::Rule::renewed_elsewhere;
}

Exit status_of(const pki::Renewal& renewal) {
  const auto& plan = renewal.plan;
  if (!plan.conflicts.empty() || !renewal.failures.empty()) return failed;
  if (plan.failures.empty()) return ok;
  return std::ranges::all_of(plan.failures, is_for_others) ? attention : failed;
}

// Returns whether something was renewed; in a dry run, whether something would be.
bool renews(const pki::Renewal& renewal) {
  return renewal.dry_run ? renewal.plan.conflicts.empty() && renewal.plan.changes() : !renewal.issued.empty();
}

void print_json(pki::Renewal renewal, const Session& session) {
  auto& warnings = renewal.plan.warnings;
  if (session.config)
    warnings.insert(warnings.begin(), session.config->warnings.begin(), session.config->warnings.end());
  print(to_json(in_words(std::move(renewal))));
}

// A plan with conflicts is not carried out, nor one that a pre-hook stopped.
void print_text(const pki::Renewal& renewal) {
  if (renewal.plan.conflicts.empty() && (renews(renewal) || !renewal.plan.changes())) print(to_text(renewal));
}

int report(const RenewCommand& command, const RenewRun& run) {
  const auto& renewal = run.renewal;
  if (run.session.config) warn(run.session.config->warnings);
  warn(renewal.plan.warnings);
  const auto problems = problems_of(renewal);
  const auto status = status_of(renewal);
  if (command.output != "json")
    print_text(renewal);
  else if (status == failed && !renews(renewal))
    throw NotCarriedOut(problems);
  else
    print_json(renewal, run.session);
  fail(problems);
  return status == ok && command.detailed_exit_code && !renewal.issued.empty() ? changed : status;
}

// Most runs of a timer find nothing to do: they are dry runs, which neither wait for the lock nor create its file.
int run_renew(const RenewCommand& command) {
  const bool all = chooses_all(command);
  const auto request = parse_request(command.cluster);
  refuse_problems(request);
  const auto catalog = catalog_of(request);
  const auto options = renew_options(command, all, catalog);
  const Hooks hooks(command.hooks, request.layout, "renew");
  const auto links = command.dry_run ? pki::Links::follow : pki::Links::refuse;
  auto run = plan_run(open_session(request, ConfigUse::if_any, {}, pki::KeyCheck::sign_and_verify, links), options);
  warn_about_links(run.session);
  std::optional<ApiRenewal> api;
  if (command.use_api) {
    api.emplace(command.api, request, catalog, options);
    api->choose(run);
  }
  if (!command.dry_run && has_work(run, hooks, command.pods)) {
    if (api) api->fetch(request, command.write);
    run = plan_run(open_locked(command, request), options);
    if (api) api->take(run);
    run.signing = command.cluster.signing;
    carry_out(run, hooks, command.pods, command.write);
  }
  run.renewal.dry_run = command.dry_run;
  return report(command, run);
}

void add_options(CLI::App& app, RenewCommand& command) {
  app.add_option("NAME", command.names, "Names as in `pkigen check-expiration`, or all")->option_text(" ");
  auto* if_needed = app.add_flag("--if-needed", command.if_needed, "Renew only what is due");
  auto* within = app.add_option("--within", command.within,
                                "Renew what expires within this time, or share of its validity period: 30d, 20% [30d]");
  auto* next = app.add_option(
      "--before-next", command.before_next,
      "Interval between scheduled runs; renew what would expire before the next run but one (7d = within 14d)");
  within->option_text("TIME")->needs(if_needed);
  next->option_text("TIME")->needs(if_needed)->excludes(within);
  app.add_flag("--dry-run", command.dry_run, "Print what would be renewed and why, and change nothing");
  app.add_flag("--reuse-key", command.reuse_key, "Keep the private keys");
  app.add_flag("--prune-sans", command.prune_sans,
               "Remove subject alternative names that the configuration does not explain");
  auto* use_api = app.add_flag("--use-api", command.use_api,
                               "Get what an external CA signs from the API of the cluster, as `pkigen csr submit`");
  const auto of_api = add_api_options(app, command.api);
  of_api.front()->description(of_api.front()->get_description() + " [admin.conf]");
  for (auto* option : of_api)
    option->needs(use_api);
  app.add_flag("--detailed-exit-code", command.detailed_exit_code, "Exit with 6 when something was renewed");
  app.add_option("--config", command.cluster.config_file, "kubeadm configuration file [the saved configuration]")
      ->option_text("FILE");
  add_layout_options(app, command.cluster);
  add_signing_key_options(app, command.cluster.signing);
  add_output_option(app, command.output);
  add_write_options(app, command.write);
  add_hook_options(app, command.hooks);
  add_static_pod_options(app, command.pods);
}

}  // namespace

void add_renew(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("renew", "Renew certificates and kubeconfigs with new keys");
  auto options = std::make_shared<RenewCommand>();
  add_options(*command, *options);
  command->footer(
      "The identity is kept: subject, names, usages, every other byte of a kubeconfig. Under an intermediate CA the\n"
      "certificate comes with the present chain of its CA, without the root.\n"
      "A configuration adds missing names and sets key algorithm and validity period. CAs are not renewed.\n"
      "Named certificates are renewed together or not at all. Without names everything that can be renewed is, and\n"
      "the rest is listed: exit status 1, or 4 if it has expired and only the holder of an external CA can renew "
      "it.\n" +
      hook_help("renew") + "\n\n" + exit_help({ok, failed, usage, attention, locked, changed}));
  command->callback([options, &run] { run = [options] { return run_renew(*options); }; });
}

}  // namespace cli
