// SPDX-License-Identifier: Apache-2.0
#include "print/progress.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include <fmt/core.h>

#include "print/output.hpp"

namespace cli {

namespace {

using std::chrono::steady_clock;

// OpenSSL waits in silence; a machine that has just started may take minutes.
void warn_of_missing_randomness() {
  char one = 0;
  if (::getrandom(&one, sizeof one, GRND_NONBLOCK) < 0 && errno == EAGAIN)
    warn(pki::Finding{pki::Rule::randomness_awaited, pki::Severity::warning, "",
                      "waiting until the kernel has gathered enough randomness for keys"});
}

// Not fmt::print: it throws, and nobody waits for a progress line.
void write(std::string_view text) {
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
  (void)std::fflush(stderr);
}

constexpr std::string_view erase = "\r\033[K";

}  // namespace

TerminalLine::TerminalLine(std::chrono::milliseconds delay)
    : on_terminal_(::isatty(STDERR_FILENO) == 1), next_(steady_clock::now() + delay) {}

TerminalLine::~TerminalLine() {
  if (shown_) write(erase);
}

bool TerminalLine::is_due() const noexcept { return on_terminal_ && steady_clock::now() >= next_; }

void TerminalLine::show(std::string_view text) {
  constexpr std::chrono::milliseconds readable{100};
  write(fmt::format("{}{}", erase, text));
  shown_ = true;
  next_ = steady_clock::now() + readable;
}

ProgressLine::ProgressLine() : line_(std::chrono::milliseconds{500}) { warn_of_missing_randomness(); }

pki::Progress ProgressLine::callback() {
  if (!line_.on_terminal()) return {};
  return [this](std::size_t done, std::size_t total) {
    if (line_.is_due()) line_.show(fmt::format("making keys: {} of {}", done, total));
  };
}

std::function<void(std::size_t)> ScanProgress::callback() {
  if (!line_.on_terminal()) return {};
  return [this](std::size_t files) {
    if (line_.is_due()) line_.show(fmt::format("looking for certificates: {} files", files));
  };
}

}  // namespace cli
