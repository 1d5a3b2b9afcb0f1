#include "print/progress.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>

#include <fmt/core.h>

#include "print/output.hpp"

namespace cli {

namespace {

// OpenSSL waits in silence; a machine that has just started may take minutes.
void tell_what_keys_wait_for() {
  char one = 0;
  if (::getrandom(&one, sizeof one, GRND_NONBLOCK) < 0 && errno == EAGAIN)
    warn(pki::Finding{pki::Rule::randomness_awaited, pki::Severity::warning, "",
                      "waiting until the kernel has gathered enough randomness for keys"});
}

}  // namespace

struct ProgressLine::State {
  std::chrono::steady_clock::time_point start{std::chrono::steady_clock::now()};
  bool shown{false};
};

ProgressLine::ProgressLine() : state_(::isatty(STDERR_FILENO) == 1 ? std::make_shared<State>() : nullptr) {
  tell_what_keys_wait_for();
}

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
