// SPDX-License-Identifier: Apache-2.0
#include <pki/request.hpp>

#include <map>
#include <memory>
#include <utility>

#include "crypto/file_chain.hpp"
#include "crypto/key_signing.hpp"
#include "crypto/request.hpp"
#include "crypto/signer.hpp"
#include "crypto/verify.hpp"
#include "crypto/x509.hpp"
#include "formats/report/request_json.hpp"

namespace pki::inline PKI_ABI {

namespace {

/// Authority is a CA of the inventory with its key, decoded once.
struct Authority {
  Authority(const Entry& ca, std::shared_ptr<const crypto::SigningKey> key_of_ca)
      : key(std::move(key_of_ca)),
        certificate(ca.certificates.front()),
        chain(crypto::chain_of_leaves(ca.certificates)),
        anchors(ca.certificates) {}

  std::shared_ptr<const crypto::SigningKey> key;
  Certificate certificate;
  std::vector<Certificate> chain;  ///< what a certificate that it signs carries: without a root
  crypto::TrustAnchors anchors;
};

using Authorities = std::map<const CatalogRow*, Authority>;

const Authority& authority_for(Authorities& known, const SigningStep& step, const Inventory& inventory,
                               const Signers& signers) {
  if (const auto found = known.find(step.issuer); found != known.end()) return found->second;
  const auto& ca = inventory.find(step.issuer->name);
  auto key = crypto::key_of_ca(ca, signers);
  if (!key || ca.certificate() == nullptr)
    throw Error(Errc::ca_key_missing, ca.key_path.string(), "the key of the CA is not here, expected it to sign with");
  return known.emplace(step.issuer, Authority(ca, std::move(key))).first->second;
}

std::vector<Certificate> sign(const SigningStep& step, const Authority& authority) {
  std::vector<Certificate> chain{
      crypto::sign(step.spec, crypto::public_key_of(step.item.request), authority.certificate, *authority.key)};
  chain.insert(chain.end(), authority.chain.begin(), authority.chain.end());
  const auto reason =
      authority.anchors.verify(chain, step.spec.profile, step.spec.not_before, crypto::Strictness::lenient);
  if (!reason.empty())
    throw Error(Errc::crypto, step.item.source.empty() ? step.item.row : step.item.source,
                "the new certificate does not verify: " + reason);
  return chain;
}

}  // namespace

AnswerBundle sign_requests(const SigningPlan& plan, const Inventory& inventory, const Signers& signers) {
  if (!plan.conflicts.empty())
    throw Error(Errc::mismatch, plan.conflicts.front().subject, plan.conflicts.front().message,
                "solve the conflicts of the plan first");
  Authorities known;
  AnswerBundle bundle;
  for (const auto& step : plan.steps)
    bundle.answers.push_back(
        {step.item.row, step.item.source, sign(step, authority_for(known, step, inventory, signers))});
  bundle.digest = formats::digest_of(bundle.answers);
  return bundle;
}

}  // namespace pki::inline PKI_ABI
