// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <unordered_set>
#include <vector>

#include "form.hpp"

namespace faults {

/// Effort is how many of the legal states are looked at. Where there are no more than `exhaustive` all are taken; else
/// the extremes (nothing that was not synced is there; all of it; names without data; data without names), for `single`
/// each unknown that alone is older, or alone newer, than all others, and `random` ones.
struct Effort {
  std::size_t exhaustive{256};
  bool single{true};
  std::size_t random{32};
  std::size_t points{0};  ///< at so many points of a run, by chance, and at its end; 0: at all
};

/// PowerState is a disk after a power loss.
struct PowerState {
  Tree tree;
  Tree paths;         ///< the same with paths, see Form
  std::string where;  ///< for messages: when, and what had not reached the disk
  bool at_end{false};
};

/// PowerCounts is what was gone through.
struct PowerCounts {
  std::size_t points{0};
  std::size_t complete{0};  ///< points of which all states were taken
  std::size_t states{0};    ///< different ones
};

using Visit = std::function<void(const PowerState&)>;

/// PowerLoss goes through the states that a power loss during a run may leave. It looks just before each sync and at
/// the end: between two syncs the states only become more.
class PowerLoss {
 public:
  PowerLoss(const Effort& effort, std::uint64_t seed) : effort_(effort), random_(seed) {}

  void explore(Form disk, const std::vector<Call>& calls, const std::string& site, const Visit& visit);
  [[nodiscard]] const PowerCounts& counts() const noexcept { return counts_; }

 private:
  void look(const Form& disk, const std::string& when, bool at_end, const Visit& visit);
  [[nodiscard]] std::vector<Choice> choices(const std::vector<Unknown>& unknowns);

  Effort effort_;
  std::mt19937_64 random_;
  PowerCounts counts_;
  std::unordered_set<std::size_t> seen_;  ///< forms in this run
};

}  // namespace faults
