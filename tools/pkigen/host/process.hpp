// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace cli {

/// run_process runs a program (its path first, then its arguments) to its end, in a process group of its own, with
/// an empty standard input and its standard output sent to stderr, so that stdout has only the results of pkigen.
/// `variables`, "NAME=VALUE", override the environment. After `timeout`, and when a signal ends pkigen, the whole group
/// is killed. Returns empty when the program ended with status 0, and otherwise the reason.
[[nodiscard]] std::optional<std::string> run_process(const std::vector<std::string>& arguments,
                                                     const std::vector<std::string>& variables,
                                                     std::chrono::milliseconds timeout);

}  // namespace cli
