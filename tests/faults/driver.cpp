// SPDX-License-Identifier: Apache-2.0
// Disturbs pkigen at every system call that concerns files and prints what came of it; see README.md.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "campaign.hpp"
#include "lint.hpp"
#include "summary.hpp"
#include "support/temp_dir.hpp"
#include "workers.hpp"

namespace faults {

namespace {

struct Options {
  std::string program;
  std::string only;
  std::string dir;
  Sample sample{20, 30, 6, 0};
  bool full{false};
  std::string parts{"kec"};
  unsigned workers{std::max(1U, std::thread::hardware_concurrency())};
};

struct Counts : Tally {
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> runs{0};
  std::atomic<std::size_t> pairs{0};
  std::atomic<std::size_t> coped{0};
  std::atomic<std::size_t> settled{0};
  SharedSet seen;
};

std::string to_text(const Case& one, const Scenario& scenario) {
  const auto& call = scenario.reference.calls.at(static_cast<std::size_t>(one.injection.number) - 1);
  std::string text = faults::to_text(one.injection) + " (" + faults::to_text(call) + ")";
  if (one.kind == Case::Kind::compound) text += ", then recover killed";
  return text;
}

bool wanted(const Options& options, Case::Kind kind) {
  constexpr char letters[] = {'k', 'e', 'c'};
  return options.parts.find(letters[static_cast<int>(kind)]) != std::string::npos;
}

void work(const Options& options, const Row& row, const Workplace& place, Counts& counts) {
  const auto scenario = set_up(place, row);
  auto cases = plan_cases(scenario, options.sample);
  std::erase_if(cases, [&](const Case& one) { return !wanted(options, one.kind); });
  for (std::size_t i = counts.next++; i < cases.size(); i = counts.next++) {
    const auto result = play(place, scenario, cases[i], counts.seen);
    counts.runs += result.runs;
    counts.pairs += result.pairs;
    counts.coped += result.coped;
    counts.settled += result.settled;
    count(counts, result.findings, to_text(cases[i], scenario));
  }
}

Workplace make_place(const Options& options, const TempDir& base, unsigned number) {
  const auto directory = base.path() / std::to_string(number);
  std::filesystem::create_directories(directory);
  return {options.program, directory};
}

// The undisturbed run first: its points, and its order of calls.
Points open_scenario(const Options& options, const Row& row, const TempDir& base, Tally& tally) {
  const auto place = make_place(options, base, 0);
  const auto scenario = set_up(place, row);
  count(tally, lint(scenario.reference, place.site().string()), "undisturbed");
  Findings findings;
  (void)look(place, scenario, findings);
  count(tally, findings, "undisturbed");
  return count_points(scenario.reference);
}

bool run_row(const Options& options, const Row& row, const TempDir& base, Summary& summary) try {
  auto& counts = shared_tally<Counts>();
  const auto points = open_scenario(options, row, base, counts);
  run_workers(options.workers, row.name, counts,
              [&](unsigned i) { work(options, row, make_place(options, base, i), counts); });
  std::printf("%-28s %6zu %6zu %7zu %7zu %6zu", row.name, points.calls, points.mutating, counts.runs.load(),
              counts.pairs.load(), counts.coped.load());
  summary.add("scenarios", 1);
  summary.add("calls", points.calls);
  summary.add("places for a kill", points.mutating);
  summary.add("runs", counts.runs);
  summary.add("kills of a recovery", counts.pairs);
  summary.add("next runs after an error", counts.settled);
  summary.add("runs that coped with an error", counts.coped);
  return print_findings(counts, summary);
} catch (const std::exception& error) {
  std::printf("%-28s cannot be set up: %s\n", row.name, error.what());
  return false;
}

const Words* missing_command(const Workplace& place, const Row& row) {
  std::vector<const Words*> used{&row.run, &row.killed};
  for (const auto& words : row.prepare)
    used.push_back(&words);
  for (const auto* words : used)
    if (!words->empty() && !has_command(place, words->front())) return words;
  return nullptr;
}

void print_head() {
  std::printf("%-28s %6s %6s %7s %7s %6s", "scenario", "calls", "kills", "runs", "twice", "coped");
  print_fault_names();
}

int drive(const Options& options, Summary& summary) {
  const TempDir base(options.dir.empty() ? memory_dir() : std::filesystem::path(options.dir));
  std::filesystem::permissions(base.path(), std::filesystem::perms(0755));
  std::printf("%s, seed %llu, %u workers, in %s\n", options.full ? "full" : "short",
              static_cast<unsigned long long>(options.sample.seed), options.workers, base.path().c_str());
  print_head();
  bool good = true;
  for (const auto& row : rows()) {
    if (std::string(row.name).find(options.only) == std::string::npos) continue;
    if (const auto* words = missing_command(make_place(options, base, 0), row)) {
      std::printf("%-28s skipped: no command %s\n", row.name, words->front().c_str());
      continue;
    }
    good = run_row(options, row, base, summary) && good;
  }
  return good ? 0 : 1;
}

int usage() {
  std::fputs(
      "usage: driver PROGRAM [--short | --full] [--seed N] [--only TEXT] [--parts kec] [--scale PERCENT]\n"
      "              [--workers N] [--dir DIRECTORY]\n",
      stderr);
  return wrong_usage;
}

void scale(Sample& sample, std::size_t percent) {
  for (auto* size : {&sample.kills, &sample.errors, &sample.compounds})
    *size = std::max<std::size_t>(1, *size * percent / 100);
}

int main(int argc, char** argv, Summary& summary) {
  if (argc < 2) return usage();
  Options options;
  options.program = std::filesystem::absolute(argv[1]);
  options.sample.seed = std::random_device{}();
  for (int i = 2; i < argc; ++i) {
    const std::string word(argv[i]);
    const bool last = i + 1 == argc;
    if (word == "--short") continue;
    if (word == "--full")
      options.full = true;
    else if (last)
      return usage();
    else if (word == "--seed")
      options.sample.seed = std::strtoull(argv[++i], nullptr, 10);
    else if (word == "--only")
      options.only = argv[++i];
    else if (word == "--parts")
      options.parts = argv[++i];
    else if (word == "--scale")
      scale(options.sample, std::strtoull(argv[++i], nullptr, 10));
    else if (word == "--workers")
      options.workers = static_cast<unsigned>(std::strtoul(argv[++i], nullptr, 10));
    else if (word == "--dir")
      options.dir = argv[++i];
    else
      return usage();
  }
  if (options.full) options.sample = {0, 0, 0, options.sample.seed};
  return drive(options, summary);
}

}  // namespace

}  // namespace faults

int main(int argc, char** argv) { return faults::run_program(argc, argv, faults::main); }
