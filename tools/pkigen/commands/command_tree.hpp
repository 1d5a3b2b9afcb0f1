// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

// A command may be a group of commands: `pkigen csr create`.

/// Returns the commands of the program or of a group, in the order of the help.
[[nodiscard]] std::vector<const CLI::App*> commands_of(const CLI::App& group);
/// Returns the commands of the program and of all its groups; a group comes before its commands.
[[nodiscard]] std::vector<const CLI::App*> all_commands(const CLI::App& app);
/// Returns the command of that name of the program or of a group; null for any other name.
[[nodiscard]] const CLI::App* find_command(const CLI::App& group, std::string_view name);
[[nodiscard]] bool is_group(const CLI::App& command);

/// Returns the name of a command as it is typed after that of the program: "csr create".
[[nodiscard]] std::string full_name(const CLI::App& command);

/// Returns the command that was typed, or the group where its command is missing; null without one.
[[nodiscard]] const CLI::App* chosen_command(const CLI::App& app);

}  // namespace cli
