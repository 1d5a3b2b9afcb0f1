// SPDX-License-Identifier: Apache-2.0
#include "host/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <thread>

#include <fmt/core.h>

#include "host/interrupts.hpp"

namespace cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds step{10};
constexpr std::chrono::seconds grace{2};

class SpawnAttributes {
 public:
  SpawnAttributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    // A parent that ignores a signal, as systemd ignores SIGPIPE, shall not change how a hook works.
    sigset_t all;
    ::sigfillset(&all);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }
  [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

std::string_view name_of(std::string_view variable) { return variable.substr(0, variable.find('=')); }

std::vector<std::string> environment_with(const std::vector<std::string>& variables) {
  auto environment = variables;
  for (char** item = environ; item != nullptr && *item != nullptr; ++item)
    if (std::ranges::none_of(variables, [&](const auto& variable) { return name_of(variable) == name_of(*item); }))
      environment.emplace_back(*item);
  return environment;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (auto& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// Ended is how a process ended, or why that is not known.
struct Ended {
  int status{0};
  int error{0};  ///< of waitpid: somebody else has collected the process
};

// Waits until the process has ended. Returns nothing when `end` or a signal comes first.
std::optional<Ended> wait_until(pid_t pid, Clock::time_point end) {
  for (;;) {
    int status = 0;
    const auto found = ::waitpid(pid, &status, WNOHANG);
    if (found == pid) return Ended{status, 0};
    if (found < 0 && errno != EINTR) return Ended{0, errno};
    if (Clock::now() >= end || Interrupts::caught() != 0) return std::nullopt;
    std::this_thread::sleep_for(step);
  }
}

std::optional<std::string> outcome(const Ended& ended) {
  if (ended.error != 0) return "its result is not known: " + std::generic_category().message(ended.error);
  if (WIFSIGNALED(ended.status)) return fmt::format("ended by signal {}", WTERMSIG(ended.status));
  if (WEXITSTATUS(ended.status) != 0) return fmt::format("ended with status {}", WEXITSTATUS(ended.status));
  return std::nullopt;
}

// Asks the group to end, and kills the processes that remain, also descendants of a process that has ended.
void kill_group(pid_t pid) {
  ::kill(-pid, SIGTERM);
  const auto end = Clock::now() + grace;
  bool ended = ::waitpid(pid, nullptr, WNOHANG) != 0;
  while (!ended && Clock::now() < end) {
    std::this_thread::sleep_for(step);
    ended = ::waitpid(pid, nullptr, WNOHANG) != 0;
  }
  ::kill(-pid, SIGKILL);
  if (!ended) ::waitpid(pid, nullptr, 0);
}

}  // namespace

std::optional<std::string> run_process(const std::vector<std::string>& arguments,
                                       const std::vector<std::string>& variables, std::chrono::milliseconds timeout) {
  auto words = arguments;
  auto environment = environment_with(variables);
  // The process has its own group, which a signal for ours does not reach.
  const Interrupts interrupts;
  const SpawnAttributes spawn;
  pid_t pid = 0;
  const auto end = Clock::now() + timeout;
  const int error = ::posix_spawn(&pid, words.front().c_str(), spawn.actions(), spawn.attributes(),
                                  pointers(words).data(), pointers(environment).data());
  if (error != 0) return "cannot be started: " + std::generic_category().message(error);
  if (const auto ended = wait_until(pid, end)) return outcome(*ended);
  kill_group(pid);
  return fmt::format("killed after {} s", static_cast<double>(timeout.count()) / 1000);
}

}  // namespace cli
