// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <pki/abi.hpp>
#include <pki/catalog.hpp>
#include <pki/certificate.hpp>
#include <pki/key.hpp>
#include <pki/plan.hpp>
#include <pki/secret.hpp>
#include <pki/signer.hpp>

namespace pki::inline PKI_ABI {

/// File is one file to be written, whole, in memory. Its content is wiped with it.
struct File {
  std::filesystem::path path{};  ///< absolute
  unsigned mode{0600};           ///< permission bits, exactly these under any umask
  SecretString content{};        ///< every byte
};

/// Issued is a new certificate.
struct Issued {
  const CatalogRow* row{nullptr};  ///< of Bundle::catalog
  Certificate certificate{};       ///< as signed
};

/// Bundle is the result of a plan before any of it is on disk: an installer may ship it itself.
struct Bundle {
  Catalog catalog{default_catalog()};  ///< that of the plan; owns the rows of `issued`
  Layout layout{};                     ///< that of the plan
  std::vector<File> files{};           ///< everything that a commit writes, the saved configuration included
  std::vector<Issued> issued{};        ///< the new certificates, in catalog order
};

/// IssueOptions are the options of making keys and signing with those of CAs.
struct IssueOptions {
  unsigned threads{0};     ///< as KeyOptions::threads
  Progress progress{};     ///< as KeyOptions::progress
  std::stop_token stop{};  ///< as KeyOptions::stop
  Signers signers{};       ///< of CAs that exist; they take precedence over keys of the inventory
  /// Private keys by the names of rows that need a new one, instead of one that is generated. Others are ignored.
  std::map<std::string, PrivateKey, std::less<>> keys{};
  /// Tokens by the names of rows that have one (CatalogRow::has_token) and are made, instead of
  /// generate_bootstrap_token(). Others are ignored.
  std::map<std::string, SecretString, std::less<>> tokens{};
  /// Returns the serial number of the certificate for a row, 1 to 20 octets of a positive number, the highest first.
  /// Called for each new certificate, in the order of the plan, by the calling thread. Empty: random numbers. For
  /// reproducible tests: RFC 5280 and the CA/Browser Forum ask for unpredictable and unique ones.
  std::function<std::string(const CatalogRow& row)> serial{};
};

inline KeyOptions::operator IssueOptions() const {
  IssueOptions options;
  options.threads = threads;
  options.progress = progress;
  options.stop = stop;
  return options;
}

/// issue generates the keys of a plan, on all cores unless `options` say otherwise, and signs. Returns the files and
/// writes none. Issuers that the plan does not make come from `inventory`, their keys from `options.signers` or from
/// the inventory. A CA with an issuer is signed by it, no certificate is valid outside of the validity period of its
/// issuer, and each one is verified against its issuer before it is returned. Throws Error(ca_key_missing),
/// Error(crypto), Error(mismatch) when the plan has conflicts or contradicts itself (a certificate that outlives its
/// issuer, two steps for one row), when a signer is not the key of its CA, or a given key of another algorithm than
/// planned, Error(not_found) when it needs a file that neither the plan makes nor the inventory has,
/// Error(invalid_config) for a decision that the row excludes and for an invalid serial number, Error(unknown_name) for
/// a signer, key or token of an unknown row, Error(cancelled) after `options.stop`.
PKI_EXPORT [[nodiscard]] Bundle issue(const Plan& plan, const Inventory& inventory, const IssueOptions& options = {});

/// CaKeys says whether the private keys of CAs go along with their certificates.
enum class CaKeys {
  omit,     ///< the CAs are external on the other host: it works, and whoever has the keys renews its certificates
  include,  ///< the other host can sign and renew, as after kubeadm's --upload-certs
};

/// Returns what a host of `role` must get of its cluster, at the paths of `inventory`: the certificates of the CAs, and
/// for control planes the service account key pair; in general the rows of the role with CatalogRow::shared. A worker
/// never gets the key of a CA. The files for an external etcd, which others manage, are not among them. Throws
/// Error(not_found) for a file that is missing, Error(ca_key_missing) for a CA key that is to be included and is not
/// here, Error(malformed) for a file that is invalid.
PKI_EXPORT [[nodiscard]] std::vector<File> shared_files(const Inventory& inventory, CaKeys keys,
                                                        Role role = Role::joining_control_plane);

/// Returns files of `catalog` for a host whose directories are `to` in place of `from`. A saved configuration that
/// names the old directory of the certificates names the new one. All other contents stay: no kubeconfig that the
/// library makes names a directory. Throws Error(mismatch) for a file that is not one of `from`, Error(malformed) for a
/// saved configuration that cannot be read.
PKI_EXPORT [[nodiscard]] std::vector<File> relocated(std::vector<File> files, const Layout& from, const Layout& to,
                                                     const Catalog& catalog = default_catalog());

/// Returns a bundle for a host whose directories are `layout`, wherever it was planned. To write below a directory what
/// another root directory will contain, such as the mounted image of a host, do not relocate: plan with an inventory of
/// the directories below it, and with ClusterConfig::layout as the host will see them. Throws as the other one does.
PKI_EXPORT [[nodiscard]] Bundle relocated(Bundle bundle, const Layout& layout);

/// UserSpec is a further person or program that reaches the cluster with a client certificate.
struct UserSpec {
  std::string name{};                                       ///< common name, and the user in the kubeconfig
  std::vector<std::string> organizations{};                 ///< Kubernetes groups
  std::chrono::seconds validity{std::chrono::hours{8760}};  ///< of the certificate, at most to the end of the CA
  /// The certificate is for this key (PEM block PUBLIC KEY), whose private half stays where it is; empty: for a new
  /// one.
  std::string public_key_pem{};
  std::string key_file{};  ///< with `public_key_pem`: the file of the private half, as the kubeconfig names it
};

/// UserKubeconfig is a kubeconfig for a person or a program.
struct UserKubeconfig {
  SecretString text{};           ///< the whole file
  Certificate certificate{};     ///< of the user
  std::filesystem::path path{};  ///< where the caller has written it; empty: nowhere
};

/// issue_users makes a kubeconfig for each user, in that order, on all cores unless `options` say otherwise, signed by
/// the signer of the CA in `options` or its key in `inventory`. Throws Error(invalid_config) for an empty name and for
/// a public key without `key_file`, Error(malformed) for a public key that cannot be read or is below 2048 bits RSA,
/// Error(not_found) if the inventory has no CA certificate or its catalog no kubeconfig, Error(ca_key_missing),
/// Error(mismatch) for a `now` before the notBefore of the newest certificate, Error(cancelled) after `options.stop`.
PKI_EXPORT [[nodiscard]] std::vector<UserKubeconfig> issue_users(const ValidConfig& config, const Inventory& inventory,
                                                                 std::span<const UserSpec> users,
                                                                 std::chrono::sys_seconds now,
                                                                 const IssueOptions& options = {});
/// Returns what was made as a versioned JSON object of the kind UserList; it has no secrets.
PKI_EXPORT [[nodiscard]] std::string to_json(std::span<const UserKubeconfig> users);

/// Returns a kubeconfig with a new key and a client certificate signed by the cluster CA in `inventory` (kubeadm's
/// `kubeconfig user`). Throws Error(invalid_config) for an empty name, Error(not_found) if the inventory has no CA
/// certificate or its catalog no kubeconfig, Error(ca_key_missing), Error(mismatch) for a `now` before the notBefore of
/// the newest certificate. Its CA may have a key elsewhere: see user_kubeconfigs.
PKI_EXPORT [[nodiscard]] SecretString user_kubeconfig(const ValidConfig& config, const Inventory& inventory,
                                                      const UserSpec& user, std::chrono::sys_seconds now);
/// Returns one for each user, in that order, made on all cores unless `options` say otherwise, signed by the signer of
/// the CA in `options` or its key in `inventory`; the keys and serial numbers of the options are those of rows, and not
/// used. Throws also Error(mismatch) for a signer that is not the key of the CA, Error(cancelled) after `options.stop`.
PKI_EXPORT [[nodiscard]] std::vector<SecretString> user_kubeconfigs(const ValidConfig& config,
                                                                    const Inventory& inventory,
                                                                    std::span<const UserSpec> users,
                                                                    std::chrono::sys_seconds now,
                                                                    const IssueOptions& options = {});

}  // namespace pki::inline PKI_ABI
