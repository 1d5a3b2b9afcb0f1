// SPDX-License-Identifier: Apache-2.0
// Lets the power go at every point of a run, on a model of the disk, and looks at what is left; see README.md.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "oracle.hpp"
#include "power_states.hpp"
#include "shared_set.hpp"
#include "summary.hpp"
#include "support/temp_dir.hpp"
#include "workers.hpp"

namespace faults {

namespace {

const Words recover{"recover"};

struct Options {
  std::string program;
  std::string only;
  std::string parts{"prd"};
  std::uint64_t seed{std::random_device{}()};
  bool full{false};
  unsigned workers{std::max(1U, std::thread::hardware_concurrency())};

  [[nodiscard]] bool wants(char part) const { return parts.find(part) != std::string::npos; }
  [[nodiscard]] Effort effort() const { return full ? Effort{256, true, 32, 0} : Effort{16, false, 6, 14}; }
  // The second loss costs a traced run for each first one.
  [[nodiscard]] Effort second_effort() const { return full ? Effort{16, false, 8, 0} : Effort{4, false, 1, 2}; }
};

struct Counts : Tally {
  std::atomic<std::size_t> points{0};
  std::atomic<std::size_t> complete{0};
  std::atomic<std::size_t> states{0};
  std::atomic<std::size_t> second{0};   ///< states that a recovery left whose power was lost
  std::atomic<std::size_t> checked{0};  ///< states of both kinds whose forms had not been seen
  SharedSet seen;
};

/// Worker takes every n-th state of a scenario.
class Worker {
 public:
  Worker(const Options& options, const Row& row, Workplace place, unsigned number, Counts& counts)
      : options_(options), place_(std::move(place)), number_(number), counts_(counts), scenario_(set_up(place_, row)) {
    // Changes of the command that was killed first may not have reached the disk: then the state before is the one
    // before that command.
    if (row.killed.empty()) return;
    scenario_.before = scenario_.base;
    write_tree(place_.site(), scenario_.base);
    scenario_.old_files = see_all(place_.site());
  }

  void run() {
    if (options_.wants('p')) lose_power();
    if (options_.wants('r') && scenario_.row->killed.empty()) lose_power_after_kills();
  }

 private:
  [[nodiscard]] std::string site() const { return place_.site().string(); }

  void lose_power() {
    PowerLoss loss(options_.effort(), options_.seed);
    Form disk(scenario_.before);
    for (const auto& call : scenario_.interrupted.calls)
      disk.apply(call, site());
    write_tree(place_.site(), scenario_.after);
    Findings findings;
    const auto end = look(place_, scenario_, findings);
    std::size_t index = 0;
    const auto visit = [&](const PowerState& state) {
      if (index++ % options_.workers != number_) return;
      check(state, end, index);
      if (options_.wants('d') && index % (options_.full ? 50 : 40) == 0) lose_power_again(state);
      ++counts_.states;
    };
    // The killed command is gone through as well, where it is not a scenario of its own.
    loss.explore(std::move(disk), scenario_.reference.calls, site(), visit);
    if (number_ == 0) counts_.points += loss.counts().points, counts_.complete += loss.counts().complete;
  }

  // A kill leaves what was not synced in memory. A recovery goes over it, and then the power is lost.
  void lose_power_after_kills() {
    PowerLoss loss(options_.second_effort(), options_.seed);
    std::mt19937_64 random(options_.seed);
    std::size_t index = 0;
    const auto& calls = scenario_.reference.calls;
    const auto share = options_.full ? 1 : std::max<std::size_t>(1, calls.size() / 8);
    for (const auto& call : calls) {
      if (!call.mutates || call.syncs() || call.writes_data() || call.name() == "close") continue;
      if (random() % share != 0 || index++ % options_.workers != number_) continue;
      kill_and_lose_power(call, loss);
    }
  }

  // The state that a kill leaves follows from the calls before it: the driver confirms that for each kill.
  void kill_and_lose_power(const Call& last, PowerLoss& loss) {
    Form disk(scenario_.before);
    for (const auto& call : scenario_.reference.calls)
      if (call.number <= last.number) disk.apply(call, site());
    write_tree(place_.site(), disk.tree());
    explore_recovery(std::move(disk), loss, to_text(last) + ", then killed, then ");
  }

  void lose_power_again(const PowerState& first) {
    PowerLoss loss(options_.second_effort(), options_.seed);
    write_tree(place_.site(), first.tree);
    explore_recovery(Form(first.tree, first.paths), loss, first.where + ", then ");
  }

  void explore_recovery(Form disk, PowerLoss& loss, const std::string& where) {
    const auto recovery = trace(place_.command(recover));
    Findings findings;
    const auto end = look(place_, scenario_, findings);
    count(counts_, findings, where + "recovered");
    loss.explore(std::move(disk), recovery.calls, site(), [&](const PowerState& state) {
      check({state.tree, state.paths, where + state.where, state.at_end}, end, 1);
      ++counts_.second;
    });
  }

  // States of one form are checked once with each command. At the end it matters, too, what the command reported.
  void check(const PowerState& state, const Instant& end, std::size_t index) {
    const bool again =
        index % 2 == 0 && !scenario_.row->toggles && !scenario_.row->once && scenario_.row->killed.empty();
    auto key = mix(digest(state.paths), again ? 1 : 2);
    for (const auto side : end.sides)
      if (state.at_end) key = mix(key, static_cast<std::uint64_t>(side) + 1);
    if (!counts_.seen.insert(key)) return;
    ++counts_.checked;
    Findings findings;
    write_tree(place_.site(), state.tree);
    const auto instant = look(place_, scenario_, findings);
    if (state.at_end && instant.sides != end.sides)
      findings.push_back({Fault::silent, "what the command reported as done was not durable"});
    const auto outcome = faults::run(place_.command(again ? scenario_.row->run : recover));
    const auto now = look(place_, scenario_, findings);
    check_settled(scenario_, outcome, instant, now, again, findings);
    count(counts_, findings, state.where);
  }

  const Options& options_;
  Workplace place_;
  unsigned number_;
  Counts& counts_;
  Scenario scenario_;
};

bool run_row(const Options& options, const Row& row, const TempDir& base, Summary& summary) {
  auto& counts = shared_tally<Counts>();
  run_workers(options.workers, row.name, counts, [&](unsigned i) {
    const Workplace place{options.program, base.path() / std::to_string(i)};
    std::filesystem::create_directories(place.directory);
    Worker(options, row, place, i, counts).run();
  });
  std::printf("%-28s %6zu %8zu %7zu %7zu", row.name, counts.points.load(), counts.complete.load(), counts.states.load(),
              counts.second.load());
  summary.add("scenarios", 1);
  summary.add("points", counts.points);
  summary.add("of them complete", counts.complete);
  summary.add("states", counts.states);
  summary.add("states of a form not seen before", counts.checked);
  summary.add("states after a second loss or a kill", counts.second);
  return print_findings(counts, summary);
}

int lose(const Options& options, Summary& summary) {
  const TempDir base(memory_dir());
  std::filesystem::permissions(base.path(), std::filesystem::perms(0755));
  std::printf("%s, seed %llu, %u workers, in %s\n%-28s %6s %8s %7s %7s", options.full ? "full" : "short",
              static_cast<unsigned long long>(options.seed), options.workers, base.path().c_str(), "scenario", "points",
              "complete", "states", "twice");
  print_fault_names();
  bool good = true;
  for (const auto& row : rows())
    if (!row.partial && std::string(row.name).find(options.only) != std::string::npos)
      good = run_row(options, row, base, summary) && good;
  return good ? 0 : 1;
}

int usage() {
  std::fputs(
      "usage: powerloss PROGRAM [--short | --full] [--seed N] [--only TEXT] [--parts prd] [--workers N]\n"
      "  parts: p power loss during the command, d and then during the recovery, r a kill, and then power loss during\n"
      "  the recovery\n",
      stderr);
  return wrong_usage;
}

int main(int argc, char** argv, Summary& summary) {
  if (argc < 2) return usage();
  Options options;
  options.program = std::filesystem::absolute(argv[1]);
  for (int i = 2; i < argc; ++i) {
    const std::string word(argv[i]);
    const bool last = i + 1 == argc;
    if (word == "--short") continue;
    if (word == "--full")
      options.full = true;
    else if (last)
      return usage();
    else if (word == "--seed")
      options.seed = std::strtoull(argv[++i], nullptr, 10);
    else if (word == "--only")
      options.only = argv[++i];
    else if (word == "--parts")
      options.parts = argv[++i];
    else if (word == "--workers")
      options.workers = static_cast<unsigned>(std::strtoul(argv[++i], nullptr, 10));
    else
      return usage();
  }
  return lose(options, summary);
}

}  // namespace

}  // namespace faults

int main(int argc, char** argv) { return faults::run_program(argc, argv, faults::main); }
