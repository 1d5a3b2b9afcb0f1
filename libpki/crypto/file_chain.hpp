// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include <pki/certificate.hpp>
#include <pki/inventory.hpp>

#include "crypto/verify.hpp"

// Chains that end within their own file: its last certificates are the anchors.
namespace pki::crypto {

/// Judges `file[0]` and the certificates that it comes with, up to the last one of each path, for the uses of the
/// profile. Without a certificate of its issuer it is judged alone. No place of the result is `of_issuer`.
[[nodiscard]] ChainVerdict judge_file(std::span<const Certificate> file, Profile profile);

/// Judges the file of a CA in the same way: as a CA, and as one that may sign certificates of the profiles in `signs`.
[[nodiscard]] ChainVerdict judge_authority(std::span<const Certificate> file, std::span<const Profile> signs);

/// Judges each certificate of a list that a client trusts, as the CA of servers. Returns the refusals, whose places are
/// those in the list.
[[nodiscard]] std::vector<ChainRefusal> judge_trusted(std::span<const Certificate> trusted);

/// Returns the certificates that a leaf of the CA `file[0]` must carry for a client that trusts its root alone: the CA
/// and the issuers that its file holds, without a self-signed one. Empty for a self-signed CA.
[[nodiscard]] std::vector<Certificate> chain_of_leaves(std::span<const Certificate> file);

}  // namespace pki::crypto
