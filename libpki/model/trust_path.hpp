// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <span>
#include <string>

#include <pki/inventory.hpp>

namespace pki::model {

/// Returns the best accepted path of an entry at the instant `now`: of those that are valid then, or of all where none
/// is, the one that expires last. Null without one.
[[nodiscard]] const TrustPath* best_path(const Entry& entry, std::chrono::sys_seconds now);
[[nodiscard]] const TrustPath* best_path(std::span<const TrustPath> paths, std::chrono::sys_seconds now);

/// Returns the instant after which nothing accepts the certificate of an entry, which must have one: the earliest
/// notAfter of its best path. Without a path only its own dates are known.
[[nodiscard]] std::chrono::sys_seconds effective_end(const Entry& entry, std::chrono::sys_seconds now);

/// Returns "certificate 2 of the file (CN=…)", or "certificate 2 of PATH (CN=…)" for one in the file of the issuer.
/// `issuer` is null where the row has none.
[[nodiscard]] std::string describe_place(const ChainPlace& place, const Entry& entry, const Entry* issuer);

/// Returns "OpenSSL refuses PLACE as chain of a client: REASON". `place` describes the certificate.
[[nodiscard]] std::string describe_refusal(const ChainRefusal& refusal, const std::string& place, Profile profile);

}  // namespace pki::model
