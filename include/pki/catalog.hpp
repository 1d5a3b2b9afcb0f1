#pragma once

#include <span>
#include <string_view>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// Profile is what a certificate is for; it fixes basicConstraints, key usage and extended key usage.
enum class Profile {
  none,    ///< no certificate: a bare key pair
  ca,      ///< keyCertSign, cRLSign, digitalSignature
  server,  ///< serverAuth
  client,  ///< clientAuth
  peer,    ///< serverAuth and clientAuth (etcd)
};

/// Form is how a row lies on the disk.
enum class Form {
  key_pair,    ///< PATH.crt and PATH.key below the PKI directory
  kubeconfig,  ///< one file with certificate and key inside, below the kubeconfig directory
  bare_key,    ///< PATH.key and PATH.pub below the PKI directory
};

/// Naming chooses the common names and organizations: those of the Kubernetes document "PKI certificates and
/// requirements", or those that kubeadm 1.29 and later writes.
enum class Naming { recommended, kubeadm };

[[nodiscard]] std::string_view to_string(Naming naming) noexcept;
[[nodiscard]] std::string_view to_string(Profile profile) noexcept;

/// NamedText is a text of a row under either naming. It may hold placeholders: see `expand` in libpki/model.
struct NamedText {
  std::string_view recommended;
  std::string_view kubeadm;

  [[nodiscard]] constexpr std::string_view under(Naming naming) const noexcept {
    return naming == Naming::recommended ? recommended : kubeadm;
  }
};

/// Keeper is who renews what a row describes.
enum class Keeper {
  pkigen,
  kubelet,  ///< the kubelet, once it has joined; until then the certificate is embedded and ours
};

/// Pickup is how a process takes up a changed file.
enum class Pickup {
  reloads,  ///< by itself, within a minute or at the next handshake
  restart,  ///< it reads the file only when it starts
};

/// Consumer is a process that reads a row's files. Static pods are named as their manifests are.
struct Consumer {
  std::string_view process;
  Pickup pickup;
};

/// CatalogRow describes one certificate, kubeconfig or key pair of a cluster. Rows are constants.
struct CatalogRow {
  std::string_view name;                      ///< kubeadm's name, "apiserver" or "admin.conf"
  std::span<const std::string_view> aliases;  ///< further names that commands accept
  std::string_view issuer;                    ///< name of the CA row; empty for a CA and for a bare key
  Profile profile;
  Form form;
  NamedText common_name;                   ///< with placeholders
  NamedText organization;                  ///< with placeholders; empty: none
  std::span<const std::string_view> sans;  ///< subject alternative names in order, with placeholders
  std::string_view server;                 ///< kubeconfigs only: the API server URL, a placeholder
  std::string_view path;                   ///< stem of a key pair, file name of a kubeconfig
  bool local_etcd;                         ///< exists only where the cluster runs its own etcd
  Keeper keeper;                           ///< who renews it
  bool init_only;                          ///< exists only on the node where `init` ran: its absence is no alarm
  int served_on;                           ///< usual TLS port of the process that serves it; 0: none does
  std::span<const Consumer> consumers;     ///< which processes read it, and what they need after a change
  std::string_view description;            ///< for people

  [[nodiscard]] constexpr bool is_ca() const noexcept { return profile == Profile::ca; }
};

/// catalog is the whole PKI, issuers before what they sign; the order of kubeadm's `init phase certs all`.
[[nodiscard]] std::span<const CatalogRow> catalog() noexcept;
/// find_row takes a name or an alias. Throws Error(unknown_name) that lists the names.
[[nodiscard]] const CatalogRow& find_row(std::string_view name);
/// try_find_row is null when nothing has that name or alias.
[[nodiscard]] const CatalogRow* try_find_row(std::string_view name) noexcept;

}  // namespace pki
#pragma GCC visibility pop
