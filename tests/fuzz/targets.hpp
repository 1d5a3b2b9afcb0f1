// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace fuzz {

/// Target is one entry point: it feeds its input to a reader and throws Broken where a promise is not kept. The same
/// functions run under libFuzzer (libfuzzer.cpp) and over stored inputs (replay.cpp).
struct Target {
  std::string_view name;
  void (*run)(std::string_view input);
};

void pem(std::string_view input);
void certificate(std::string_view input);
void scan(std::string_view input);
void key(std::string_view input);
void kubeadm_config(std::string_view input);
void kubeconfig(std::string_view input);
void saved_config(std::string_view input);
void backup_manifest(std::string_view input);
void request(std::string_view input);
void bundle(std::string_view input);
void journal(std::string_view input);
void api_answer(std::string_view input);

[[nodiscard]] std::span<const Target> targets() noexcept;
/// Returns null for an unknown name.
[[nodiscard]] const Target* find_target(std::string_view name) noexcept;

/// run_bounded runs a target and throws Broken, too, where it takes longer than it may. The time is that of the
/// processor, so that a busy machine finds nothing.
void run_bounded(const Target& target, std::string_view input);

}  // namespace fuzz
