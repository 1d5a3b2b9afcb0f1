// SPDX-License-Identifier: Apache-2.0
#include "commands/roll_out.hpp"

#include <filesystem>
#include <iterator>
#include <utility>

#include <fmt/core.h>

#include <pki/pending.hpp>

#include "print/output.hpp"
#include "print/remedy_text.hpp"

namespace cli {

namespace {

bool must_restart(const Rows& pending, const StaticPodOptions& pods) { return pods.restart && !pending.empty(); }

bool must_deploy(const Rows& pending, const Hooks& hooks) { return hooks.has_deploy() && !pending.empty(); }

Rows pending(const Session& session, pki::PendingWork work) {
  return pki::read_pending(session.layout(), work, session.inventory.catalog);
}

// The remedy of a problem comes before the hint that is the same for all.
void append(std::vector<pki::Finding>& problems, std::vector<pki::Finding> more, const std::string& hint = {}) {
  for (auto& problem : more) {
    if (!hint.empty()) problem.remedy = problem.remedy.text.empty() ? hint : problem.remedy.text + "; " + hint;
    problems.push_back(std::move(problem));
  }
}

}  // namespace

RollOut::RollOut(const Session& session, std::string_view done)
    : done_(done),
      pending_hooks_(pending(session, pki::PendingWork::deploy_hooks)),
      pending_restarts_(pending(session, pki::PendingWork::restarts)) {}

bool RollOut::has_work(const Hooks& hooks, const StaticPodOptions& pods) const {
  return must_restart(pending_restarts_, pods) || must_deploy(pending_hooks_, hooks);
}

// A crash after the commit must not leave a process with an old certificate.
void RollOut::record(const Session& session, const Rows& rows, const Hooks& hooks, const StaticPodOptions& pods) {
  if (hooks.has_deploy()) {
    pki::add_pending(*session.lock, pki::PendingWork::deploy_hooks, rows);
    pending_hooks_ = pending(session, pki::PendingWork::deploy_hooks);
  }
  if (pods.restart) {
    pki::add_pending(*session.lock, pki::PendingWork::restarts, rows,
                     std::filesystem::absolute(pods.manifests_dir).lexically_normal());
    pending_restarts_ = pending(session, pki::PendingWork::restarts);
  }
}

// The rows stay pending until every hook has succeeded, and every pod is restarted.
std::vector<pki::Finding> RollOut::carry_out(const Session& session, const Hooks& hooks, const StaticPodOptions& pods) {
  std::vector<pki::Finding> failures;
  if (must_restart(pending_restarts_, pods)) {
    failures = restart_static_pods(*session.lock, pending_restarts_, pods);
    if (failures.empty()) pki::clear_pending(*session.lock, pki::PendingWork::restarts);
  }
  if (!must_deploy(pending_hooks_, hooks)) return failures;
  auto problems = hooks.deploy(pending_hooks_);
  if (problems.empty()) pki::clear_pending(*session.lock, pki::PendingWork::deploy_hooks);
  append(failures, std::move(problems),
         fmt::format("the certificates are {}; `{}` with the same hooks runs the deploy hooks again", done_,
                     own_command("renew --if-needed")));
  return failures;
}

std::vector<pki::Finding> RollOut::surround(const Rows& rows, const Hooks& hooks,
                                            const std::function<std::vector<pki::Finding>()>& write) const {
  std::vector<pki::Finding> failures;
  if (auto problems = hooks.pre(rows); !problems.empty()) {
    append(failures, std::move(problems), fmt::format("nothing was {}", done_));
  } else {
    try {
      failures = write();
    } catch (...) {
      fail(hooks.post(rows));
      throw;
    }
  }
  append(failures, hooks.post(rows));
  return failures;
}

}  // namespace cli
