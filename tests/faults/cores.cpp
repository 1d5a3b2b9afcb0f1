// SPDX-License-Identifier: Apache-2.0
// Sends pkigen the signals that end a process with a core file, at many points of each command, and looks for a core.
// See README.md: SH-03.

#include <asm/unistd.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "scenario.hpp"
#include "spawn.hpp"
#include "summary.hpp"
#include "support/temp_dir.hpp"

namespace faults {

namespace {

namespace fs = std::filesystem;

/// The commands run as another user than root: its processes belong to root in /proc once core files are off.
constexpr uid_t somebody = 65534;
constexpr std::array signals{SIGSEGV, SIGABRT, SIGQUIT, SIGILL, SIGBUS, SIGFPE};

/// Shot is one run with a signal at one system call.
struct Shot {
  int calls{0};         ///< system calls of all threads
  bool shot{false};     ///< the call with the number came
  int guarded_from{0};  ///< the first call at which the process gave no core any more
  bool guarded{false};  ///< when the signal was sent, the process gave no core any more
  bool late{false};     ///< a file of the PKI was opened before that
  bool core{false};     ///< the kernel made one
  int ended_by{0};      ///< the signal that ended it
};

/// Target is what is run, where, and how it would leave a core.
struct Target {
  std::vector<std::string> words;
  fs::path site;
  fs::path cores;
};

[[noreturn]] void become_somebody(const Target& target) {
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_CORE, &unlimited);
  if (::chdir(target.cores.c_str()) != 0 || ::setresgid(somebody, somebody, somebody) != 0 ||
      ::setresuid(somebody, somebody, somebody) != 0)
    ::_exit(126);
  ::prctl(PR_SET_DUMPABLE, 1);
  become({target.words, target.site, target.cores / "output"}, true);
}

class Shooting {
 public:
  Shooting(const Target& target, int at, int signal) : target_(target), at_(at), signal_(signal) {}

  Shot run() {
    leader_ = ::fork();
    if (leader_ < 0) throw std::runtime_error("cannot fork");
    if (leader_ == 0) become_somebody(target_);
    int status = 0;
    ::waitpid(leader_, &status, __WALL);
    ::ptrace(PTRACE_SETOPTIONS, leader_, nullptr,
             PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
    go_on(leader_, 0);
    for (int pid = 0; (pid = ::waitpid(-1, &status, __WALL)) > 0;) {
      if (WIFSTOPPED(status)) {
        stopped(pid, status);
      } else if (pid == leader_) {
        shot_.ended_by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        shot_.core = WIFSIGNALED(status) && WCOREDUMP(status);
      }
    }
    return shot_;
  }

 private:
  static void go_on(int pid, int signal) { ::ptrace(PTRACE_SYSCALL, pid, nullptr, static_cast<long>(signal)); }

  void stopped(int pid, int status) {
    const int event = status >> 16, signal = WSTOPSIG(status);
    if (event == PTRACE_EVENT_EXEC) started_ = true;
    if (event != 0 || signal == (SIGTRAP | 0x80)) {
      if (event == 0 && started_) call(pid);
      return go_on(pid, 0);
    }
    const bool first_stop = signal == SIGSTOP && known_.insert(pid).second && pid != leader_;
    go_on(pid, first_stop ? 0 : signal);
  }

  void call(int pid) {
    struct __ptrace_syscall_info info {};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY) return;
    const bool opens = info.entry.nr == __NR_openat || info.entry.nr == __NR_openat2 || info.entry.nr == __NR_open;
    if (shot_.guarded_from == 0 && guarded()) shot_.guarded_from = shot_.calls + 1;
    if (opens && !guarded() && in_site(pid, info.entry.args[info.entry.nr == __NR_open ? 0 : 1])) shot_.late = true;
    if (++shot_.calls != at_) return;
    shot_.shot = true;
    shot_.guarded = guarded();
    ::kill(leader_, signal_);
  }

  [[nodiscard]] bool guarded() const {
    struct stat status {};
    return ::stat(("/proc/" + std::to_string(leader_) + "/maps").c_str(), &status) == 0 && status.st_uid != somebody;
  }

  [[nodiscard]] bool in_site(int pid, std::uint64_t address) const {
    std::array<char, 512> text{};
    const iovec here{text.data(), text.size() - 1}, there{reinterpret_cast<void*>(address), text.size() - 1};
    (void)::process_vm_readv(pid, &here, 1, &there, 1, 0);
    return std::string(text.data()).starts_with(target_.site.string());
  }

  const Target& target_;
  int at_;
  int signal_;
  int leader_{0};
  bool started_{false};
  std::set<int> known_;
  Shot shot_;
};

void give_to_somebody(const fs::path& directory) {
  (void)::lchown(directory.c_str(), somebody, somebody);
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    (void)::lchown(entry.path().c_str(), somebody, somebody);
}

std::uintmax_t core_bytes(const fs::path& directory) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.path().filename().string().starts_with("core")) bytes += entry.file_size();
  return bytes;
}

/// can_dump says whether this machine makes cores at all, and of what does not prevent it.
bool can_dump(const fs::path& base) {
  const Target sleeper{{"/bin/cat", "/dev/null"}, base / "site", base / "cores"};
  const auto shot = Shooting(sleeper, 20, SIGSEGV).run();
  const auto bytes = core_bytes(sleeper.cores);
  for (const auto& entry : fs::directory_iterator(sleeper.cores))
    fs::remove_all(entry.path());
  std::printf("control: a program that does not prevent it: %s, %ju bytes of core here\n",
              shot.core ? "the kernel says it made a core" : "no core", bytes);
  if (shot.guarded) throw std::runtime_error("the control is guarded: what is looked at proves nothing");
  return shot.core;
}

struct Count {
  int points{0};
  int cores{0};
  int unguarded{0};
};

void shoot(const Target& target, int points, const Tree& before, const char* title, Summary& summary) {
  const auto again = [&] {
    write_tree(target.site, before);
    give_to_somebody(target.site);
  };
  again();
  const auto whole = Shooting(target, 0, 0).run();
  Count count;
  bool late = whole.late;
  for (int i = 0; i < points; ++i) {
    again();
    // From the first call after cores were turned off: before it the program is being loaded, and knows no key.
    const long span = whole.calls - whole.guarded_from;
    const int at = whole.guarded_from + static_cast<int>(span * i / points);
    const auto shot = Shooting(target, at, signals[static_cast<std::size_t>(i) % signals.size()]).run();
    late = late || shot.late;
    if (!shot.shot) continue;
    count.unguarded += shot.guarded ? 0 : 1;
    ++count.points;
    count.cores += shot.core ? 1 : 0;
  }
  const auto bytes = core_bytes(target.cores);
  std::printf("%-28s %5d calls %4d points %4d cores %4ju bytes of core\n", title, whole.calls, count.points,
              count.cores, bytes);
  summary.add("commands", 1);
  summary.add("points", static_cast<std::size_t>(count.points));
  summary.add("cores", static_cast<std::size_t>(count.cores));
  if (late || count.cores != 0 || count.unguarded != 0 || bytes != 0 || count.points < points * 9 / 10)
    throw std::runtime_error(std::string(title) +
                             (late ? ": a file was opened before cores were turned off" : ": failed"));
}

int main(int argc, char** argv, Summary& summary) {
  if (argc < 3) {
    std::fputs("usage: cores PROGRAM POINTS\n", stderr);
    return wrong_usage;
  }
  if (::geteuid() != 0) {
    std::puts("skipped: another user can be played by root only");
    return skipped;
  }
  const TempDir base(memory_dir());
  fs::permissions(base.path(), fs::perms(0755));
  fs::create_directory(base / "site");
  fs::create_directory(base / "cores");
  give_to_somebody(base.path());
  // A program below /root or in a build directory may be out of somebody's reach.
  fs::copy_file(argv[1], base / "pkigen");
  const Workplace place{base / "pkigen", base.path()};
  if (!can_dump(base.path())) std::puts("no core of any program is seen here: only the guard is looked at");
  const Words make{
      "init", "--node-name", "n", "--apiserver-advertise-address", "10.0.0.1", "--encryption-algorithm", "ECDSA-P256"};
  const int points = std::atoi(argv[2]);
  Tree tree;
  for (const Words& words : {make, Words{"check-expiration"}, Words{"renew", "all"}, Words{"undo"}, Words{"recover"}}) {
    shoot({place.command(words).words, place.site(), base / "cores"}, points, tree, words.front().c_str(), summary);
    write_tree(place.site(), tree);
    give_to_somebody(place.site());
    if (const auto whole = Shooting({place.command(words).words, place.site(), base / "cores"}, 0, 0).run();
        whole.ended_by != 0)
      throw std::runtime_error("an undisturbed run failed");
    tree = read_tree(place.site());
  }
  return 0;
}

}  // namespace

}  // namespace faults

int main(int argc, char** argv) { return faults::run_program(argc, argv, faults::main); }
