// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "commands/exit.hpp"

namespace CLI {
class App;
}

namespace cli {

/// The work of the chosen command, which is done after parsing; returns the exit status.
using Run = std::function<int()>;

/// Each command has a file and one function, which adds its options to the application and sets `run` when the command
/// is chosen.
void add_init(CLI::App& app, Run& run);
void add_check_expiration(CLI::App& app, Run& run);
void add_renew(CLI::App& app, Run& run);
void add_user(CLI::App& app, Run& run);
void add_csr(CLI::App& app, Run& run);
void add_recover(CLI::App& app, Run& run);
void add_backups(CLI::App& app, Run& run);
void add_undo(CLI::App& app, Run& run);
void add_rbac(CLI::App& app, Run& run);
void add_bootstrap_token(CLI::App& app, Run& run);
void add_version(CLI::App& app, Run& run);
void add_help(CLI::App& app, Run& run);
void add_completion(CLI::App& app, Run& run);

// The commands of the group `csr`.
void add_csr_create(CLI::App& csr, Run& run);
void add_csr_sign(CLI::App& csr, Run& run);
void add_csr_submit(CLI::App& csr, Run& run);
void add_csr_import(CLI::App& csr, Run& run);

}  // namespace cli
