#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/pki.hpp>

#include "commands/clock.hpp"
#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/row_names.hpp"
#include "commands/session.hpp"
#include "commands/write_options.hpp"
#include "print/output.hpp"
#include "print/plan_text.hpp"
#include "print/progress.hpp"
#include "print/remedy_text.hpp"

namespace cli {

namespace {

struct InitOptions {
  ClusterOptions cluster;
  std::vector<std::string> rows;
  WriteOptions write;
  std::string output{"text"};
  bool dry_run{false};
};

// Until the binding exists admin.conf has no rights.
std::string next_steps(const pki::Layout& layout) {
  return fmt::format(
      "\nNext: start the control plane, then grant admin.conf its rights:\n"
      "  pkigen rbac | kubectl --kubeconfig {} apply -f -\n"
      "Until then super-admin.conf is the only kubeconfig with rights; keep it away from daily use.\n"
      "Watch the expiry with: {}\n",
      (layout.kubeconfig_dir / "super-admin.conf").string(), command_for("check-expiration", layout));
}

void warn_about_ca_keys(const pki::Plan& plan) {
  std::string names;
  for (const auto& step : plan.steps)
    if (step.row->is_ca() && step.action() == pki::Action::create)
      names += (names.empty() ? "" : ", ") + std::string(step.row->name);
  if (!names.empty())
    warn({pki::Rule::ca_key_on_disk,
          pki::Severity::warning,
          names,
          "the private keys of these CAs are on this disk: whoever reads them owns the cluster",
          {},
          "keep a copy offline; without their keys on this host the CAs are external, and nothing can be signed here"});
}

int report_conflicts(const InitOptions& options, const pki::Plan& plan) {
  if (options.output == "json") print(pki::to_json(in_words(plan)));
  fail(plan.conflicts);
  fail({pki::Rule::conflicts, pki::Severity::error, plan.layout.certificates_dir.string(),
        fmt::format("{} to solve first, nothing was written", count(plan.conflicts.size(), "conflict"))});
  return failed;
}

void carry_out(const pki::Plan& plan, const Session& session, std::chrono::sys_seconds now) {
  pki::Bundle bundle;
  {
    ProgressLine progress;
    bundle = pki::issue(plan, session.inventory, {.progress = progress.callback()});
  }
  warn(pki::commit(bundle, *session.lock, commit_options("init", {}, now)).notes);
}

int report(const InitOptions& options, const pki::Plan& plan) {
  if (options.output == "json") {
    print(pki::to_json(in_words(plan)));
    return ok;
  }
  print(to_text(plan, options.dry_run ? Tense::future : Tense::past));
  if (options.dry_run) return ok;
  warn_about_ca_keys(plan);
  if (std::ranges::any_of(plan.steps, [](const auto& step) { return step.action() == pki::Action::create; }))
    print(next_steps(plan.layout));
  return ok;
}

std::optional<pki::Lock> lock_for(const InitOptions& options, const pki::Layout& layout) {
  if (options.dry_run) return std::nullopt;
  return take_lock(layout, options.write);
}

int run_init(const InitOptions& options) {
  const auto rows = rows_named(options.rows);
  const auto request = parse_request(options.cluster);
  refuse_problems(request);
  const auto session = open_session(request, ConfigUse::always, lock_for(options, request.layout));
  refuse_problems(*session.config);
  warn(session.config->warnings);
  const auto now = clock_now();
  check_clock(now);
  const auto plan = pki::plan_init(session.config->config.value(), session.inventory, now, rows);
  warn(plan.warnings);
  if (!plan.conflicts.empty()) return report_conflicts(options, plan);
  if (session.lock && plan.changes()) carry_out(plan, session, now);
  return report(options, plan);
}

}  // namespace

void add_init(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("init", "Create every certificate, key and kubeconfig that is missing");
  auto options = std::make_shared<InitOptions>();
  command->add_option("ROW", options->rows, "Create only these, for example apiserver or admin.conf [all]")
      ->option_text("...");
  add_cluster_options(*command, options->cluster);
  command->add_flag("--dry-run", options->dry_run, "Print what would be created, and write nothing");
  add_output_option(*command, options->output);
  add_lock_option(*command, options->write);
  command->footer(
      "Valid files are kept. Anything invalid is a conflict: all are listed, nothing is written, exit status 1.");
  command->callback([options, &run] { run = [options] { return run_init(*options); }; });
}

}  // namespace cli
