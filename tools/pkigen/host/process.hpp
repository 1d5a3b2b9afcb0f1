#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace cli {

/// run_process runs a program (its path first, then its arguments) to its end, in a process group of its own, with
/// nothing to read on standard input and its standard output sent to stderr: results of pkigen stay alone on stdout.
/// `variables`, "NAME=VALUE", are laid over the environment. After `timeout` the whole group is killed. Gives nothing
/// when the program ended with status 0, else why not.
[[nodiscard]] std::optional<std::string> run_process(const std::vector<std::string>& arguments,
                                                     const std::vector<std::string>& variables,
                                                     std::chrono::milliseconds timeout);

}  // namespace cli
