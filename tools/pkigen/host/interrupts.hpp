// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cli {

/// Interrupts catches the signals that ask the program to end (SIGINT, SIGTERM, SIGHUP) during its lifetime, for work
/// that must not stop half-way. Whoever does the work asks `caught` often. The destructor ends the program by the
/// signal that was caught. A signal that was ignored before stays ignored.
class Interrupts {
 public:
  Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  ~Interrupts();

  /// Returns the signal that was caught, or 0.
  [[nodiscard]] static int caught() noexcept;
};

}  // namespace cli
