// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <pki/renewal.hpp>

namespace cli {

/// to_text shows a renewal to a person: one line per row with the reason, the changes below it, a sum, and which
/// processes must be restarted.
[[nodiscard]] std::string to_text(const pki::Renewal& renewal);

}  // namespace cli
