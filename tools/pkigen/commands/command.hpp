#pragma once

#include <functional>

#include <pki/error.hpp>

namespace CLI {
class App;
}

namespace cli {

/// Exit is the status with which the program ends; DESIGN: one meaning a number, the same for every command.
enum Exit : int { ok = 0, failed = 1, usage = 2, expiring = 3, attention = 4, locked = 5, changed = 6 };

/// exit_of maps an error to the status.
[[nodiscard]] Exit exit_of(pki::Errc code) noexcept;

/// Run is what the chosen command does when parsing is over; it returns the exit status.
using Run = std::function<int()>;

/// Each command lives in a file of its own and adds itself with one function: options to the application, the work
/// to `run`.
void add_init(CLI::App& app, Run& run);
void add_check_expiration(CLI::App& app, Run& run);
void add_renew(CLI::App& app, Run& run);
void add_recover(CLI::App& app, Run& run);
void add_backups(CLI::App& app, Run& run);
void add_undo(CLI::App& app, Run& run);
void add_rbac(CLI::App& app, Run& run);
void add_version(CLI::App& app, Run& run);

}  // namespace cli
