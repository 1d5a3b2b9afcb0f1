#pragma once

#include <string>
#include <vector>

#include "scenario.hpp"

namespace faults {

/// The kinds of findings after a fault, in the order of the columns of the table that the driver prints.
enum class Fault { torn, exposed, silent, leftover, stuck, message, order, hung };
inline constexpr std::size_t fault_count = 8;
inline constexpr const char* fault_names[fault_count] = {"torn",  "exposed", "silent", "left over",
                                                         "stuck", "message", "order",  "hung"};

struct Finding {
  Fault fault;
  std::string text;
};
using Findings = std::vector<Finding>;

/// Side is which version of a root readers see. both: the command does not change this root.
enum class Side { old_files, new_files, both, torn };

/// Instant is the disk at the moment after a fault, without any recovery.
struct Instant {
  Tree tree;
  Roots roots;
  std::array<Side, 3> sides{};
};

/// look takes the picture, and finds torn roots and secrets that others may read.
[[nodiscard]] Instant look(const Workplace& place, const Scenario& scenario, Findings& findings);

/// check_exit compares exit status and message with the error that was injected and with what is on the disk.
void check_exit(const Scenario& scenario, const Injection& injection, const Outcome& outcome, const Instant& instant,
                Findings& findings);

/// check_settled checks the disk after a later undisturbed command: one side everywhere, the new one if `earlier` saw
/// it anywhere, nothing left over. `again`: the command was the same one, so that its result must be there.
void check_settled(const Scenario& scenario, const Outcome& outcome, const Instant& earlier, const Instant& now,
                   bool again, Findings& findings);

}  // namespace faults
