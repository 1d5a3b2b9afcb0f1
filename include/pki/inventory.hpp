// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <pki/abi.hpp>
#include <pki/catalog.hpp>
#include <pki/certificate.hpp>
#include <pki/config.hpp>
#include <pki/error.hpp>
#include <pki/key.hpp>
#include <pki/secret.hpp>

namespace pki::inline PKI_ABI {

/// ChainPlace identifies one certificate of a chain.
struct ChainPlace {
  bool of_issuer{false};  ///< it is in the file of the issuer, otherwise in that of the entry
  std::size_t number{1};  ///< position in that file, from 1

  friend bool operator==(const ChainPlace&, const ChainPlace&) = default;
};

/// ChainRefusal is why OpenSSL does not accept a chain, whatever the dates are.
struct ChainRefusal {
  std::string reason{};  ///< in OpenSSL's words
  ChainPlace at{};       ///< the certificate that the reason is about
  bool of_names{false};  ///< name constraints exclude its names, which a renewal keeps

  friend bool operator==(const ChainRefusal&, const ChainRefusal&) = default;
};

/// KubeconfigFacts is the content of the current context of a kubeconfig.
struct KubeconfigFacts {
  std::string cluster{};                       ///< the name of its cluster entry
  std::string user{};                          ///< the name of its user entry
  std::string server{};                        ///< URL of its cluster's API server
  std::vector<Certificate> ca_certificates{};  ///< the CAs that are embedded, or in `ca_file`
  std::vector<ChainRefusal> ca_refusals{};     ///< why OpenSSL refuses some of them as CAs; `at` is a place in them
  std::string ca_file{};                       ///< the CA file that it refers to instead
  std::string client_certificate_file{};       ///< the certificate that it refers to (a kubelet's, usually), absolute
  std::string client_key_file{};               ///< the key that it refers to, absolute
  bool other_credentials{false};               ///< its user has a token, a password or a plugin
  SecretString text{};                         ///< the whole file, for a renewal that keeps every other byte
};

/// TrustPath is a chain from a certificate to a trust anchor that OpenSSL accepts for the profile of the row, whatever
/// the dates are.
struct TrustPath {
  std::chrono::sys_seconds not_before{};  ///< the latest notBefore of its certificates
  std::chrono::sys_seconds not_after{};   ///< the earliest notAfter of its certificates
  ChainPlace first_to_expire{};           ///< the certificate with that notAfter

  friend bool operator==(const TrustPath&, const TrustPath&) = default;
};

/// PendingRequest is what an entry knows of a request for its certificate that has not been answered (see
/// pki/request.hpp).
struct PendingRequest {
  std::chrono::sys_seconds requested{};  ///< when it was made
  std::string public_key_sha256{};       ///< of the key that waits, as PrivateKey::public_key_sha256

  friend bool operator==(const PendingRequest&, const PendingRequest&) = default;
};

/// Entry holds the files of one row as found on disk. Missing and invalid files are values here.
struct Entry {
  const CatalogRow* row{nullptr};               ///< of Inventory::catalog
  std::filesystem::path path{};                 ///< certificate, kubeconfig, or the public key of a bare key
  std::filesystem::path key_path{};             ///< empty for a kubeconfig
  bool exists{false};                           ///< something is at `path`
  bool key_exists{false};                       ///< something is at `key_path`; for a kubeconfig: as `exists`
  std::vector<Certificate> certificates{};      ///< the certificate, then intermediates or further trusted CAs
  std::optional<PrivateKey> key{};              ///< empty if absent, invalid or not read
  std::string signing_key{};                    ///< of a CA: URI of its key, if elsewhere: see use_signing_keys
  std::optional<KubeconfigFacts> kubeconfig{};  ///< empty for other rows, and for one that is invalid
  std::string public_key_sha256{};              ///< of the public file of a bare key; empty if absent or invalid
  bool signed_by_issuer{false};                 ///< signatures lead to one of the issuer's certificates on disk
  bool external_etcd{false};  ///< the configuration names its files for an external etcd: never written
  /// The accepted paths to the issuer's certificates; of a CA, to the last certificate of its file that signed it.
  /// Empty where none is accepted, and where nothing could be verified because the issuer is missing.
  std::vector<TrustPath> trust_paths{};
  std::optional<ChainRefusal> refusal{};    ///< why no path is accepted although its signatures are right
  std::optional<PendingRequest> request{};  ///< a certificate that the holder of the CA was asked for
  std::vector<Finding> problems{};          ///< files that are unreadable, empty, malformed, unsafe

  /// Returns the first certificate, or null.
  [[nodiscard]] const Certificate* certificate() const noexcept {
    return certificates.empty() ? nullptr : &certificates.front();
  }
  /// Returns whether no file of the row exists.
  [[nodiscard]] bool absent() const noexcept { return !exists && !key_exists; }
  /// Returns whether this is a kubeconfig whose user has the certificate or its key in another file, which whoever
  /// made that file renews.
  [[nodiscard]] bool refers_to_credentials() const noexcept {
    return kubeconfig && (!kubeconfig->client_certificate_file.empty() || !kubeconfig->client_key_file.empty());
  }
  /// Returns whether this is a CA whose certificate is here and whose key cannot be reached from here.
  [[nodiscard]] bool external() const noexcept { return row->is_ca() && exists && !key_exists && signing_key.empty(); }
};

/// Inventory holds one Entry for each row of a catalog, in its order, and what else is in the directories. `inspect`,
/// `plan_init` and `plan_renew` refuse any other.
struct Inventory {
  Catalog catalog{default_catalog()};        ///< owns the rows of the entries
  Layout layout{};                           ///< the directories that were read
  bool certificates_dir_exists{true};        ///< false: nothing was made there yet, or the path is wrong
  std::vector<Entry> entries{};              ///< one for each row, in catalog order
  std::optional<ConfigFile> saved_config{};  ///< the configuration that `init` saved, with its problems
  std::vector<Finding> notes{};              ///< an unfinished write, a directory that cannot be read

  /// Returns the entry of a row. Throws Error(unknown_name) for a name that the catalog lacks.
  PKI_EXPORT [[nodiscard]] const Entry& find(std::string_view name) const;
};

/// use_signing_keys records where the keys of CAs are that are not files of the layout: `keys` has the URI for the name
/// of each CA, as ClusterConfig::signing_keys; an empty URI removes it. Such a CA is not external: plans expect `issue`
/// to get a Signer for it. No key is opened. `load` and `assemble` record the keys of the configuration that they use.
/// Throws Error(unknown_name) for a name that the catalog lacks, Error(invalid_config) for a row that is not a CA and
/// for an invalid URI.
PKI_EXPORT void use_signing_keys(Inventory& inventory, const std::map<std::string, std::string>& keys);

/// Reads the configuration that `init` saved, and nothing else; empty without one. `links` is that of `load`.
PKI_EXPORT [[nodiscard]] std::optional<ConfigFile> load_saved_config(const Layout& layout, Links links = Links::refuse);

/// load reads the files that `catalog` (empty: effective_catalog of `config` and the saved one) names below `layout`,
/// those to which kubeconfigs among them refer, and those that the configuration names for an external etcd: `config`,
/// or the saved one where it is null. It reads nothing else. If a concurrent writer changes them, it reads again, up to
/// a hundred times. Missing and invalid files are described in the result. Throws Error(io) only if a directory itself
/// cannot be read. KeyCheck::consistency and Links::follow are for reports, not to plan and issue: a link in place of a
/// directory is an Error(io) otherwise, one in place of a file a problem of its entry. With Links::follow there is a
/// note for each link, and a directory that this user may not enter makes files unreadable.
PKI_EXPORT [[nodiscard]] Inventory load(const Layout& layout, KeyCheck check = KeyCheck::sign_and_verify,
                                        const std::optional<Catalog>& catalog = {},
                                        const ClusterConfig* config = nullptr, Links links = Links::refuse);

}  // namespace pki::inline PKI_ABI
