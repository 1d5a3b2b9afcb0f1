// SPDX-License-Identifier: Apache-2.0
#include <pki/request.hpp>

#include <map>
#include <optional>
#include <utility>

#include "crypto/file_chain.hpp"
#include "crypto/key_signing.hpp"
#include "crypto/request.hpp"
#include "crypto/verify.hpp"
#include "crypto/x509.hpp"
#include "formats/report/request_json.hpp"

namespace pki::inline PKI_ABI {

namespace {

/// Signer is a CA of the inventory, decoded once.
struct Signer {
  explicit Signer(const Entry& ca)
      : key(*ca.key),
        certificate(ca.certificates.front()),
        chain(crypto::chain_of_leaves(ca.certificates)),
        anchors(ca.certificates) {}

  crypto::SigningKey key;
  Certificate certificate;
  std::vector<Certificate> chain;  ///< what a certificate that it signs carries: without a root
  crypto::TrustAnchors anchors;
};

Signer& signer_for(std::map<const CatalogRow*, Signer>& signers, const SigningStep& step, const Inventory& inventory) {
  if (const auto found = signers.find(step.issuer); found != signers.end()) return found->second;
  const auto& ca = inventory.find(step.issuer->name);
  if (!ca.key || ca.certificate() == nullptr)
    throw Error(Errc::ca_key_missing, ca.key_path.string(), "the key of the CA is not here, expected it to sign with");
  return signers.emplace(step.issuer, Signer(ca)).first->second;
}

std::vector<Certificate> sign(const SigningStep& step, const Signer& signer) {
  std::vector<Certificate> chain{
      crypto::sign(step.spec, crypto::public_key_of(step.item.request), signer.certificate, signer.key)};
  chain.insert(chain.end(), signer.chain.begin(), signer.chain.end());
  const auto reason =
      signer.anchors.verify(chain, step.spec.profile, step.spec.not_before, crypto::Strictness::lenient);
  if (!reason.empty())
    throw Error(Errc::crypto, step.item.source.empty() ? step.item.row : step.item.source,
                "the new certificate does not verify: " + reason);
  return chain;
}

}  // namespace

AnswerBundle sign_requests(const SigningPlan& plan, const Inventory& inventory) {
  if (!plan.conflicts.empty())
    throw Error(Errc::mismatch, plan.conflicts.front().subject, plan.conflicts.front().message,
                "solve the conflicts of the plan first");
  std::map<const CatalogRow*, Signer> signers;
  AnswerBundle bundle;
  for (const auto& step : plan.steps)
    bundle.answers.push_back({step.item.row, step.item.source, sign(step, signer_for(signers, step, inventory))});
  bundle.digest = formats::digest_of(bundle.answers);
  return bundle;
}

}  // namespace pki::inline PKI_ABI
