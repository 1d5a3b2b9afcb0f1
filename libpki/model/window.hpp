#pragma once

#include <string>

#include <pki/report.hpp>

namespace pki::model {

/// describe writes a window for people: "30d", "36h0m0s", "20% of its life".
[[nodiscard]] std::string describe(const Window& window);

/// life_of is how long a certificate was meant to live, as is_due takes it.
[[nodiscard]] std::chrono::seconds life_of(const Certificate& certificate, const Certificate* issuer);

/// begins_with tells that a leaf starts at the very second of its issuer: its own beginning is not known.
[[nodiscard]] bool begins_with(const Certificate& leaf, const Certificate* issuer) noexcept;

}  // namespace pki::model
