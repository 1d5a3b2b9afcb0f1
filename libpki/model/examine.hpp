#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <pki/inventory.hpp>

#include "model/identity.hpp"

namespace pki {

/// Findings is what is wrong with an entry, and what is only worth a word.
struct Findings {
  std::vector<Problem> problems;  ///< the entry cannot be relied on
  std::vector<Problem> warnings;  ///< it works, but is not what the configuration or good practice would give
};

/// examine judges one entry that exists: its halves, its dates, its issuer, its usage. `issuer` is the issuer's
/// entry, null where the row has none. Names are not judged: see compare_identity.
[[nodiscard]] Findings examine(const Entry& entry, const Entry* issuer, std::chrono::sys_seconds now);

/// compare_identity tells how a sound entry differs from what the configuration asks for: a missing alternative
/// name is a problem; another common name, organization or server is a warning.
[[nodiscard]] Findings compare_identity(const Entry& entry, const Identity& wanted);

/// missing_sans gives the wanted names that a certificate lacks.
[[nodiscard]] std::vector<GeneralName> missing_sans(const Certificate& certificate,
                                                    const std::vector<GeneralName>& wanted);

/// to_date writes an instant for people: "2027-11-21 00:48:15 UTC".
[[nodiscard]] std::string to_date(std::chrono::sys_seconds instant);
/// join writes a list of texts with ", " between.
[[nodiscard]] std::string join(const std::vector<std::string>& texts);
[[nodiscard]] std::string join(const std::vector<GeneralName>& names);

}  // namespace pki
