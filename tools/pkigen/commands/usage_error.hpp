// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <pki/error.hpp>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace cli {

/// usage_error words why a command line does not parse. It names the first unknown word and suggests the nearest
/// command or flag.
[[nodiscard]] pki::Error usage_error(const CLI::App& app, const CLI::ParseError& error);

/// Returns the error for a word that is not the name of a command of the program or of a group; it suggests the nearest
/// one.
[[nodiscard]] pki::Error unknown_command(const CLI::App& app, const std::string& word);

/// Returns the error for a word after a command that takes no more.
[[nodiscard]] pki::Error unexpected_argument(const CLI::App& command, const std::string& word);

}  // namespace cli
