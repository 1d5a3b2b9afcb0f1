// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <pki/inventory.hpp>

namespace pki::model {

// The remedies of an entry that a row of the catalog describes. Each of them depends on who can sign: where
// the key of the CA is not here, no command of this host makes a certificate. `issuer` is the entry of the issuing CA,
// null where the row has none or where it cannot be used.

/// Returns ", requested on 2026-11-26" for an entry whose request waits for its answer, else an empty text.
[[nodiscard]] std::string requested_text(const Entry& entry);

/// Returns what has an external CA sign an entry: importing the answer where its certificate was requested.
[[nodiscard]] Remedy supply_of(const Entry& entry, const Entry& ca);

/// Returns what gives the certificate of an entry new dates, and a new key.
[[nodiscard]] Remedy renewal_of(const Entry& entry, const Entry* issuer);

/// Returns what makes an entry anew, with the names of the configuration, after its files were moved away.
[[nodiscard]] Remedy recreation_of(const Entry& entry, const Entry* issuer);

/// Returns what replaces one file of an entry that is missing or does not belong to the other one.
[[nodiscard]] Remedy replacement_of(const Entry& entry, const Entry* issuer, const std::filesystem::path& wrong);

/// Returns what replaces an entry whose files belong together, and are wrong all the same.
[[nodiscard]] Remedy replacement_of(const Entry& entry, const Entry* issuer);

}  // namespace pki::model
