// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

/// Cost is what a piece of work took.
struct Cost {
  std::chrono::milliseconds time;  ///< of the processor, so that a busy machine costs nothing
  std::size_t memory;              ///< the most bytes that it held at one time, OpenSSL's included
};

/// cost_of runs a piece of work once. A pki::Error ends it as well as its own end does.
[[nodiscard]] Cost cost_of(const std::function<void()>& work);

/// Runs it and checks the bounds: 64 MiB, and `tenths` tenths of a second in a release build, for which sanitizers
/// and debug builds get ten times as much.
void check_bounded(const char* name, const std::function<void()>& work, int tenths = 1);
