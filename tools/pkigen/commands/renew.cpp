#include <algorithm>
#include <iterator>
#include <memory>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/pki.hpp>

#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/write_options.hpp"
#include "host/hooks.hpp"
#include "host/pending.hpp"
#include "host/static_pods.hpp"
#include "print/output.hpp"
#include "print/plan_text.hpp"
#include "print/progress.hpp"
#include "print/renewal_text.hpp"

namespace cli {

namespace {

using Rows = std::vector<const pki::CatalogRow*>;

struct RenewCommand {
  ClusterOptions cluster;
  WriteOptions write;
  HookOptions hooks;
  StaticPodOptions pods;
  std::vector<std::string> names;
  std::string within;
  std::string before_next;
  std::string output{"text"};
  bool if_needed{false};
  bool dry_run{false};
  bool reuse_key{false};
  bool prune_sans{false};
  bool detailed_exit_code{false};
};

[[noreturn]] void refuse(const std::string& message, const std::string& hint) {
  throw pki::Error(pki::Errc::invalid_config, "", message, hint);
}

Rows chosen_rows(const RenewCommand& command) {
  const auto& names = command.names;
  const bool all = std::ranges::find(names, "all") != names.end();
  if (names.empty() && !command.if_needed)
    refuse("nothing to renew was named", "`pkigen renew all`, `pkigen renew NAME...`, or `pkigen renew --if-needed`");
  if (all && names.size() > 1) refuse("all and names together", "name either all or single certificates");
  Rows rows;
  if (!all)
    std::ranges::transform(names, std::back_inserter(rows), [](const auto& name) { return &pki::find_row(name); });
  return rows;
}

// A certificate is due when it would end before the run after the next one: the next one may fail.
std::optional<pki::Window> due_window(const RenewCommand& command) {
  if (!command.if_needed) return std::nullopt;
  if (command.before_next.empty()) return pki::parse_window(command.within.empty() ? "30d" : command.within);
  pki::Window window;
  window.span = 2 * pki::parse_duration(command.before_next);
  if (window.span <= std::chrono::seconds{0}) refuse("--before-next must be longer than nothing", "for example 7d");
  return window;
}

// A host whose clock is behind the program itself would make certificates that nobody accepts.
void check_clock(std::chrono::sys_seconds now) {
  constexpr long built = PKIGEN_BUILD_DAY;  // 20261121
  const std::chrono::sys_days day = std::chrono::year(static_cast<int>(built / 10000)) /
                                    static_cast<int>(built / 100 % 100) / static_cast<int>(built % 100);
  if (now < day - std::chrono::days{1})
    throw pki::Error(pki::Errc::mismatch, "clock", "this host believes in a day before pkigen was built",
                     "set the clock");
}

/// Job is one run: what was asked for, and what is found and decided.
struct Job {
  const RenewCommand& command;
  pki::Layout layout;
  std::optional<Resolved> config;
  pki::RenewOptions options;
  pki::Inventory inventory;
  pki::Renewal renewal;
  Rows pending;
};

// The configuration is that of --config, else the remembered one, else there is none. False: it is wrong.
bool look(Job& job) {
  job.config.reset();
  if (!job.command.cluster.config_file.empty() || pki::load_remembered(job.layout))
    job.config = resolve(job.command.cluster);
  if (job.config && !job.config->problems.empty()) return false;
  const auto now = clock_now();
  check_clock(now);
  job.inventory = pki::load(job.layout);
  job.renewal.plan = pki::plan_renew(job.config ? &job.config->config : nullptr, job.inventory, now, job.options);
  job.pending = read_pending(job.layout);
  return true;
}

bool something_to_do(const Job& job, const Hooks& hooks) {
  if (job.command.dry_run) return false;
  const auto& plan = job.renewal.plan;
  return (plan.conflicts.empty() && plan.changes()) || (!job.pending.empty() && hooks.has_deploy()) ||
         !job.inventory.notes.empty();
}

Rows united(const Rows& some, const Rows& more) {
  Rows rows;
  for (const auto& row : pki::catalog())
    if (std::ranges::find(some, &row) != some.end() || std::ranges::find(more, &row) != more.end())
      rows.push_back(&row);
  return rows;
}

void write_certificates(Job& job, const Hooks& hooks, const pki::Lock& lock) {
  pki::Bundle bundle;
  {
    const ProgressLine progress;
    bundle = pki::issue(job.renewal.plan, job.inventory, {.progress = progress.callback()});
  }
  job.pending = united(job.pending, pki::renewed_rows(job.renewal.plan));
  if (hooks.has_deploy()) write_pending(job.layout, job.pending);
  pki::commit(bundle, lock, commit_options("renew", job.command.write, clock_now()));
  job.renewal.issued = std::move(bundle.issued);
}

void append(std::vector<pki::Problem>& problems, std::vector<pki::Problem> more) {
  std::ranges::move(more, std::back_inserter(problems));
}

// The file of pending rows goes only when every hook has succeeded.
void deploy(Job& job, const Hooks& hooks) {
  if (job.pending.empty() || !hooks.has_deploy()) return;
  auto problems = hooks.deploy(job.pending);
  if (problems.empty()) remove_pending(job.layout);
  for (auto& problem : problems)
    problem.hint = "the certificates stand; the next `pkigen renew` runs the deploy hooks again";
  append(job.renewal.failures, std::move(problems));
}

void renew(Job& job, const Hooks& hooks, const pki::Lock& lock) {
  const auto rows = pki::renewed_rows(job.renewal.plan);
  if (auto problems = hooks.pre(rows); !problems.empty()) {
    for (auto& problem : problems)
      problem.hint = "nothing was renewed";
    append(job.renewal.failures, std::move(problems));
  } else {
    try {
      write_certificates(job, hooks, lock);
    } catch (...) {
      fail(hooks.post(rows));
      throw;
    }
    if (job.command.pods.restart)
      append(job.renewal.failures, restart_static_pods(job.renewal.issued, job.inventory, job.command.pods));
    deploy(job, hooks);
  }
  append(job.renewal.failures, hooks.post(rows));
}

// Whoever held the lock may have changed anything: false as above.
bool carry_out(Job& job, const Hooks& hooks) {
  const auto lock = take_lock(job.layout, job.command.write);
  if (job.command.pods.restart) warn(put_manifests_back(job.command.pods.manifests_dir));
  if (!look(job)) return false;
  if (job.renewal.plan.conflicts.empty() && job.renewal.plan.changes())
    renew(job, hooks, lock);
  else
    deploy(job, hooks);
  return true;
}

int report(const Job& job) {
  const auto& plan = job.renewal.plan;
  warn(plan.warnings);
  const bool done = plan.conflicts.empty() && (job.renewal.dry_run || !plan.changes() || !job.renewal.issued.empty());
  if (job.command.output == "json")
    print(pki::to_json(job.renewal));
  else if (done)
    print(to_text(job.renewal));
  fail(plan.conflicts);
  if (!plan.conflicts.empty())
    fail({plan.layout.certificates_dir.string(),
          count(plan.conflicts.size(), "conflict") + " to solve first, nothing was renewed",
          {}});
  fail(job.renewal.failures);
  if (!plan.conflicts.empty() || !job.renewal.failures.empty()) return failed;
  return job.command.detailed_exit_code && !job.renewal.issued.empty() ? changed : ok;
}

int run_renew(const RenewCommand& command) {
  Job job{command, resolve_layout(command.cluster), {}, {}, {}, {}, {}};
  job.options = {chosen_rows(command), due_window(command), command.reuse_key, command.prune_sans};
  job.renewal.dry_run = command.dry_run;
  const Hooks hooks(command.hooks, job.layout);
  const bool usable = look(job) && (!something_to_do(job, hooks) || carry_out(job, hooks));
  if (job.config) warn(job.config->warnings);
  if (usable) return report(job);
  fail(job.config->problems);
  return usage;
}

void add_options(CLI::App& app, RenewCommand& command) {
  app.add_option("NAME", command.names, "Names as in `pkigen check-expiration`, or all")->option_text(" ");
  auto* if_needed = app.add_flag("--if-needed", command.if_needed, "Renew only what is due");
  auto* within = app.add_option("--within", command.within,
                                "Due is what ends within this time, or share of its life: 30d, 20% [30d]");
  auto* next = app.add_option(
      "--before-next", command.before_next,
      "Due is what ends before the run after the next, with this time between runs: 7d means within 14d");
  within->option_text("TIME")->needs(if_needed);
  next->option_text("TIME")->needs(if_needed)->excludes(within);
  app.add_flag("--dry-run", command.dry_run, "Say what would be renewed and why, and change nothing");
  app.add_flag("--reuse-key", command.reuse_key, "Keep the private keys");
  app.add_flag("--prune-sans", command.prune_sans, "Drop names that the configuration does not explain");
  app.add_flag("--detailed-exit-code", command.detailed_exit_code, "Exit with 6 when something was renewed");
  app.add_option("--config", command.cluster.config_file, "kubeadm configuration file [what `pkigen init` remembered]")
      ->option_text("FILE");
  add_layout_options(app, command.cluster);
  add_output_option(app, command.output);
  add_write_options(app, command.write);
  add_hook_options(app, command.hooks);
  add_static_pod_options(app, command.pods);
}

}  // namespace

void add_renew(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("renew", "Give certificates and kubeconfigs new dates and keys");
  auto options = std::make_shared<RenewCommand>();
  add_options(*command, *options);
  command->footer(
      "Identity is kept: subject, names, usages, further certificates, every other byte of a kubeconfig.\n"
      "A configuration adds names that are missing and sets key algorithm and validity. CAs are not renewed.\n"
      "Anything wrong with what is to be renewed is a conflict: nothing is renewed, exit status 1.\n" +
      hook_help());
  command->callback([options, &run] { run = [options] { return run_renew(*options); }; });
}

}  // namespace cli
