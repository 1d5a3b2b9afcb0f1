// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <pki/request.hpp>

#include "commands/csr_files.hpp"

namespace cli {

/// to_text shows requests, what is signed and what was imported to a person: one line per row, the names of servers
/// below it, and what comes next.
[[nodiscard]] std::string to_text(const pki::RequestBundle& bundle, std::size_t made, const Outputs& outputs,
                                  const pki::Layout& layout);
[[nodiscard]] std::string to_text(std::span<const pki::WaitingRequest> waiting, const pki::Layout& layout);
[[nodiscard]] std::string to_text(const pki::SigningPlan& plan, const std::string& digest);
[[nodiscard]] std::string to_text(const pki::Imported& imported, const pki::Layout& layout);

/// requests_to_text shows what a plan of pki::plan_request would request.
[[nodiscard]] std::string requests_to_text(const pki::Plan& plan);

}  // namespace cli
