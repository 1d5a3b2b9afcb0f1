// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
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

/// Kept is the names of rows that a command reports as not renewed.
using Kept = std::set<std::string>;

/// Returns the rows that a partial command kept, as its table says; none where it prints no table.
[[nodiscard]] Kept reported_as_kept(const Scenario& scenario, const Outcome& outcome);

/// Instant is the disk at the moment after a fault, without any recovery.
struct Instant {
  Tree tree;
  Roots roots;
  std::array<Side, 3> sides{};
};

/// look takes the picture, and finds torn roots and secrets that others may read. The files of `kept` must be as
/// before, whatever the side of their root.
[[nodiscard]] Instant look(const Workplace& place, const Scenario& scenario, Findings& findings, const Kept& kept = {});

/// check_exit compares exit status and message with the error that was injected and with what is on the disk. A partial
/// command renews every row but those that it keeps, each of which a line explains, and exits with 0 only where it
/// keeps none.
void check_exit(const Scenario& scenario, const Injection& injection, const Outcome& outcome, const Instant& instant,
                Findings& findings);

/// check_settled checks the disk after a later undisturbed command: one side everywhere, the new one if `earlier` saw
/// it anywhere, nothing left over. `again`: the command was the same one, so that its result must be there.
void check_settled(const Scenario& scenario, const Outcome& outcome, const Instant& earlier, const Instant& now,
                   bool again, Findings& findings);

}  // namespace faults
