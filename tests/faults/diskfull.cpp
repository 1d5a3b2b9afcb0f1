// SPDX-License-Identifier: Apache-2.0
// Runs pkigen on a small tmpfs that has ever so little space, and ever so few inodes, left; see README.md.

#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <stdexcept>
#include <string>

#include "oracle.hpp"
#include "summary.hpp"
#include "support/temp_dir.hpp"

namespace faults {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t block = 4096;
const Words recover{"recover"};

// The messages of the program go to another file system: they shall not take the space.
Outcome run_on(const Workplace& place, const Words& words) {
  auto command = place.command(words);
  command.output = place.directory.parent_path() / "output";
  return run(command);
}

/// Volume is the small file system. To change its size leaves what is on it.
class Volume {
 public:
  explicit Volume(fs::path path) : path_(std::move(path)) {
    fs::create_directory(path_);
    if (::mount("pkigen-test", path_.c_str(), "tmpfs", 0, plenty) != 0) throw std::runtime_error("no tmpfs");
  }
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;
  ~Volume() { ::umount(path_.c_str()); }

  void enlarge() { remount(plenty); }
  void leave_blocks(std::size_t blocks) {
    const auto used = use();
    remount("mode=0755,nr_inodes=100000,nr_blocks=" + std::to_string(used.f_blocks - used.f_bfree + blocks));
  }
  void leave_inodes(std::size_t inodes) {
    const auto used = use();
    remount("mode=0755,size=64m,nr_inodes=" + std::to_string(used.f_files - used.f_ffree + inodes));
  }

 private:
  static constexpr const char* plenty = "mode=0755,size=64m,nr_inodes=100000";

  [[nodiscard]] struct statvfs use() const {
    struct statvfs status {};
    if (::statvfs(path_.c_str(), &status) != 0) throw std::runtime_error("no statvfs");
    return status;
  }

  void remount(const std::string& options) {
    if (::mount("pkigen-test", path_.c_str(), "tmpfs", MS_REMOUNT, options.c_str()) != 0)
      throw std::runtime_error("cannot give the tmpfs " + options);
  }

  fs::path path_;
};

enum class Resource { blocks, inodes };

struct Sweep {
  std::size_t runs{0};
  std::size_t full{0};    ///< the space did not suffice
  std::size_t enough{0};  ///< the least that suffices
  std::size_t findings{0};
};

void count(Sweep& sweep, const Findings& findings, const std::string& where) {
  for (const auto& finding : findings)
    if (++sweep.findings <= 12)
      std::printf("  %s: %s: %s\n", fault_names[static_cast<std::size_t>(finding.fault)], where.c_str(),
                  finding.text.c_str());
}

// One run with so much left. True: it came to its end.
bool play(const Workplace& place, Volume& volume, const Scenario& scenario, Resource resource, std::size_t left,
          Sweep& sweep) {
  volume.enlarge();
  write_tree(place.site(), scenario.before);
  resource == Resource::blocks ? volume.leave_blocks(left) : volume.leave_inodes(left);
  Findings findings;
  const auto outcome = run_on(place, scenario.row->run);
  const auto instant = look(place, scenario, findings);
  check_exit(scenario, {Injection::What::fail, 0, ENOSPC, true}, outcome, instant, findings);
  // As it is: the way back must not need space. Then with space.
  const auto tight = run_on(place, recover);
  if (tight.status != 0 && outcome.status == 0) findings.push_back({Fault::stuck, "recover failed: " + tight.err});
  (void)look(place, scenario, findings);
  volume.enlarge();
  const auto next = run_on(place, recover);
  const auto now = look(place, scenario, findings);
  check_settled(scenario, next, instant, now, false, findings);
  count(sweep, findings, std::to_string(left) + (resource == Resource::blocks ? " blocks" : " inodes") + " left");
  ++sweep.runs;
  sweep.full += outcome.status == 0 ? 0U : 1U;
  return outcome.status == 0;
}

// The least that suffices, found by halving, so that the sweep knows its end.
std::size_t find_enough(const Workplace& place, Volume& volume, const Scenario& scenario, Resource resource,
                        Sweep& sweep) {
  std::size_t too_little = 0, enough = 4096;
  if (!play(place, volume, scenario, resource, enough, sweep)) throw std::runtime_error("4096 do not suffice");
  while (enough - too_little > 1) {
    const auto middle = (enough + too_little) / 2;
    (play(place, volume, scenario, resource, middle, sweep) ? enough : too_little) = middle;
  }
  return enough;
}

bool sweep_row(const Workplace& place, Volume& volume, const Row& row, Resource resource, std::size_t samples,
               std::mt19937_64& random, Summary& summary) {
  volume.enlarge();
  const auto scenario = set_up(place, row);
  Sweep sweep;
  sweep.enough = find_enough(place, volume, scenario, resource, sweep);
  const auto more = resource == Resource::blocks ? 64 * 1024 / block : 4;
  for (std::size_t left = 0; left <= sweep.enough + more; ++left)
    if (samples == 0 || random() % (sweep.enough + more) < samples)
      (void)play(place, volume, scenario, resource, left, sweep);
  std::printf("%-28s %-8s %6zu %6zu %6zu %9zu\n", row.name, resource == Resource::blocks ? "4 KiB" : "inodes",
              sweep.enough, sweep.runs, sweep.full, sweep.findings);
  std::fflush(stdout);
  summary.add("sweeps", 1);
  summary.add("runs", sweep.runs);
  summary.add("without enough space", sweep.full);
  summary.add("findings", sweep.findings);
  // A recovery may need nothing.
  return sweep.findings == 0 && (sweep.full > 0 || !row.killed.empty());
}

int fill(const std::string& program, std::size_t samples, std::uint64_t seed, Summary& summary) {
  const TempDir base(memory_dir());
  fs::permissions(base.path(), fs::perms(0755));
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    std::puts("SKIPPED: this machine allows no mount namespace, so no file system was filled");
    return skipped;
  }
  Volume volume(base / "volume");
  const Workplace place{program, base.path() / "volume"};
  std::mt19937_64 random(seed);
  std::printf("seed %llu\n%-28s %-8s %6s %6s %6s %9s\n", static_cast<unsigned long long>(seed), "scenario", "of",
              "needs", "runs", "full", "findings");
  bool good = true;
  for (const auto& row : rows()) {
    if (row.partial) continue;
    for (const auto resource : {Resource::blocks, Resource::inodes})
      good = sweep_row(place, volume, row, resource, samples, random, summary) && good;
  }
  return good ? 0 : 1;
}

int main(int argc, char** argv, Summary& summary) {
  if (argc < 2 || argc > 4) {
    std::fputs("usage: diskfull PROGRAM [SAMPLES [SEED]]\n  SAMPLES of each sweep, 0: all\n", stderr);
    return wrong_usage;
  }
  const auto samples = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0;
  return fill(fs::absolute(argv[1]), samples, argc > 3 ? std::strtoull(argv[3], nullptr, 10) : std::random_device{}(),
              summary);
}

}  // namespace

}  // namespace faults

int main(int argc, char** argv) { return faults::run_program(argc, argv, faults::main); }
