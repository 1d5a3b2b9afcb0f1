// SPDX-License-Identifier: Apache-2.0
#include "commands/renew_run.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include <pki/pki.hpp>

#include "commands/clock.hpp"
#include "print/output.hpp"
#include "print/progress.hpp"
#include "print/remedy_text.hpp"

namespace cli {

namespace {

bool can_renew(const pki::Plan& plan) { return plan.conflicts.empty() && plan.changes(); }

bool must_restart(const RenewRun& run, const StaticPodOptions& pods) {
  return pods.restart && !run.pending_restarts.empty();
}

bool must_deploy(const RenewRun& run, const Hooks& hooks) { return hooks.has_deploy() && !run.pending_hooks.empty(); }

// Records work before the commit, because a crash after it must not leave a process with an old certificate.
Rows record(const RenewRun& run, pki::PendingWork work, const std::filesystem::path& manifests_dir = {}) {
  pki::add_pending(*run.session.lock, work, pki::renewed_rows(run.renewal.plan), manifests_dir);
  return pki::read_pending(run.session.layout(), work, run.session.inventory.catalog);
}

// Returns the plan of the renewal without the rows that others have signed.
pki::Plan own_part(const RenewRun& run) {
  auto plan = run.renewal.plan;
  for (auto& step : plan.steps)
    if (std::ranges::find(run.answered.issued, step.row->name, [](const pki::Issued& one) { return one.row->name; }) !=
        run.answered.issued.end())
      step.what = pki::Keep{};
  return plan;
}

void add(pki::Bundle& bundle, pki::Bundle more) {
  std::ranges::move(more.files, std::back_inserter(bundle.files));
  std::ranges::move(more.issued, std::back_inserter(bundle.issued));
}

void write_certificates(RenewRun& run, const Hooks& hooks, const StaticPodOptions& pods, const WriteOptions& options,
                        pki::Signers signers) {
  pki::Bundle bundle;
  {
    ProgressLine progress;
    bundle = pki::issue(own_part(run), run.session.inventory,
                        {.progress = progress.callback(), .signers = std::move(signers)});
  }
  add(bundle, std::move(run.answered));
  if (hooks.has_deploy()) run.pending_hooks = record(run, pki::PendingWork::deploy_hooks);
  if (pods.restart)
    run.pending_restarts =
        record(run, pki::PendingWork::restarts, std::filesystem::absolute(pods.manifests_dir).lexically_normal());
  run.renewal.written = pki::commit(bundle, *run.session.lock, commit_options("renew", options, clock_now()));
  warn(run.renewal.written.notes);
  run.renewal.issued = std::move(bundle.issued);
}

// The remedy of a problem comes before the hint that is the same for all.
void append(std::vector<pki::Finding>& problems, std::vector<pki::Finding> more, const std::string& hint = {}) {
  for (auto& problem : more) {
    if (!hint.empty()) problem.remedy = problem.remedy.text.empty() ? hint : problem.remedy.text + "; " + hint;
    problems.push_back(std::move(problem));
  }
}

void restart(RenewRun& run, const StaticPodOptions& pods) {
  if (!must_restart(run, pods)) return;
  auto problems = restart_static_pods(*run.session.lock, run.pending_restarts, pods);
  if (problems.empty()) pki::clear_pending(*run.session.lock, pki::PendingWork::restarts);
  append(run.renewal.failures, std::move(problems));
}

// The rows stay pending until every hook has succeeded.
void deploy(RenewRun& run, const Hooks& hooks) {
  if (!must_deploy(run, hooks)) return;
  auto problems = hooks.deploy(run.pending_hooks);
  if (problems.empty()) pki::clear_pending(*run.session.lock, pki::PendingWork::deploy_hooks);
  append(run.renewal.failures, std::move(problems),
         fmt::format("the certificates are renewed; `{}` with the same hooks runs the deploy hooks again",
                     own_command("renew --if-needed")));
}

void renew_and_deploy(RenewRun& run, const Hooks& hooks, const StaticPodOptions& pods, const WriteOptions& options,
                      pki::Signers signers) {
  write_certificates(run, hooks, pods, options, std::move(signers));
  restart(run, pods);
  deploy(run, hooks);
}

void renew(RenewRun& run, const Hooks& hooks, const StaticPodOptions& pods, const WriteOptions& options) {
  pki::check_writable(run.renewal.plan);
  // Before the hooks, which may stop what uses the certificates.
  auto signers = open_signers(signing_cas(own_part(run)), run.session.inventory, run.signing);
  const auto rows = pki::renewed_rows(run.renewal.plan);
  if (auto problems = hooks.pre(rows); !problems.empty()) {
    append(run.renewal.failures, std::move(problems), "nothing was renewed");
  } else {
    try {
      renew_and_deploy(run, hooks, pods, options, std::move(signers));
    } catch (...) {
      fail(hooks.post(rows));
      throw;
    }
  }
  append(run.renewal.failures, hooks.post(rows));
}

}  // namespace

pki::Plan plan_of(const Session& session, const pki::RenewOptions& options) {
  if (session.config) refuse_problems(*session.config);
  const auto now = clock_now();
  check_clock(now);
  return pki::plan_renew(session.config ? &session.config->config.value() : nullptr, session.inventory, now, options);
}

RenewRun plan_run(Session session, const pki::RenewOptions& options) {
  RenewRun run{.session = std::move(session),
               .renewal = {},
               .pending_hooks = {},
               .pending_restarts = {},
               .signing = {},
               .answered = {}};
  run.renewal.plan = plan_of(run.session, options);
  const auto& catalog = run.session.inventory.catalog;
  run.pending_hooks = pki::read_pending(run.session.layout(), pki::PendingWork::deploy_hooks, catalog);
  run.pending_restarts = pki::read_pending(run.session.layout(), pki::PendingWork::restarts, catalog);
  return run;
}

bool has_work(const RenewRun& run, const Hooks& hooks, const StaticPodOptions& pods) {
  return can_renew(run.renewal.plan) || must_restart(run, pods) || must_deploy(run, hooks) ||
         !run.session.inventory.notes.empty();  // an unfinished write or restart, which taking the lock finishes
}

void carry_out(RenewRun& run, const Hooks& hooks, const StaticPodOptions& pods, const WriteOptions& options) {
  if (can_renew(run.renewal.plan)) {
    renew(run, hooks, pods, options);
  } else {
    restart(run, pods);
    deploy(run, hooks);
  }
}

}  // namespace cli
