#pragma once

#include <cstddef>

/// FailingRand replaces the random generators of the library's own OpenSSL context. It gives what the kernel gives,
/// counts every draw, and refuses those that it is told to. There can be one in a process, made before anything else.
class FailingRand {
 public:
  FailingRand();

  /// refuse makes the draw with this number fail, from 1, counted from now on; sticky: and all that follow.
  static void refuse(std::size_t number, bool sticky);
  /// allow lets all draws succeed, counted from now on.
  static void allow() { refuse(0, false); }
  [[nodiscard]] static std::size_t draws();
  /// refused says how many draws failed since the last refuse.
  [[nodiscard]] static std::size_t refused();
};
