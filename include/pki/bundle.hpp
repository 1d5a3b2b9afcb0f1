#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/certificate.hpp>
#include <pki/key.hpp>
#include <pki/plan.hpp>
#include <pki/secret.hpp>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// File is one file to be written, whole, in memory. Its content is wiped with it.
struct File {
  std::filesystem::path path;
  unsigned mode{0600};  ///< permission bits, exactly these under any umask
  SecretString content;
};

/// Issued is the certificate that a step made.
struct Issued {
  const CatalogRow* row{nullptr};
  Certificate certificate;
};

/// Bundle is the result of a plan before any of it is on disk: an installer may ship it itself.
struct Bundle {
  Catalog catalog{default_catalog()};  ///< that of the plan; owns the rows of `issued`
  Layout layout;
  std::vector<File> files;
  std::vector<Issued> issued;
};

/// issue makes the keys of a plan, on all cores unless `options` say otherwise, signs, and gives the files; it writes
/// nothing. Issuers that the plan keeps are taken from `inventory`. Each certificate is verified against its issuer
/// before it is given. Throws Error(ca_key_missing), Error(crypto), or Error(mismatch) when the plan has conflicts.
[[nodiscard]] Bundle issue(const Plan& plan, const Inventory& inventory, const KeyOptions& options = {});

/// UserSpec is one more person or program that shall reach the cluster with a client certificate.
struct UserSpec {
  std::string name;                        ///< common name, and the user in the kubeconfig
  std::vector<std::string> organizations;  ///< Kubernetes groups
  std::chrono::seconds validity{std::chrono::hours{8760}};
};

/// user_kubeconfig makes a key and a client certificate signed by the cluster CA in `inventory` and gives the
/// kubeconfig that holds both (kubeadm's `kubeconfig user`). Throws Error(not_found), Error(ca_key_missing).
[[nodiscard]] SecretString user_kubeconfig(const ValidConfig& config, const Inventory& inventory, const UserSpec& user,
                                           std::chrono::sys_seconds now);
/// user_kubeconfigs makes one for each of many users, in that order, on all cores unless `options` say otherwise.
[[nodiscard]] std::vector<SecretString> user_kubeconfigs(const ValidConfig& config, const Inventory& inventory,
                                                         std::span<const UserSpec> users, std::chrono::sys_seconds now,
                                                         const KeyOptions& options = {});

}  // namespace pki
#pragma GCC visibility pop
