// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string_view>

#include <pki/bundle.hpp>

namespace cli {

/// TerminalLine is a line on stderr that is written over again while it lives, and erased at its end. Nothing is
/// written where stderr is no terminal.
class TerminalLine {
 public:
  /// `delay` is the time before anything is shown.
  explicit TerminalLine(std::chrono::milliseconds delay);
  TerminalLine(const TerminalLine&) = delete;
  TerminalLine& operator=(const TerminalLine&) = delete;
  ~TerminalLine();

  [[nodiscard]] bool on_terminal() const noexcept { return on_terminal_; }
  /// Returns whether the delay is over and the last text has been there long enough to be read.
  [[nodiscard]] bool is_due() const noexcept;
  void show(std::string_view text);

 private:
  bool on_terminal_;
  bool shown_{false};
  std::chrono::steady_clock::time_point next_;
};

/// ProgressLine shows the count of finished keys, from half a second on. Keys may have to wait for randomness, of which
/// it warns whatever stderr is. It must outlive its callback, and so must ScanProgress.
class ProgressLine {
 public:
  ProgressLine();

  [[nodiscard]] pki::Progress callback();

 private:
  TerminalLine line_;
};

/// ScanProgress shows the count of files looked at, from one second on.
class ScanProgress {
 public:
  [[nodiscard]] std::function<void(std::size_t files)> callback();

 private:
  TerminalLine line_{std::chrono::seconds{1}};
};

}  // namespace cli
