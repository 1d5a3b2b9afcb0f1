#include "commands/renew_run.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <pki/pki.hpp>

#include "commands/clock.hpp"
#include "host/pending.hpp"
#include "print/output.hpp"
#include "print/progress.hpp"

namespace cli {

namespace {

bool can_renew(const pki::Plan& plan) { return plan.conflicts.empty() && plan.changes(); }

// Returns the rows of both lists, in catalog order.
Rows united(const Rows& some, const Rows& more) {
  Rows rows;
  for (const auto& row : pki::catalog()) {
    if (std::ranges::find(some, &row) != some.end() || std::ranges::find(more, &row) != more.end())
      rows.push_back(&row);
  }
  return rows;
}

void write_certificates(RenewRun& run, const Hooks& hooks, const WriteOptions& options) {
  pki::Bundle bundle;
  {
    const ProgressLine progress;
    bundle = pki::issue(run.renewal.plan, run.session.inventory, {.progress = progress.callback()});
  }
  run.pending = united(run.pending, pki::renewed_rows(run.renewal.plan));
  if (hooks.has_deploy()) write_pending(run.session.layout(), run.pending);
  run.renewal.written = pki::commit(bundle, *run.session.lock, commit_options("renew", options, clock_now()));
  warn(run.renewal.written.notes);
  run.renewal.issued = std::move(bundle.issued);
}

void append(std::vector<pki::Finding>& problems, std::vector<pki::Finding> more, const char* hint = nullptr) {
  for (auto& problem : more) {
    if (hint != nullptr) problem.remedy = hint;
    problems.push_back(std::move(problem));
  }
}

// The file of pending rows is removed only when every hook has succeeded.
void deploy(RenewRun& run, const Hooks& hooks) {
  if (run.pending.empty() || !hooks.has_deploy()) return;
  auto problems = hooks.deploy(run.pending);
  if (problems.empty()) remove_pending(run.session.layout());
  append(run.renewal.failures, std::move(problems),
         "the certificates are renewed; the next `pkigen renew` runs the deploy hooks again");
}

void renew_and_deploy(RenewRun& run, const Hooks& hooks, const StaticPodOptions& pods, const WriteOptions& options) {
  write_certificates(run, hooks, options);
  if (pods.restart) append(run.renewal.failures, restart_static_pods(run.renewal.issued, run.session.inventory, pods));
  deploy(run, hooks);
}

void renew(RenewRun& run, const Hooks& hooks, const StaticPodOptions& pods, const WriteOptions& options) {
  const auto rows = pki::renewed_rows(run.renewal.plan);
  if (auto problems = hooks.pre(rows); !problems.empty()) {
    append(run.renewal.failures, std::move(problems), "nothing was renewed");
  } else {
    try {
      renew_and_deploy(run, hooks, pods, options);
    } catch (...) {
      fail(hooks.post(rows));
      throw;
    }
  }
  append(run.renewal.failures, hooks.post(rows));
}

}  // namespace

RenewRun plan_run(Session session, const pki::RenewOptions& options) {
  RenewRun run{.session = std::move(session), .renewal = {}, .pending = {}};
  if (run.session.config) refuse_problems(*run.session.config);
  const auto now = clock_now();
  check_clock(now);
  const auto* config = run.session.config ? &run.session.config->config : nullptr;
  run.renewal.plan = pki::plan_renew(config, run.session.inventory, now, options);
  run.pending = read_pending(run.session.layout());
  return run;
}

bool has_work(const RenewRun& run, const Hooks& hooks) {
  return can_renew(run.renewal.plan) || (!run.pending.empty() && hooks.has_deploy()) ||
         !run.session.inventory.notes.empty();  // an unfinished write, which taking the lock finishes
}

void carry_out(RenewRun& run, const Hooks& hooks, const StaticPodOptions& pods, const WriteOptions& options) {
  if (can_renew(run.renewal.plan))
    renew(run, hooks, pods, options);
  else
    deploy(run, hooks);
}

}  // namespace cli
