// SPDX-License-Identifier: Apache-2.0
// Endless files in the place of those that pkigen reads: it fails in bounded time and memory. See README.md.

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>

#include "scenario.hpp"
#include "spawn.hpp"
#include "summary.hpp"
#include "support/temp_dir.hpp"

namespace faults {

namespace {

namespace fs = std::filesystem;

constexpr off_t huge = off_t{1} << 30;
constexpr double most_seconds = 0.1;
constexpr long most_kib = 16L * 1024;
const Words make{
    "init",      "--node-name", "node-1", "--apiserver-advertise-address", "10.0.0.1", "--encryption-algorithm",
    "ECDSA-P256"};
const std::vector<Words> commands{make,        {"renew", "all"}, {"renew", "apiserver"}, {"check-expiration"}, {"undo"},
                                  {"recover"}, {"backups"}};

/// Endless is a kind of file that has no end, or none worth reading.
enum class Endless { sparse, growing, pipe };
constexpr Endless kinds[] = {Endless::sparse, Endless::growing, Endless::pipe};
constexpr const char* kind_names[] = {"1 GiB", "growing", "an endless FIFO"};

/// Cost is what a run took.
struct Cost {
  int status{-1};
  bool ended{false};
  double seconds{0};  ///< of the processor
  long kib{0};
};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

Cost measure(const Command& command) {
  const pid_t pid = ::fork();
  if (pid == 0) become(command, false);
  int status = 0;
  rusage usage{};
  Deadline deadline;
  Cost cost;
  while (::wait4(pid, &status, 0, &usage) < 0) {
    if (!deadline.passed()) continue;
    ::kill(pid, SIGKILL);
    status = -1;
  }
  cost.ended = status != -1;
  cost.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  cost.seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  cost.kib = usage.ru_maxrss;
  return cost;
}

/// Feeder is a process that makes a file endless.
class Feeder {
 public:
  Feeder(const fs::path& path, Endless kind) {
    fs::remove_all(path);
    fs::create_directories(path.parent_path());
    if (kind == Endless::pipe ? ::mkfifo(path.c_str(), 0600) != 0 : ::mknod(path.c_str(), S_IFREG | 0600, 0) != 0)
      throw std::runtime_error("cannot make " + path.string());
    if (kind == Endless::sparse && ::truncate(path.c_str(), huge) != 0)
      throw std::runtime_error("cannot make it large");
    if (kind == Endless::sparse) return;
    pid_ = ::fork();
    if (pid_ == 0) feed(path, kind);
  }
  Feeder(const Feeder&) = delete;
  Feeder& operator=(const Feeder&) = delete;
  ~Feeder() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  [[noreturn]] static void feed(const fs::path& path, Endless kind) {
    ::signal(SIGPIPE, SIG_IGN);
    const int fd = ::open(path.c_str(), (kind == Endless::pipe ? O_RDWR : O_WRONLY | O_APPEND) | O_CLOEXEC);
    const std::string block(4096, 'x');
    off_t written = 0;
    while (true)
      if (kind == Endless::growing && written > huge / 16)
        ::pause();  // the memory of the machine is not endless
      else
        written += ::write(fd, block.data(), block.size());
  }

  pid_t pid_{0};
};

std::vector<std::string> targets(const Tree& tree) {
  std::vector<std::string> paths{"pki/ca.key",
                                 "pki/apiserver.crt",
                                 "pki/apiserver.key",
                                 "pki/etcd/ca.crt",
                                 "pki/sa.pub",
                                 "admin.conf",
                                 "kubelet.conf",
                                 "pkigen.yaml",
                                 ".pki.pkigen.lock",
                                 ".pkigen.lock",
                                 "pki/.pkigen/deploy-pending",
                                 "pki/.pkigen-txn/manifest"};
  for (const auto& [path, node] : tree)
    if (path.starts_with("pki/.pkigen/backups/") && path.ends_with("/manifest")) paths.push_back(path);
  return paths;
}

int exhaust(const Workplace& place, Summary& summary) {
  write_tree(place.site(), {});
  for (const auto& words : {make, Words{"renew", "all"}})
    if (run(place.command(words)).status != 0) throw std::runtime_error(words.front() + " failed");
  const auto tree = read_tree(place.site());
  std::size_t cases = 0, wrong = 0;
  double slowest = 0;
  long largest = 0;
  for (const auto& words : commands) {
    Cost usual;
    for (int i = 0; i < 3; ++i) {
      write_tree(place.site(), tree);
      const auto cost = measure(place.command(words));
      usual.seconds = std::max(usual.seconds, cost.seconds);
      usual.kib = std::max(usual.kib, cost.kib);
    }
    for (const auto& path : targets(tree))
      for (const auto kind : kinds) {
        write_tree(place.site(), tree);
        const Feeder feeder(place.site() / path, kind);
        const auto cost = measure(place.command(words));
        slowest = std::max(slowest, cost.seconds - usual.seconds);
        largest = std::max(largest, cost.kib - usual.kib);
        ++cases;
        const bool good = cost.ended && cost.status >= 0 && cost.seconds < usual.seconds + most_seconds &&
                          cost.kib < usual.kib + most_kib;
        if (!good && ++wrong <= 25)
          std::printf("  %s is %s, %s: exit %d after %.3f s (usually %.3f), %ld KiB (usually %ld)\n", path.c_str(),
                      kind_names[static_cast<std::size_t>(kind)], words.front().c_str(), cost.status, cost.seconds,
                      usual.seconds, cost.kib, usual.kib);
      }
  }
  summary.add("cases", cases);
  summary.add("ms of processor time above usual at most", static_cast<std::size_t>(std::max(0.0, slowest) * 1000));
  summary.add("KiB above usual at most", static_cast<std::size_t>(std::max(0L, largest)));
  summary.add("wrong", wrong);
  return wrong == 0 ? 0 : 1;
}

int main(int argc, char** argv, Summary& summary) {
  if (argc != 2) {
    std::fputs("usage: limits PROGRAM\n", stderr);
    return wrong_usage;
  }
  const TempDir base(memory_dir());
  std::filesystem::permissions(base.path(), std::filesystem::perms(0755));
  return exhaust({std::filesystem::absolute(argv[1]), base.path()}, summary);
}

}  // namespace

}  // namespace faults

int main(int argc, char** argv) { return faults::run_program(argc, argv, faults::main); }
