// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace faults {

/// mix adds a value to a digest.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t digest, std::uint64_t value) noexcept {
  return (digest ^ value) * 1'099'511'628'211U + (digest >> 29U);
}

/// SharedSet holds digests for processes that share its memory (see shared_tally).
class SharedSet {
 public:
  /// Returns whether the digest was not there. A full set takes no more, and says so each time.
  [[nodiscard]] bool insert(std::uint64_t digest) noexcept {
    if (digest == 0) digest = 1;  // an empty slot is 0
    for (std::uint64_t i = 0; i < size; ++i) {
      std::uint64_t there = 0;
      auto& slot = slots_[(digest + i) % size];
      if (slot.compare_exchange_strong(there, digest)) return true;
      if (there == digest) return false;
    }
    return true;
  }

 private:
  static constexpr std::uint64_t size = 1U << 16U;
  std::atomic<std::uint64_t> slots_[size]{};
};

}  // namespace faults
