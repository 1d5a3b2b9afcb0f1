// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <pki/bundle.hpp>
#include <pki/certificate.hpp>
#include <pki/inventory.hpp>
#include <pki/key.hpp>
#include <pki/secret.hpp>

namespace pki::verbs {

// The files of a row with a new certificate, whoever signed it.

inline constexpr unsigned secret_mode = 0600;
inline constexpr unsigned public_mode = 0644;

[[nodiscard]] SecretString as_content(const std::string& text);
/// Returns the PEM texts of certificates, one after the other.
[[nodiscard]] std::string pem_of(std::span<const Certificate> certificates);

/// Appends certificates that are not in the list yet.
void add_trusted(std::vector<Certificate>& trusted, std::span<const Certificate> more);

/// NewCertificate is a certificate that goes into the files of its row.
struct NewCertificate {
  const Certificate& certificate;
  std::span<const Certificate> chain;    ///< the intermediates after it
  std::span<const Certificate> trusted;  ///< the certificates of its CA's file, then of the CAs above it
  const PrivateKey& key;
  bool key_is_new{true};  ///< otherwise the key is on disk already
};

/// Returns the files of a row that has none: `cluster` and `server` are those of a kubeconfig.
[[nodiscard]] std::vector<File> new_files(const Entry& place, const NewCertificate& made, const std::string& cluster,
                                          const std::string& server);
/// Returns the files that replace those of `old`. Each other byte of a kubeconfig stays; one that embeds CAs lists the
/// one on disk, and goes on to trust the others. Throws Error(malformed).
[[nodiscard]] std::vector<File> replaced_files(const Entry& old, const NewCertificate& made);

}  // namespace pki::verbs
