#pragma once

#include <cstddef>
#include <functional>

namespace pki::base {

/// thread_count is how many threads are meant by a number of which 0 is one for each core.
[[nodiscard]] std::size_t thread_count(unsigned wanted) noexcept;

/// in_parallel calls `work` for each i < count, on so many threads, the caller's among them. The first exception ends
/// the work and is thrown when every thread has ended.
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t i)>& work);

}  // namespace pki::base
