// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "commands/command.hpp"

namespace cli {

/// set_up describes the whole command line to an empty application: every command with its options. Parsing sets
/// `verbose` and `run`, which must outlive the application.
void set_up(CLI::App& app, Run& run, bool& verbose);

}  // namespace cli
