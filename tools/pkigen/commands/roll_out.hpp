// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <pki/finding.hpp>

#include "commands/row_names.hpp"
#include "commands/session.hpp"
#include "host/hooks.hpp"
#include "host/static_pods.hpp"

namespace cli {

/// RollOut is what makes the processes of this host use certificates that are written: restarts of static pods, and
/// deploy hooks. The work is recorded before the certificates are in place and until it has succeeded, so that a crash
/// or a failure leaves it to the next run.
class RollOut {
 public:
  /// Reads what is pending. `done` says what has been done when a deploy hook fails: "renewed".
  RollOut(const Session& session, std::string_view done);

  /// Returns whether work is pending that the options ask for.
  [[nodiscard]] bool has_work(const Hooks& hooks, const StaticPodOptions& pods) const;
  /// Records the work for rows that are about to be written.
  void record(const Session& session, const Rows& rows, const Hooks& hooks, const StaticPodOptions& pods);
  /// Does what is pending, and returns what failed.
  [[nodiscard]] std::vector<pki::Finding> carry_out(const Session& session, const Hooks& hooks,
                                                    const StaticPodOptions& pods);

  /// Calls `write` between the pre-hook and the post-hook, and returns what failed. `write` is not called after a
  /// pre-hook that fails.
  [[nodiscard]] std::vector<pki::Finding> surround(const Rows& rows, const Hooks& hooks,
                                                   const std::function<std::vector<pki::Finding>()>& write) const;

 private:
  std::string done_;
  Rows pending_hooks_;     ///< written, but the deploy hooks have not succeeded since
  Rows pending_restarts_;  ///< written, but the static pods that use them were not restarted since
};

}  // namespace cli
