#include "progress.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>

#include <fmt/core.h>

namespace cli {

struct ProgressLine::State {
  std::chrono::steady_clock::time_point start{std::chrono::steady_clock::now()};
  bool shown{false};
};

ProgressLine::ProgressLine() : state_(::isatty(STDERR_FILENO) == 1 ? std::make_shared<State>() : nullptr) {}

ProgressLine::~ProgressLine() {
  if (state_ && state_->shown) fmt::print(stderr, "\r\033[K");
}

pki::Progress ProgressLine::callback() const {
  if (!state_) return {};
  return [state = state_](std::size_t done, std::size_t total) {
    if (std::chrono::steady_clock::now() - state->start < std::chrono::milliseconds{500}) return;
    state->shown = true;
    fmt::print(stderr, "\rmaking keys: {} of {}", done, total);
    static_cast<void>(std::fflush(stderr));  // nobody waits for a progress line
  };
}

}  // namespace cli
