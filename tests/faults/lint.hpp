// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "oracle.hpp"

namespace faults {

/// Checks the order of calls of one traced run, whatever was injected into it:
///   no file in its final place is ever opened for writing, truncated, linked or chmod'ed (CR-06)
///   each file is written, synced, and renamed only then; its mode is final before its first byte (CR-07, FS-01)
///   a directory whose names changed is synced before the next phase begins: stage, link, flip, finish, remove (CR-07)
///   a sync that failed is not tried again on the same file, and nothing is committed after it (CR-08)
///   below a root everything is opened relative to a descriptor (FS-04), with O_CLOEXEC; no children (FS-06)
[[nodiscard]] Findings lint(const Outcome& outcome, const std::string& site);

}  // namespace faults
