#include <algorithm>
#include <chrono>
#include <memory>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/pki.hpp>

#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/write_options.hpp"
#include "print/output.hpp"
#include "print/plan_text.hpp"
#include "print/progress.hpp"

namespace cli {

namespace {

struct InitOptions {
  ClusterOptions cluster;
  std::vector<std::string> rows;
  WriteOptions write;
  std::string output{"text"};
  bool dry_run{false};
};

std::vector<const pki::CatalogRow*> chosen_rows(const std::vector<std::string>& names) {
  std::vector<const pki::CatalogRow*> rows;
  rows.reserve(names.size());
  for (const auto& name : names)
    rows.push_back(&pki::find_row(name));
  return rows;
}

// Until the binding exists admin.conf may do nothing, and the first one who notices is stuck.
std::string next_steps(const pki::Layout& layout) {
  return fmt::format(
      "\nNext: start the control plane, then give admin.conf its rights:\n"
      "  pkigen rbac | kubectl --kubeconfig {} apply -f -\n"
      "Until then super-admin.conf is the only kubeconfig with rights; keep it away from daily use.\n"
      "Watch the expiry with: pkigen check-expiration --cert-dir {}\n",
      (layout.kubeconfig_dir / "super-admin.conf").string(), layout.certificates_dir.string());
}

void warn_about_ca_keys(const pki::Plan& plan) {
  std::string names;
  for (const auto& step : plan.steps)
    if (step.row->is_ca() && step.action == pki::Action::create)
      names += (names.empty() ? "" : ", ") + std::string(step.row->name);
  if (!names.empty())
    warn({names, "the private keys of these CAs lie on this disk: whoever reads them owns the cluster",
          "keep a copy offline; where nothing signs here, take the keys away and the CAs are external"});
}

int report_conflicts(const InitOptions& options, const pki::Plan& plan) {
  if (options.output == "json") print(pki::to_json(plan));
  fail(plan.conflicts);
  fail({plan.layout.certificates_dir.string(),
        fmt::format("{} to solve first, nothing was written", count(plan.conflicts.size(), "conflict")),
        {}});
  return failed;
}

void carry_out(const pki::Plan& plan, const pki::Inventory& inventory, const pki::Lock& lock,
               std::chrono::sys_seconds now) {
  pki::Bundle bundle;
  {
    const ProgressLine progress;
    bundle = pki::issue(plan, inventory, {.progress = progress.callback()});
  }
  pki::commit(bundle, lock, commit_options("init", {}, now));
}

int run_init(const InitOptions& options) {
  const auto rows = chosen_rows(options.rows);
  auto resolved = resolve(options.cluster);
  std::optional<pki::Lock> lock;
  if (resolved.problems.empty() && !options.dry_run) {
    lock = take_lock(resolved.config.layout, options.write);
    resolved = resolve(options.cluster);  // whoever held the lock may have changed what is remembered
  }
  warn(resolved.warnings);
  if (!resolved.problems.empty()) {
    fail(resolved.problems);
    return usage;
  }
  const auto& layout = resolved.config.layout;
  const auto now = clock_now();
  const auto inventory = pki::load(layout);
  const auto plan = pki::plan_init(resolved.config, inventory, now, rows);
  warn(plan.warnings);
  if (!plan.conflicts.empty()) return report_conflicts(options, plan);
  if (lock && plan.changes()) carry_out(plan, inventory, *lock, now);
  if (options.output == "json") {
    print(pki::to_json(plan));
    return ok;
  }
  print(to_text(plan, options.dry_run ? Tense::future : Tense::past));
  if (!lock) return ok;
  warn_about_ca_keys(plan);
  if (std::ranges::any_of(plan.steps, [](const auto& step) { return step.action == pki::Action::create; }))
    print(next_steps(layout));
  return ok;
}

}  // namespace

void add_init(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("init", "Make every certificate, key and kubeconfig that is missing");
  auto options = std::make_shared<InitOptions>();
  command->add_option("ROW", options->rows, "Make only these, apiserver or admin.conf for example [all]")
      ->option_text("...");
  add_cluster_options(*command, options->cluster);
  command->add_flag("--dry-run", options->dry_run, "Say what would be made and write nothing");
  add_output_option(*command, options->output);
  add_lock_option(*command, options->write);
  command->footer(
      "What is sound is kept. Anything wrong is a conflict: all are listed, nothing is written, exit status 1.");
  command->callback([options, &run] { run = [options] { return run_init(*options); }; });
}

}  // namespace cli
