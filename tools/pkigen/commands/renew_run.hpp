// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pki/bundle.hpp>
#include <pki/plan.hpp>
#include <pki/renewal.hpp>

#include "commands/roll_out.hpp"
#include "commands/session.hpp"
#include "commands/signing_keys.hpp"
#include "commands/write_options.hpp"
#include "host/hooks.hpp"
#include "host/static_pods.hpp"

namespace cli {

/// One run of `renew`: what was read and what is decided and done.
struct RenewRun {
  Session session;
  pki::Renewal renewal;
  RollOut roll_out;
  SigningKeyOptions signing{};
  pki::Bundle answered{};  ///< certificates that others have signed, ready to be written with those that are made here
};

/// Returns what a renewal of the session does now.
[[nodiscard]] pki::Plan plan_of(const Session& session, const pki::RenewOptions& options);

/// plan_run decides what to renew. Throws InvalidConfiguration, and pki::Error(mismatch) when this host's clock is
/// wrong.
[[nodiscard]] RenewRun plan_run(Session session, const pki::RenewOptions& options);

/// Returns whether carrying the run out would change anything, restart a pod, or run a hook.
[[nodiscard]] bool has_work(const RenewRun& run, const Hooks& hooks, const StaticPodOptions& pods);

/// carry_out renews under the lock of the session, with hooks and restarts around. A failure after the
/// certificates are written is in `renewal.failures`.
void carry_out(RenewRun& run, const Hooks& hooks, const StaticPodOptions& pods, const WriteOptions& options);

}  // namespace cli
