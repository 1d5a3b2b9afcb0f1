// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

/// FailingRand replaces the random generators of the library's own OpenSSL context. It returns the
/// kernel's random bytes, counts every draw, and refuses those that `refuse` selects. A process can have one, made
/// first.
class FailingRand {
 public:
  FailingRand();

  /// Makes the draw with this number fail, from 1, counted from now on; sticky: and all that follow.
  static void refuse(std::size_t number, bool sticky);
  /// Lets all draws succeed, counted from now on.
  static void allow() { refuse(0, false); }
  [[nodiscard]] static std::size_t draws();
  /// Returns the number of draws that failed since the last `refuse`.
  [[nodiscard]] static std::size_t refused();
};
