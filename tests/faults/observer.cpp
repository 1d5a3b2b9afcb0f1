// SPDX-License-Identifier: Apache-2.0
// An unprivileged process tries to open every key while pkigen runs, under four umasks. See README.md.

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <new>
#include <set>
#include <string>

#include "scenario.hpp"
#include "summary.hpp"
#include "support/temp_dir.hpp"

namespace faults {

namespace {

constexpr uid_t nobody = 65534;
const Words make{
    "init",      "--node-name", "node-1", "--apiserver-advertise-address", "10.0.0.1", "--encryption-algorithm",
    "ECDSA-P256"};

/// Sight is what the observer reports to the test, in memory that they share.
struct Sight {
  std::atomic<bool> stop{false};
  std::atomic<std::size_t> tries{0};
  std::atomic<std::size_t> seen_there{0};  ///< tries that found a file, which was closed to them
  std::atomic<std::size_t> opened{0};
  std::atomic<std::size_t> control{0};  ///< a file that is open to all: the observer must be able to see
};

Sight& shared_sight() {
  void* memory = ::mmap(nullptr, sizeof(Sight), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return *new (memory) Sight;
}

bool ends_like_a_secret(const std::string& name) { return name.ends_with(".key") || name.ends_with(".conf"); }

void try_open(const std::string& path, Sight& sight) {
  ++sight.tries;
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    if (errno == EACCES) ++sight.seen_there;
    return;
  }
  ::close(fd);
  if (path.ends_with("control.key"))
    ++sight.control;
  else if (++sight.opened < 5)
    std::printf("  opened %s\n", path.c_str());
}

// Everything that can be listed, and what is known to be there although it cannot.
void try_directory(const std::string& directory, const std::set<std::string>& names, Sight& sight) {
  for (const auto& name : names)
    try_open(directory + "/" + name, sight);
  DIR* stream = ::opendir(directory.c_str());
  if (stream == nullptr) return;
  while (const auto* entry = ::readdir(stream))
    if (ends_like_a_secret(entry->d_name)) try_open(directory + "/" + entry->d_name, sight);
  ::closedir(stream);
}

[[noreturn]] void observe(const std::string& site, const std::array<std::set<std::string>, 3>& names, Sight& sight) {
  if (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0) ::_exit(1);
  while (!sight.stop) {
    try_open(site + "/../control.key", sight);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto root = site + "/" + root_names[i];
      for (const char* part : {"", "/.pkigen-txn/new", "/.pkigen-txn/fin", "/.pkigen-txn/old", "/.pkigen-txn/cur"})
        try_directory(root + part, names[i], sight);
    }
  }
  std::fflush(stdout);
  ::_exit(0);
}

std::array<std::set<std::string>, 3> secret_names(const Workplace& place) {
  std::array<std::set<std::string>, 3> names;
  const auto roots = see_all(place.site());
  for (std::size_t i = 0; i < names.size(); ++i)
    for (const auto& [name, content] : roots[i])
      if (ends_like_a_secret(name)) names[i].insert(name);
  return names;
}

using Modes = std::map<std::string, mode_t>;

Modes modes(const Workplace& place) {
  Modes result;
  for (const auto& [path, node] : read_tree(place.site()))
    if (path.find("backups/") == std::string::npos) result[path] = node.mode;
  return result;
}

int run_under(mode_t mask, const Workplace& place, const Words& words) {
  const auto old = ::umask(mask);
  const auto outcome = run(place.command(words));
  ::umask(old);
  if (outcome.status != 0) std::printf("  umask %03o: %s failed: %s\n", mask, words[0].c_str(), outcome.err.c_str());
  return outcome.status;
}

// One life of a PKI; false when a command failed.
bool live(const Workplace& place, mode_t mask, bool can_renew) {
  write_tree(place.site(), {});
  bool good = run_under(mask, place, make) == 0;
  if (can_renew) good = run_under(mask, place, {"renew", "all"}) == 0 && run_under(mask, place, {"undo"}) == 0 && good;
  return good;
}

int watch(const Workplace& place, unsigned long rounds, Summary& summary) {
  const bool can_renew = has_command(place, "renew");
  auto& sight = shared_sight();
  write_tree(place.site(), {});
  bool good = run_under(022, place, make) == 0;
  const auto names = secret_names(place);
  const int control = ::open((place.directory / "control.key").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  ::close(control);
  const pid_t observer = ::fork();
  if (observer == 0) observe(place.site().string(), names, sight);
  std::set<Modes> seen;
  std::size_t runs = 0;
  for (const mode_t mask : {000U, 022U, 077U, 0777U})
    for (unsigned long i = 0; i < rounds; ++i, runs += can_renew ? 3U : 1U) {
      good = live(place, mask, can_renew) && good;
      seen.insert(modes(place));
    }
  sight.stop = true;
  int status = 0;
  ::waitpid(observer, &status, 0);
  good = good && status == 0 && sight.opened == 0 && sight.control > 0 && sight.seen_there > 0 && seen.size() == 1;
  summary.add("runs under 4 umasks", runs);
  summary.add("attempts of another user", sight.tries);
  summary.add("of them at files that existed", sight.seen_there);
  summary.add("keys opened", sight.opened);
  summary.add("times the readable control file", sight.control);
  summary.add("different sets of modes (1 expected)", seen.size());
  return good ? 0 : 1;
}

int main(int argc, char** argv, Summary& summary) {
  if (argc < 3) {
    std::fputs("usage: observer PROGRAM ROUNDS\n", stderr);
    return wrong_usage;
  }
  if (::geteuid() != 0) {
    std::puts("skipped: another user can be played by root only");
    return skipped;
  }
  const TempDir base(memory_dir());
  std::filesystem::permissions(base.path(), std::filesystem::perms(0755));
  return watch({std::filesystem::absolute(argv[1]), base.path()}, std::strtoul(argv[2], nullptr, 10), summary);
}

}  // namespace

}  // namespace faults

int main(int argc, char** argv) { return faults::run_program(argc, argv, faults::main); }
