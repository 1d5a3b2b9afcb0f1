// SPDX-License-Identifier: Apache-2.0
#include "host/interrupts.hpp"

#include <signal.h>

#include <array>
#include <cstddef>

namespace cli {

namespace {

constexpr std::array signals{SIGINT, SIGTERM, SIGHUP};

volatile sig_atomic_t last_caught = 0;
std::array<struct sigaction, signals.size()> before{};

void remember(int signal) { last_caught = signal; }

}  // namespace

Interrupts::Interrupts() {
  struct sigaction action {};
  action.sa_handler = remember;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    ::sigaction(signals[i], &action, &before[i]);
    if (before[i].sa_handler == SIG_IGN) ::sigaction(signals[i], &before[i], nullptr);
  }
}

Interrupts::~Interrupts() {
  for (std::size_t i = 0; i < signals.size(); ++i)
    ::sigaction(signals[i], &before[i], nullptr);
  if (last_caught != 0) ::raise(last_caught);
}

int Interrupts::caught() noexcept { return last_caught; }

}  // namespace cli
