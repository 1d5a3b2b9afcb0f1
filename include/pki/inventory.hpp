#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/certificate.hpp>
#include <pki/config.hpp>
#include <pki/error.hpp>
#include <pki/key.hpp>
#include <pki/secret.hpp>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// KubeconfigFacts is what a kubeconfig's current context says.
struct KubeconfigFacts {
  std::string context;
  std::string cluster;
  std::string user;
  std::string server;
  /// ca_certificates is empty where the file points at a CA file instead of embedding it, or names none.
  std::vector<Certificate> ca_certificates;
  std::string ca_file;  ///< the CA file that it points at
  /// client_certificate_file is set where the file points at its credentials (a kubelet's, usually).
  std::string client_certificate_file;
  SecretString text;  ///< the whole file, for a renewal that keeps every other byte
};

/// Entry is what lies on the disk for one row, sound or broken. Missing files and broken files are values here.
struct Entry {
  const CatalogRow* row{nullptr};
  std::filesystem::path path;             ///< certificate, kubeconfig, or the public key of a bare key
  std::filesystem::path key_path;         ///< empty for a kubeconfig
  bool exists{false};                     ///< something stands at `path`
  bool key_exists{false};                 ///< something stands at `key_path`; for a kubeconfig: as `exists`
  std::vector<Certificate> certificates;  ///< the certificate, then intermediates or further trusted CAs
  std::optional<PrivateKey> key;
  std::optional<KubeconfigFacts> kubeconfig;
  std::string public_key_sha256;  ///< of a bare key's public file; empty where absent or broken
  bool signed_by_issuer{false};   ///< the chain verifies against the issuer's certificates on disk
  std::vector<Finding> problems;  ///< files that are unreadable, empty, malformed, unsafe

  /// certificate is the first one, null where there is none.
  [[nodiscard]] const Certificate* certificate() const noexcept {
    return certificates.empty() ? nullptr : &certificates.front();
  }
  [[nodiscard]] bool absent() const noexcept { return !exists && !key_exists; }
  /// external is a CA whose certificate is here and whose key is elsewhere.
  [[nodiscard]] bool external() const noexcept { return row->is_ca() && exists && !key_exists; }
};

/// Inventory holds one Entry for each row of a catalog, in its order, and what else is in the directories.
struct Inventory {
  Catalog catalog{default_catalog()};
  Layout layout{};
  std::vector<Entry> entries{};
  std::optional<ConfigFile> remembered{};  ///< the configuration that `init` kept; its problems are inside
  std::vector<Finding> notes{};            ///< an unfinished write, a directory that cannot be read

  /// Returns the entry of a row. Throws Error(unknown_name) for a name that the catalog lacks.
  [[nodiscard]] const Entry& find(std::string_view name) const;
};

/// load_remembered reads only the configuration that `init` kept; empty where there is none.
[[nodiscard]] std::optional<ConfigFile> load_remembered(const Layout& layout);

/// load reads the files that `catalog` names below `layout`, and nothing else. If a concurrent writer changes them, it
/// reads again, up to a hundred times. Missing and broken files are described in the result. Throws Error(io) only if a
/// directory itself cannot be read. KeyCheck::consistency is for reports, not to plan and issue.
[[nodiscard]] Inventory load(const Layout& layout, KeyCheck check = KeyCheck::sign_and_verify,
                             const Catalog& catalog = default_catalog());

}  // namespace pki
#pragma GCC visibility pop
