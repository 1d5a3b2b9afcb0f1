#include "host/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <system_error>
#include <thread>

#include <fmt/core.h>

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
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
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

// Waits until the process has ended. Returns false when `end` comes first.
bool wait_until(pid_t pid, Clock::time_point end, int& status) {
  for (;;) {
    const auto found = ::waitpid(pid, &status, WNOHANG);
    if (found == pid) return true;
    if (found < 0 && errno != EINTR) {
      status = 0;
      return true;
    }
    if (Clock::now() >= end) return false;
    std::this_thread::sleep_for(step);
  }
}

std::optional<std::string> outcome(int status) {
  if (WIFSIGNALED(status)) return fmt::format("ended by signal {}", WTERMSIG(status));
  if (WEXITSTATUS(status) != 0) return fmt::format("ended with status {}", WEXITSTATUS(status));
  return std::nullopt;
}

// Asks the group to end, and kills the processes that remain, also descendants of a process that has ended.
void kill_group(pid_t pid) {
  int status = 0;
  ::kill(-pid, SIGTERM);
  const bool ended = wait_until(pid, Clock::now() + grace, status);
  ::kill(-pid, SIGKILL);
  if (!ended) ::waitpid(pid, &status, 0);
}

}  // namespace

std::optional<std::string> run_process(const std::vector<std::string>& arguments,
                                       const std::vector<std::string>& variables, std::chrono::milliseconds timeout) {
  auto words = arguments;
  auto environment = environment_with(variables);
  const SpawnAttributes spawn;
  pid_t pid = 0;
  const auto end = Clock::now() + timeout;
  const int error = ::posix_spawn(&pid, words.front().c_str(), spawn.actions(), spawn.attributes(),
                                  pointers(words).data(), pointers(environment).data());
  if (error != 0) return "cannot be started: " + std::generic_category().message(error);
  int status = 0;
  if (wait_until(pid, end, status)) return outcome(status);
  kill_group(pid);
  return fmt::format("killed after {} s", static_cast<double>(timeout.count()) / 1000);
}

}  // namespace cli
