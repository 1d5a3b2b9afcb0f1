#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <pki/inventory.hpp>

#include "model/identity.hpp"

namespace pki::model {

/// Findings is what is wrong with an entry, and what is only worth a word.
struct Findings {
  std::vector<Problem> problems;  ///< the entry cannot be relied on
  std::vector<Problem> warnings;  ///< it works, but is not what the configuration or good practice would give
};

/// check_entry judges one entry that exists: its halves, its dates, its issuer, its usage. `issuer` is the issuer's
/// entry, null where the row has none. Names are not judged: see check_identity.
[[nodiscard]] Findings check_entry(const Entry& entry, const Entry* issuer, std::chrono::sys_seconds now);

/// check_identity tells how a sound entry differs from what the configuration asks for: a missing alternative
/// name is a problem; another common name, organization or server is a warning.
[[nodiscard]] Findings check_identity(const Entry& entry, const Identity& wanted);

/// missing_sans gives the wanted names that a certificate lacks.
[[nodiscard]] std::vector<GeneralName> missing_sans(const Certificate& certificate,
                                                    const std::vector<GeneralName>& wanted);

/// Returns the values of `names` joined with ", ", or "none" for an empty list.
[[nodiscard]] std::string join(const std::vector<GeneralName>& names);

}  // namespace pki::model
