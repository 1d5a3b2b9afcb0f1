// SPDX-License-Identifier: Apache-2.0
#include "spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <vector>

namespace faults {

namespace {

// A machine that is paused lets one interval pass at once, but not four.
constexpr int interval_seconds = 30;
constexpr int intervals = 4;
void redirect(const std::string& path, int fd) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0 || ::dup2(file, fd) < 0) ::_exit(126);
}

void on_alarm(int) {}

void set_alarm(int seconds) {
  const itimerval timer{{seconds, 0}, {seconds, 0}};
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace

std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void become(const Command& command, bool traced, void (*last)()) {
  redirect(command.output.string() + ".out", 1);
  redirect(command.output.string() + ".err", 2);
  ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
  std::vector<char*> words;
  for (const auto& word : command.words)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  if (traced) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    if (last != nullptr) last();
  }
  ::execv(words[0], words.data());
  ::_exit(127);
}

Deadline::Deadline() {
  struct sigaction action {};
  action.sa_handler = on_alarm;  // and no SA_RESTART
  ::sigaction(SIGALRM, &action, nullptr);
  set_alarm(interval_seconds);
}

Deadline::~Deadline() { set_alarm(0); }

bool Deadline::passed() noexcept { return ++alarms_ >= intervals; }

Outcome run(const Command& command) {
  Outcome outcome;
  const int pid = ::fork();
  if (pid == 0) become(command, false);
  int status = 0;
  Deadline deadline;
  while (::waitpid(pid, &status, 0) < 0) {
    if (!deadline.passed()) continue;
    outcome.hung = true;
    ::kill(pid, SIGKILL);
  }
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  outcome.out = slurp(command.output.string() + ".out");
  outcome.err = slurp(command.output.string() + ".err");
  return outcome;
}

}  // namespace faults
