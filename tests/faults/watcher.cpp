// SPDX-License-Identifier: Apache-2.0
// Reloads a certificate and its key as kube-apiserver does, while pkigen renews them again and again. See README.md.

#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "reloader.hpp"
#include "scenario.hpp"
#include "spawn.hpp"
#include "summary.hpp"
#include "support/temp_dir.hpp"

namespace faults {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t limit_ns = 1'000'000'000;
const Words make{
    "init",      "--node-name", "node-1", "--apiserver-advertise-address", "10.0.0.1", "--encryption-algorithm",
    "ECDSA-P256"};

template <class T>
T& shared() {
  void* memory = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return *new (memory) T;
}

/// Reader is a child process that reads the pair until `stop` is set.
struct Reader {
  const char* name;
  Sight& sight;
  pid_t pid{0};
};

// bind makes what a container sees: the directory of the certificates, mounted somewhere else for this process alone.
bool bind(const fs::path& from, const fs::path& to) {
  return ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount(from.c_str(), to.c_str(), nullptr, MS_BIND, nullptr) == 0;
}

bool can_bind(const fs::path& from, const fs::path& to) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(bind(from, to) ? 0 : 1);
  int status = 0;
  ::waitpid(pid, &status, 0);
  return status == 0;
}

void start(Reader& reader, const fs::path& pki, const fs::path& mounted, void (*look)(const Pair&, Sight&)) {
  reader.pid = ::fork();
  if (reader.pid != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // otherwise it would run on after a crash of the test
  if (!mounted.empty() && !bind(pki, mounted)) ::_exit(1);
  const auto& from = mounted.empty() ? pki : mounted;
  look({from / "apiserver.crt", from / "apiserver.key"}, reader.sight);
  ::_exit(0);
}

bool wait_for(const Reader& reader, std::uint64_t wanted, std::int64_t since) {
  constexpr int patience = 10;  // times the limit, to distinguish late from never
  while (reader.sight.loaded != wanted) {
    if (monotonic_ns() - since > patience * limit_ns) return false;
    ::usleep(500);
  }
  return true;
}

struct Counts {
  unsigned long renewals{0};
  unsigned long in_time{0};
  std::int64_t slowest_ns{0};
  bool failed{false};
};

// One renewal, then the time until the reader has it; every tenth renews everything.
bool renew(const Workplace& place, const Reader& reader, Counts& counts) {
  const auto outcome = run(place.command({"renew", counts.renewals % 10 == 9 ? "all" : "apiserver"}));
  const auto ended = monotonic_ns();
  const auto queued = queued_ns(reader.pid);
  ++counts.renewals;
  if (outcome.status != 0) {
    std::printf("  renew failed: %s\n", outcome.err.c_str());
    return false;
  }
  const auto wanted = fingerprint(slurp(place.site() / "pki/apiserver.crt"));
  const bool seen = wait_for(reader, wanted, ended);
  const auto waited = std::max<std::int64_t>(0, reader.sight.queued_ns - queued);
  const auto took = std::max<std::int64_t>(0, reader.sight.loaded_at - ended - waited);
  if (seen) counts.slowest_ns = std::max(counts.slowest_ns, took);
  if (seen && took <= limit_ns)
    ++counts.in_time;
  else
    std::printf("  renewal %lu: %s\n", counts.renewals, seen ? "seen late" : "not seen");
  return seen;
}

bool stop(Reader& reader, Summary& summary) {
  reader.sight.stop = true;
  int status = 0;
  ::waitpid(reader.pid, &status, 0);
  const auto& sight = reader.sight;
  std::printf("  %s: %zu reads, %zu of them across a commit and repeated; missing %zu, mismatched %zu, not whole %zu\n",
              reader.name, sight.reads.load(), sight.crossed.load(), sight.missing.load(), sight.mismatched.load(),
              sight.broken.load());
  summary.add("reads", sight.reads);
  summary.add("wrong", sight.missing + sight.mismatched + sight.broken);
  return status == 0 && sight.reads > 0 && sight.missing + sight.mismatched + sight.broken == 0;
}

int watch(const Workplace& place, unsigned long renewals, bool through_mount, Summary& summary) {
  write_tree(place.site(), {});
  if (run(place.command(make)).status != 0) throw std::runtime_error("init failed");
  const auto pki = place.site() / "pki";
  const auto mounted = through_mount ? place.directory / "mounted" : fs::path();
  if (through_mount) {
    fs::create_directory(mounted);
    if (!can_bind(pki, mounted)) {
      std::puts("SKIPPED: this machine allows no bind mount, so none was watched through");
      return skipped;
    }
  }
  std::fflush(stdout);
  Reader reloader{"the apiserver's way", shared<Sight>()};
  Reader poller{"read all the time", shared<Sight>()};
  start(reloader, pki, mounted, reload_as_apiserver);
  start(poller, pki, mounted, read_all_the_time);
  Counts counts;
  bool good = wait_for(reloader, fingerprint(slurp(pki / "apiserver.crt")), monotonic_ns());
  while (good && counts.renewals < renewals)
    good = renew(place, reloader, counts);
  good = stop(reloader, summary) && good;
  good = stop(poller, summary) && good && counts.in_time == renewals;
  summary.add(through_mount ? "renewals through a bind mount" : "renewals", counts.renewals);
  summary.add("seen within a second", counts.in_time);
  summary.add("us until the slowest was seen, without waits for a processor",
              static_cast<std::size_t>(counts.slowest_ns / 1000));
  return good ? 0 : 1;
}

// Each renewal is met by two dozen processes at every point of their way to the certificate. A file system in memory
// hardly makes them wait there, so this wants a disk.
int watch_in_a_crowd(const Workplace& place, unsigned long renewals, Summary& summary) {
  constexpr int many = 24;
  write_tree(place.site(), {});
  if (run(place.command(make)).status != 0) throw std::runtime_error("init failed");
  std::fflush(stdout);
  Reader crowd{"two dozen that open all the time", shared<Sight>()};
  std::vector<Reader> readers(many, crowd);
  for (auto& reader : readers)
    start(reader, place.site() / "pki", {}, open_all_the_time);
  bool good = true;
  unsigned long count = 0;
  while (good && count < renewals) {
    good = run(place.command({"renew", "apiserver"})).status == 0;
    ++count;
  }
  crowd.sight.stop = true;
  for (const auto& reader : readers) {
    int status = 0;
    ::waitpid(reader.pid, &status, 0);
    good = good && status == 0;
  }
  summary.add("renewals", count);
  summary.add("times opened", crowd.sight.reads);
  summary.add("times missing", crowd.sight.missing);
  return good && crowd.sight.reads > count && crowd.sight.missing == 0 ? 0 : 1;
}

int main(int argc, char** argv, Summary& summary) {
  const std::string way = argc == 4 ? argv[3] : "";
  if (argc < 3 || argc > 4 || (argc == 4 && way != "mount" && way != "crowd")) {
    std::fputs("usage: watcher PROGRAM RENEWALS [mount|crowd]\n", stderr);
    return wrong_usage;
  }
  const bool crowd = way == "crowd";
  const TempDir base(crowd ? fs::temp_directory_path() : fs::path(memory_dir()));
  fs::permissions(base.path(), fs::perms(0755));
  const Workplace place{fs::absolute(argv[1]), base.path()};
  const auto renewals = std::strtoul(argv[2], nullptr, 10);
  return crowd ? watch_in_a_crowd(place, renewals, summary) : watch(place, renewals, way == "mount", summary);
}

}  // namespace

}  // namespace faults

int main(int argc, char** argv) { return faults::run_program(argc, argv, faults::main); }
