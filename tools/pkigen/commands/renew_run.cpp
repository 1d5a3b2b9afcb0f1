// SPDX-License-Identifier: Apache-2.0
#include "commands/renew_run.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <pki/pki.hpp>

#include "commands/clock.hpp"
#include "print/output.hpp"
#include "print/progress.hpp"

namespace cli {

namespace {

bool can_renew(const pki::Plan& plan) { return plan.conflicts.empty() && plan.changes(); }

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
  run.roll_out.record(run.session, pki::renewed_rows(run.renewal.plan), hooks, pods);
  run.renewal.written = pki::commit(bundle, *run.session.lock, commit_options("renew", options, clock_now()));
  warn(run.renewal.written.notes);
  run.renewal.issued = std::move(bundle.issued);
}

void renew(RenewRun& run, const Hooks& hooks, const StaticPodOptions& pods, const WriteOptions& options) {
  pki::check_writable(run.renewal.plan);
  // Before the hooks, which may stop what uses the certificates.
  auto signers = open_signers(signing_cas(own_part(run)), run.session.inventory, run.signing);
  const auto rows = pki::renewed_rows(run.renewal.plan);
  run.renewal.failures = run.roll_out.surround(rows, hooks, [&] {
    write_certificates(run, hooks, pods, options, std::move(signers));
    return run.roll_out.carry_out(run.session, hooks, pods);
  });
}

}  // namespace

pki::Plan plan_of(const Session& session, const pki::RenewOptions& options) {
  if (session.config) refuse_problems(*session.config);
  const auto now = clock_now();
  check_clock(now);
  return pki::plan_renew(session.config ? &session.config->config.value() : nullptr, session.inventory, now, options);
}

RenewRun plan_run(Session session, const pki::RenewOptions& options) {
  RollOut roll_out(session, "renewed");
  RenewRun run{
      .session = std::move(session), .renewal = {}, .roll_out = std::move(roll_out), .signing = {}, .answered = {}};
  run.renewal.plan = plan_of(run.session, options);
  return run;
}

bool has_work(const RenewRun& run, const Hooks& hooks, const StaticPodOptions& pods) {
  return can_renew(run.renewal.plan) || run.roll_out.has_work(hooks, pods) ||
         !run.session.inventory.notes.empty();  // an unfinished write or restart, which taking the lock finishes
}

void carry_out(RenewRun& run, const Hooks& hooks, const StaticPodOptions& pods, const WriteOptions& options) {
  if (can_renew(run.renewal.plan)) {
    renew(run, hooks, pods, options);
  } else {
    run.renewal.failures = run.roll_out.carry_out(run.session, hooks, pods);
  }
}

}  // namespace cli
