// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <pki/request.hpp>

#include "commands/cluster_options.hpp"
#include "commands/request.hpp"
#include "commands/row_names.hpp"
#include "commands/session.hpp"
#include "commands/write_options.hpp"
#include "host/hooks.hpp"
#include "host/static_pods.hpp"

namespace CLI {
class App;
}

namespace cli {

/// RequestChoice is what certificates are requested for, by the commands that make requests.
struct RequestChoice {
  ClusterOptions cluster;
  WriteOptions write;
  std::vector<std::string> rows;
  std::string within{"30d"};
  bool reuse_key{false};
};

/// add_request_options adds --within and --reuse-key.
void add_request_options(CLI::App& command, RequestChoice& choice);

/// Returns the plan for `rows`, or for what is missing or due. Prints its warnings; throws NotCarriedOut for conflicts.
[[nodiscard]] pki::Plan plan_requests(const RequestChoice& choice, const Rows& rows, const Request& request,
                                      const Session& session, std::chrono::sys_seconds now);

/// Makes the requests of a plan and stores them with their keys, and the configuration that they were made with.
/// `command` is named in the backup.
[[nodiscard]] std::vector<pki::WaitingRequest> make_and_save(const pki::Plan& plan, const Session& session,
                                                             const WriteOptions& write, const char* command,
                                                             std::chrono::sys_seconds now);

/// Returns the requests that wait for `rows`, of all rows where the list is empty, in catalog order, `made` among them.
/// Those that were made before are written again, so that a lost file does not need new keys.
[[nodiscard]] std::vector<pki::WaitingRequest> with_waiting(std::vector<pki::WaitingRequest> made,
                                                            const Session& session, const Rows& rows);

/// RollOutOptions are the hooks and restarts with which processes of this host get to use imported certificates.
struct RollOutOptions {
  HookOptions hooks;
  StaticPodOptions pods;
};

/// import_answers puts answers in place, with hooks and restarts around; a session without the lock is a dry run, which
/// writes nothing. Prints the warnings; throws NotCarriedOut for conflicts and for a pre-hook that fails. `command` is
/// named in the backup.
[[nodiscard]] pki::Imported import_answers(const std::vector<pki::Answer>& answers, const Session& session,
                                           const WriteOptions& write, const RollOutOptions& options,
                                           const char* command, std::chrono::sys_seconds now);
/// Prints what was imported and what failed afterwards, and returns the exit status.
[[nodiscard]] int report_import(pki::Imported imported, const pki::Layout& layout, const std::string& output);

}  // namespace cli
