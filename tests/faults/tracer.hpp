// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "calls.hpp"

namespace faults {

/// Injection is what happens to the call with a given number, and, if sticky, to later ones of the same kind.
struct Injection {
  enum class What { nothing, kill_before, kill_after, fail, short_write };
  What what{What::nothing};
  int number{0};
  int error{0};
  bool sticky{false};
};

/// to_text is "kill before #17" or "ENOSPC at #17, sticky".
[[nodiscard]] std::string to_text(const Injection& injection);

/// Command is a program to run and the directory whose calls are numbered.
struct Command {
  std::vector<std::string> words;
  std::filesystem::path watched;
  std::filesystem::path output;  ///< its stdout and stderr go to files OUTPUT.out and OUTPUT.err
  bool stop_at_exit{false};      ///< call `at_exit` with every thread stopped at exit_group
};

/// Outcome is how a run went.
struct Outcome {
  int status{-1};  ///< exit status; -1: killed
  int signal{0};
  bool hung{false};
  bool injected{false};  ///< the call with the number came
  int children{0};       ///< fork, vfork, execve after the start
  std::vector<Call> calls;
  std::string out;
  std::string err;
};

/// AtExit looks at a process that is about to end.
using AtExit = void (*)(int process, void* context);

/// trace runs a command to its end under ptrace, with all its threads. One order numbers the file calls of all
/// threads, from 1; since pkigen touches files from one thread the numbers are the same in every run.
[[nodiscard]] Outcome trace(const Command& command, const Injection& injection = {}, AtExit at_exit = nullptr,
                            void* context = nullptr);

/// run runs a command without tracing it.
[[nodiscard]] Outcome run(const Command& command);

}  // namespace faults
