// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <pki/inventory.hpp>
#include <pki/plan.hpp>
#include <pki/signer.hpp>

namespace CLI {
class App;
}

namespace cli {

/// The flags about keys of CAs that are not files of the PKI, as typed: in a token, a TPM, or an encrypted file.
struct SigningKeyOptions {
  std::vector<std::string> keys;              ///< CA=URI
  std::vector<std::string> passphrase_files;  ///< FILE, or CA=FILE
};

/// add_signing_key_options adds --ca-key and --ca-key-passphrase-file.
void add_signing_key_options(CLI::App& command, SigningKeyOptions& options);

/// The values of --ca-key, parsed.
struct SigningKeys {
  std::map<std::string, std::string> uris;  ///< by names of rows; an empty URI takes a saved one back
  std::vector<pki::Finding> problems;       ///< values that do not parse; the subject is the flag
};

[[nodiscard]] SigningKeys parse_signing_keys(const SigningKeyOptions& options);

/// Returns the key of a CA that is at `uri`. Its passphrase comes from a file of the options, from the systemd
/// credential `pkigen.CA.passphrase`, or from the terminal. Throws as pki::open_signer does.
[[nodiscard]] pki::Signer open_ca_key(const std::string& ca, const std::string& uri, const SigningKeyOptions& options);

/// open_signers opens the keys of `cas` that are not files of the PKI. Throws as open_ca_key does, and
/// pki::Error(mismatch) for the key of another CA.
[[nodiscard]] pki::Signers open_signers(const std::set<std::string_view>& cas, const pki::Inventory& inventory,
                                        const SigningKeyOptions& options);

/// Returns the CAs with which a plan signs. No other key is opened: a token is not touched for nothing.
[[nodiscard]] std::set<std::string_view> signing_cas(const pki::Plan& plan);

}  // namespace cli
