// SPDX-License-Identifier: Apache-2.0
#include "targets.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>

#include "properties.hpp"

namespace fuzz {

namespace {

constexpr std::array table{
    Target{"pem", &pem},
    Target{"certificate", &certificate},
    Target{"scan", &scan},
    Target{"key", &key},
    Target{"kubeadm_config", &kubeadm_config},
    Target{"kubeconfig", &kubeconfig},
    Target{"saved_config", &saved_config},
    Target{"backup_manifest", &backup_manifest},
    Target{"journal", &journal},
    Target{"request", &request},
    Target{"bundle", &bundle},
    Target{"api_answer", &api_answer},
};

/// Ten times what the slowest input may take in a release build, for sanitizers and debug builds.
constexpr std::chrono::seconds longest{1};

std::chrono::nanoseconds processor_time() {
  timespec now{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

std::size_t size_of(const pki::Finding& problem) {
  return problem.subject.size() + problem.message.size() + to_text(problem.remedy).size();
}

}  // namespace

std::span<const Target> targets() noexcept { return table; }

const Target* find_target(std::string_view name) noexcept {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Target& each) { return each.name == name; });
  return found == table.end() ? nullptr : &*found;
}

void run_bounded(const Target& target, std::string_view input) {
  const auto start = processor_time();
  target.run(input);
  require(processor_time() - start < longest, "an input takes less than a second");
}

void require_plain(std::string_view text, const char* what) {
  constexpr std::size_t most = 8192;
  const bool plain =
      std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
  if (!plain) throw Broken(std::string(what) + " holds a control character");
  if (text.size() > most) throw Broken(std::string(what) + " is very long");
}

void require_plain(const pki::Finding& problem) {
  require_plain(problem.subject, "subject");
  require_plain(problem.message, "message");
  require_plain(to_text(problem.remedy), "hint");
}

void require_plain(const std::vector<pki::Finding>& problems) {
  constexpr std::size_t most = 1024 * 1024;
  const auto size = std::accumulate(problems.begin(), problems.end(), std::size_t{0},
                                    [](std::size_t sum, const pki::Finding& each) { return sum + size_of(each); });
  require(size <= most, "the problems of one input take less than a megabyte");
  for (const auto& problem : problems)
    require_plain(problem);
}

}  // namespace fuzz
