// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "oracle.hpp"
#include "shared_set.hpp"

namespace faults {

/// Case is one disturbed run and what is looked at after it.
struct Case {
  enum class Kind {
    kill,     ///< a kill, then recover (before a call) or the same command again (after it)
    error,    ///< an error, then the one or the other by turns
    compound  ///< a kill, then recover killed at `second` (0: at each of its points in turn), then recover
  };
  Kind kind{Kind::kill};
  Injection injection;
  std::uint32_t second{0};
  bool both{false};  ///< an error: sticky, and then once as well, where that is not the same
};

/// Sample is how much of all cases is taken; everything where it is 0.
struct Sample {
  std::size_t kills{0};
  std::size_t errors{0};
  std::size_t compounds{0};
  std::uint64_t seed{0};
};

/// Points is how many places a run has for a fault.
struct Points {
  std::size_t calls{0};
  std::size_t mutating{0};
};
[[nodiscard]] Points count_points(const Outcome& reference);

/// plan_cases lists the cases of a scenario; a sample takes from each kind of call and error in turn.
[[nodiscard]] std::vector<Case> plan_cases(const Scenario& scenario, const Sample& sample);

/// Result is what came of a case.
struct Result {
  Findings findings;
  std::size_t runs{0};     ///< disturbed runs
  std::size_t pairs{0};    ///< kills of a recovery, each after a kill of the command
  std::size_t settled{0};  ///< next runs after an error
  std::size_t coped{0};    ///< an error was injected and the command did its work in spite of it
};

/// `seen` is what the workers of the scenario have seen together: forms of the disk whose next run was checked.
[[nodiscard]] Result play(const Workplace& place, const Scenario& scenario, const Case& one, SharedSet& seen);

}  // namespace faults
