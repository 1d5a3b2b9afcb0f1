// SPDX-License-Identifier: Apache-2.0
#include "tracer.hpp"

#include <asm/unistd.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iterator>
#include <map>
#include <stdexcept>
#include <vector>

#include "decode.hpp"
#include "spawn.hpp"

namespace faults {

namespace {

// EINTR again and again for ever is no kernel's behaviour, and a loop that continues is right to.
constexpr int eintr_repeats = 3;

// Only calls of a known shape stop the process, and its end. To stop at each of the others would cost more than they
// do.
void stop_at_known_calls() {
  std::vector<long> numbers{__NR_exit_group};
  for (const auto& shape : all_shapes())
    numbers.push_back(shape.number);
  std::vector<sock_filter> filter{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (std::size_t i = 0; i < numbers.size(); ++i)
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(numbers[i]),
                              static_cast<unsigned char>(numbers.size() - i), 0));
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) return;
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);  // who is not root may not filter without it
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) ::_exit(126);
}

class Tracer {
 public:
  Tracer(const Command& command, const Injection& injection, AtExit at_exit, void* context)
      : command_(command), injection_(injection), at_exit_(at_exit), context_(context) {
    watched_ = command.watched.string();
  }

  Outcome run() {
    leader_ = ::fork();
    if (leader_ < 0) throw std::runtime_error("cannot fork");
    if (leader_ == 0) become(command_, true, stop_at_known_calls);
    int status = 0;
    ::waitpid(leader_, &status, __WALL);
    constexpr long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                             PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP;
    ::ptrace(PTRACE_SETOPTIONS, leader_, nullptr, options);
    go_on(leader_, 0);
    wait_for_all();
    outcome_.out = slurp(command_.output.string() + ".out");
    outcome_.err = slurp(command_.output.string() + ".err");
    return std::move(outcome_);
  }

 private:
  struct Thread {
    std::optional<Call> call;
    long forced{0};  ///< result that the call is made to have
    bool force{false};
    bool seen{false};
  };

  void wait_for_all() {
    Deadline deadline;
    while (true) {
      int status = 0;
      const int pid = ::waitpid(-1, &status, __WALL);
      if (pid < 0 && errno == ECHILD) return;
      if (pid < 0) {
        if (deadline.passed()) kill_hung();
      } else if (WIFSTOPPED(status)) {
        stopped(pid, status);
      } else if (pid == leader_) {
        outcome_.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        outcome_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
      }
    }
  }

  void kill_hung() {
    outcome_.hung = true;
    ::kill(leader_, SIGKILL);
  }

  // A call whose end is of interest stops there once more.
  void go_on(int pid, int signal) {
    const auto request = threads_[pid].call ? PTRACE_SYSCALL : PTRACE_CONT;
    ::ptrace(request, pid, nullptr, static_cast<long>(signal));
  }

  void stopped(int pid, int status) {
    const int event = status >> 16;
    const int signal = WSTOPSIG(status);
    auto& thread = threads_[pid];
    if (event == PTRACE_EVENT_EXEC) {
      if (started_++ > 0) ++outcome_.children;
    } else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK) {
      ++outcome_.children;
    } else if (event == PTRACE_EVENT_SECCOMP || (event == 0 && signal == (SIGTRAP | 0x80))) {
      system_call(pid, thread);
    } else if (event == 0 && !(signal == SIGSTOP && !thread.seen)) {
      thread.seen = true;
      return go_on(pid, signal);
    }
    thread.seen = true;
    go_on(pid, 0);
  }

  void system_call(int pid, Thread& thread) {
    struct __ptrace_syscall_info info {};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
    if (info.op == PTRACE_SYSCALL_INFO_SECCOMP) {
      Arguments arguments{};
      std::copy(std::begin(info.seccomp.args), std::end(info.seccomp.args), arguments.begin());
      entered(pid, thread, static_cast<long>(info.seccomp.nr), arguments);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && thread.call) {
      left(pid, thread, static_cast<long>(info.exit.rval));
    }
  }

  void entered(int pid, Thread& thread, long number, const Arguments& arguments) {
    thread.call.reset();
    thread.force = false;
    if (started_ == 0) return;
    if (number == __NR_exit_group && at_exit_ != nullptr) at_exit_(pid, context_);
    const auto* shape = find_shape(number);
    if (shape == nullptr) return;
    auto call = decoder_.decode(pid, *shape, arguments);
    if (concerns(call)) {
      call.number = ++count_;
      inject_before(pid, thread, call);
    }
    // A call that only reads is most of them, its result is of no interest, and to stop at its end takes time.
    const bool tells = call.opens() || call.writes_data() || call.name() == "close" || call.name() == "fcntl";
    if (tells || call.injected || (call.number > 0 && call.mutates))
      thread.call = std::move(call);
    else if (call.number > 0)
      outcome_.calls.push_back(std::move(call));
  }

  [[nodiscard]] bool concerns(const Call& call) const {
    if (call.name() == "fcntl" && !is_lock(call)) return false;
    if (call.fd >= 0 && call.fd <= 2) return started_below_ && call.mutates && call.name() != "close";
    return below(call.path) || below(call.path2);
  }

  static bool is_lock(const Call& call) {
    const auto what = call.arguments[1];
    return what == F_OFD_SETLK || what == F_OFD_SETLKW || what == F_SETLK || what == F_SETLKW;
  }

  [[nodiscard]] bool below(const std::string& path) const {
    return path.starts_with(watched_) && (path.size() == watched_.size() || path[watched_.size()] == '/');
  }

  [[nodiscard]] bool same_kind(const Call& call) const {
    return call.shape == first_.shape && call.mutates == first_.mutates;
  }

  void inject_before(int pid, Thread& thread, Call& call) {
    started_below_ = true;
    const bool first = call.number == injection_.number;
    if (first) first_ = call;
    if (!first && !(injection_.sticky && outcome_.injected && same_kind(call))) return;
    if (injection_.what == Injection::What::nothing) return;
    if (injection_.what == Injection::What::fail && injection_.error == EINTR && ++repeats_ > eintr_repeats) return;
    if (injection_.what == Injection::What::short_write && !(call.writes_data() && call.shape->size >= 0)) return;
    outcome_.injected = true;
    call.injected = true;
    user_regs_struct registers{};
    if (injection_.what == Injection::What::kill_before) {
      skip(pid, registers);
      ::kill(leader_, SIGKILL);
    } else if (injection_.what == Injection::What::fail) {
      skip(pid, registers);
      thread.force = true;
      thread.forced = -injection_.error;
    } else if (injection_.what == Injection::What::short_write) {
      ::ptrace(PTRACE_GETREGS, pid, nullptr, &registers);
      registers.rdx = std::max<unsigned long long>(1, registers.rdx / 2);
      ::ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
    }
  }

  // A call number that does not exist: the kernel does nothing.
  static void skip(int pid, user_regs_struct& registers) {
    ::ptrace(PTRACE_GETREGS, pid, nullptr, &registers);
    registers.orig_rax = static_cast<unsigned long long>(-1);
    ::ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
  }

  void left(int pid, Thread& thread, long result) {
    auto call = std::move(*thread.call);
    thread.call.reset();
    if (thread.force) {
      user_regs_struct registers{};
      ::ptrace(PTRACE_GETREGS, pid, nullptr, &registers);
      registers.rax = static_cast<unsigned long long>(thread.forced);
      ::ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
      result = thread.forced;
    }
    call.result = result;
    if (call.number > 0 && call.name() == "write" && call.fd > 2 && result > 0) call.data = written(pid, call);
    decoder_.remember(call);
    if (call.injected && injection_.what == Injection::What::kill_after) ::kill(leader_, SIGKILL);
    if (call.number > 0) outcome_.calls.push_back(std::move(call));
  }

  static std::string written(int pid, const Call& call) {
    std::string data(static_cast<std::size_t>(call.result), '\0');
    iovec here{data.data(), data.size()};
    iovec there{reinterpret_cast<void*>(call.arguments[1]), data.size()};
    if (::process_vm_readv(pid, &here, 1, &there, 1, 0) != call.result)
      throw std::runtime_error("cannot read what was written to " + call.path);
    return data;
  }

  const Command& command_;
  const Injection& injection_;
  AtExit at_exit_;
  void* context_;
  std::string watched_;
  int leader_{0};
  int started_{0};
  bool started_below_{false};
  int count_{0};
  int repeats_{0};
  Call first_;
  std::map<int, Thread> threads_;
  Decoder decoder_;
  Outcome outcome_;
};

}  // namespace

std::string to_text(const Injection& injection) {
  const auto place = " #" + std::to_string(injection.number);
  switch (injection.what) {
    case Injection::What::nothing:
      return "nothing";
    case Injection::What::kill_before:
      return "kill before" + place;
    case Injection::What::kill_after:
      return "kill after" + place;
    case Injection::What::short_write:
      return "short write at" + place + (injection.sticky ? ", sticky" : "");
    case Injection::What::fail:
      break;
  }
  return errno_name(injection.error) + " at" + place + (injection.sticky ? ", sticky" : "");
}

Outcome trace(const Command& command, const Injection& injection, AtExit at_exit, void* context) {
  return Tracer(command, injection, at_exit, context).run();
}

}  // namespace faults
