// SPDX-License-Identifier: Apache-2.0
#include "workers.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

namespace faults {

namespace {

constexpr std::size_t most_printed = 12;  // of one kind in one scenario

int status_of(const std::string& scenario, const std::function<void()>& work) try {
  work();
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "  %s: %s\n", scenario.c_str(), error.what());
  return 1;
}

}  // namespace

void count(Tally& tally, const Findings& findings, const std::string& where) {
  for (const auto& finding : findings) {
    const auto kind = static_cast<std::size_t>(finding.fault);
    if (tally.findings[kind]++ >= most_printed) continue;
    const auto text = std::string("  ") + fault_names[kind] + ": " + where + ": " + finding.text + "\n";
    (void)!::write(1, text.data(), text.size());
  }
}

void run_workers(unsigned number, const std::string& scenario, Tally& tally,
                 const std::function<void(unsigned)>& work) {
  std::fflush(stdout);
  for (unsigned i = 0; i < number; ++i) {
    const auto child = ::fork();
    if (child == 0) ::_exit(status_of(scenario, [&] { work(i); }));
    if (child < 0) ++tally.failed_workers;
  }
  int status = 0;
  while (::wait(&status) > 0)
    if (status != 0) ++tally.failed_workers;
}

void print_fault_names() {
  for (const auto* name : fault_names)
    std::printf(" %9s", name);
  std::printf("\n");
}

bool print_findings(const Tally& tally, Summary& summary) {
  bool good = tally.failed_workers == 0;
  for (const auto& number : tally.findings) {
    std::printf(" %9zu", number.load());
    good = good && number == 0;
    summary.add("findings", number);
  }
  std::printf("\n");
  std::fflush(stdout);
  return good;
}

}  // namespace faults
