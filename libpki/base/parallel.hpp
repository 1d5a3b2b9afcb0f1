// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace pki::base {

/// Returns `wanted`, or the number of cores for 0.
[[nodiscard]] std::size_t thread_count(unsigned wanted) noexcept;

/// in_parallel calls `work` for each i < count on the given number of threads, including the caller's (0: one per
/// core), and on fewer where the system refuses to make them. After the first exception no further calls begin; it is
/// thrown when every thread has ended.
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t i)>& work);

}  // namespace pki::base
