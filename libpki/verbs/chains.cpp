// SPDX-License-Identifier: Apache-2.0
#include "verbs/chains.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "base/parallel.hpp"
#include "base/usages.hpp"
#include "crypto/file_chain.hpp"
#include "model/component.hpp"

namespace pki::verbs {

namespace {

/// Returns the profiles of the leaves below a CA, which its issuers must allow as well.
std::vector<Profile> profiles_below(const Catalog& catalog, const CatalogRow& ca) {
  std::vector<Profile> profiles;
  const auto add = [&](Profile profile) {
    if (std::ranges::find(profiles, profile) == profiles.end()) profiles.push_back(profile);
  };
  for (const auto& row : catalog.rows()) {
    if (row.issuer != ca.name) continue;
    if (row.is_ca())
      std::ranges::for_each(profiles_below(catalog, row), add);
    else
      add(row.profile);
  }
  return profiles;
}

/// Judged is what OpenSSL says about a chain and the certificates of its CA.
struct Judged {
  bool is_signed;  ///< signatures lead to the CA
  crypto::ChainVerdict verdict;
};

Judged judge_by(const crypto::TrustAnchors& issuer, std::span<const Certificate> chain, Profile profile,
                std::span<const Profile> signs = {}) {
  Judged judged{false, issuer.judge(chain, profile, signs)};
  judged.is_signed = !judged.verdict.paths.empty() || issuer.have_signed(chain);
  auto& refusal = judged.verdict.refusal;
  if (!judged.is_signed) refusal.reset();
  // OpenSSL finds an issuer by its name and key identifier.
  if (judged.is_signed && judged.verdict.paths.empty() && !refusal)
    refusal = ChainRefusal{"the key identifier of the issuer does not match", {}, false};
  return judged;
}

void judge_by_issuer(Entry& entry, const crypto::TrustAnchors& issuer, const Catalog& catalog) {
  const auto signs = entry.row->is_ca() ? profiles_below(catalog, *entry.row) : std::vector<Profile>();
  auto judged = judge_by(issuer, entry.certificates, entry.row->profile, signs);
  entry.signed_by_issuer = judged.is_signed;
  entry.trust_paths = std::move(judged.verdict.paths);
  entry.refusal = std::move(judged.verdict.refusal);
}

void judge_authority(Entry& ca, const Catalog& catalog) {
  auto verdict = crypto::judge_authority(ca.certificates, profiles_below(catalog, *ca.row));
  ca.trust_paths = std::move(verdict.paths);
  ca.refusal = std::move(verdict.refusal);
}

/// Returns the certificates of the CA that signs for the kubelet.
std::span<const Certificate> kubelet_ca(const Inventory* inventory) {
  if (inventory == nullptr) return {};
  const auto found = std::ranges::find(inventory->entries, ManagedBy::kubelet,
                                       [](const Entry& entry) { return entry.row->managed_by; });
  if (found == inventory->entries.end() || found->row->issuer.empty()) return {};
  return inventory->find(found->row->issuer).certificates;
}

/// Chain is the valid certificates of a file.
struct Chain {
  std::vector<Certificate> certificates;
  std::vector<std::size_t> numbers;  ///< their positions in the file

  explicit Chain(std::span<const UnmanagedCertificate> file) {
    for (const auto& each : file) {
      if (!each.certificate) continue;
      certificates.push_back(*each.certificate);
      numbers.push_back(each.number);
    }
  }

  /// Returns a place among the valid certificates as one in the file.
  [[nodiscard]] ChainPlace in_file(ChainPlace place) const {
    return place.of_issuer ? place : ChainPlace{false, numbers[place.number - 1]};
  }
};

void set(UnmanagedCertificate& first, const Chain& chain, crypto::ChainVerdict verdict) {
  first.trust_paths = std::move(verdict.paths);
  first.refusal = std::move(verdict.refusal);
  for (auto& path : first.trust_paths)
    path.first_to_expire = chain.in_file(path.first_to_expire);
  if (first.refusal) first.refusal->at = chain.in_file(first.refusal->at);
}

bool allows(const Certificate& certificate, std::string_view usage) {
  return std::ranges::find(certificate.extended_key_usages, usage) != certificate.extended_key_usages.end();
}

/// Judges a chain for what its first certificate may be used; of two uses one is enough.
crypto::ChainVerdict judge_for_any_use(std::span<const Certificate> chain) {
  const auto& first = chain.front();
  const bool server = allows(first, base::server_auth);
  const bool client = allows(first, base::client_auth);
  if (first.is_ca) return crypto::judge_file(chain, Profile::ca);
  if (!server && !client) return crypto::judge_file(chain, Profile::none);
  auto verdict = crypto::judge_file(chain, server ? Profile::server : Profile::client);
  if (!verdict.paths.empty() || !server || !client) return verdict;
  auto other = crypto::judge_file(chain, Profile::client);
  return other.paths.empty() ? verdict : other;
}

/// Returns whether the first certificate of a file is a leaf or an intermediate that comes with its issuer.
bool is_chain(std::span<const UnmanagedCertificate> file) {
  const auto& first = file.front().certificate;
  return first && !first->self_signed && std::ranges::any_of(file.subspan(1), [&](const UnmanagedCertificate& each) {
           return each.certificate && each.certificate->subject_der == first->issuer_der;
         });
}

void judge_each(std::span<UnmanagedCertificate> cas) {
  const Chain all(cas);
  for (auto& refusal : crypto::judge_trusted(all.certificates)) {
    refusal.at = all.in_file(refusal.at);
    const auto at = std::ranges::find(cas, refusal.at.number, &UnmanagedCertificate::number);
    at->refusal = std::move(refusal);
  }
}

}  // namespace

void judge_chains(Inventory& inventory) {
  std::map<std::string_view, crypto::TrustAnchors> issuers;
  std::vector<Entry*> judged;
  for (auto& entry : inventory.entries) {
    const auto issuer = entry.row->issuer;
    if (entry.certificates.empty() || (issuer.empty() && !entry.row->is_ca())) continue;
    if (!issuer.empty()) issuers.try_emplace(issuer, inventory.find(issuer).certificates);
    judged.push_back(&entry);
  }
  for (auto& entry : inventory.entries)
    if (entry.kubeconfig) entry.kubeconfig->ca_refusals = crypto::judge_trusted(entry.kubeconfig->ca_certificates);
  base::in_parallel(judged.size(), 0, [&](std::size_t i) {
    auto& entry = *judged[i];
    if (entry.row->issuer.empty())
      judge_authority(entry, inventory.catalog);
    else
      judge_by_issuer(entry, issuers.at(entry.row->issuer), inventory.catalog);
  });
}

UnmanagedChains::UnmanagedChains(const Inventory* inventory)
    : anchors_(kubelet_ca(inventory)), has_ca_(!kubelet_ca(inventory).empty()) {}

void UnmanagedChains::judge(std::span<UnmanagedCertificate> file, std::string_view place, bool other_critical) const {
  if (file.empty()) return;
  if (place.starts_with("cluster ")) return judge_each(file);
  auto& first = file.front();
  if (!first.certificate) return;
  if (first.owner == "kubelet") return judge_kubelet(file);
  const bool user = place.starts_with("user ");
  // One verification costs more than to read a file, of which there may be a hundred thousand.
  if (!user && !other_critical && !is_chain(file)) return;
  const Chain chain(file);
  set(first, chain,
      user ? crypto::judge_file(chain.certificates, Profile::client) : judge_for_any_use(chain.certificates));
}

// Whoever connects to a kubelet does not have to trust the CA of the cluster.
void UnmanagedChains::judge_kubelet(std::span<UnmanagedCertificate> file) const {
  auto& first = file.front();
  const bool client = model::is_kubelet_credential(first.path);
  const auto profile = client ? Profile::client : Profile::server;
  const Chain chain(file);
  if (has_ca_) {
    auto judged = judge_by(anchors_, chain.certificates, profile);
    if (client) first.signed_by_ca = judged.is_signed;
    if (client || judged.is_signed) return set(first, chain, std::move(judged.verdict));
  }
  set(first, chain, crypto::judge_file(chain.certificates, profile));
}

}  // namespace pki::verbs
