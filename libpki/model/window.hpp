// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <pki/report.hpp>

namespace pki::model {

/// Returns a window for people: "30d", "36h0m0s", "20% of its life".
[[nodiscard]] std::string describe(const Window& window);

/// Returns the validity period of a certificate as is_due takes it.
[[nodiscard]] std::chrono::seconds life_of(const Certificate& certificate, const Certificate* issuer);

/// Returns whether the end of a certificate, which may be that of its chain, is within the window.
[[nodiscard]] bool ends_within(std::chrono::sys_seconds end, const Certificate& certificate, const Certificate* issuer,
                               std::chrono::sys_seconds now, const Window& window);

/// Returns whether a leaf has the notBefore of its issuer, so that the time of its issuance is unknown.
[[nodiscard]] bool begins_with(const Certificate& leaf, const Certificate* issuer) noexcept;

}  // namespace pki::model
