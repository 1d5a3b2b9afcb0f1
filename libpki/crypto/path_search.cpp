// SPDX-License-Identifier: Apache-2.0
#include "crypto/path_search.hpp"

#include <algorithm>

#include <openssl/x509v3.h>

#include "crypto/certificate.hpp"

namespace pki::crypto {

namespace {

constexpr auto action = "verify a certificate";
constexpr std::size_t most_steps = 1000;

bool is_of_names(int reason) {
  return reason == X509_V_ERR_PERMITTED_VIOLATION || reason == X509_V_ERR_EXCLUDED_VIOLATION;
}

}  // namespace

PathSearch::PathSearch(std::span<const Certificate> chain, std::span<const Anchor> anchors, Profile profile,
                       std::span<const Profile> signs)
    : chain_(chain), anchors_(anchors), profile_(profile), signs_(signs), handles_(chain.size()) {
  if (handle_of(0) == nullptr) return;
  members_.push_back(0);
  climb();
}

ChainVerdict PathSearch::verdict() const {
  ChainVerdict result;
  for (const auto& each : accepted_)
    if (std::ranges::find(result.paths, each.path) == result.paths.end()) result.paths.push_back(each.path);
  if (result.paths.empty()) result.refusal = refusal_;
  return result;
}

// Tries the anchors that may have signed the last member, and each certificate of the chain that may have.
void PathSearch::climb() {
  if (steps_ == most_steps) return;
  ++steps_;
  const auto& last = chain_[members_.back()];
  for (std::size_t i = 0; i < anchors_.size(); ++i) {
    const auto& facts = anchors_[i].facts;
    const bool itself = members_.size() == 1 && facts.pem == last.pem;
    if (itself || facts.subject_der == last.issuer_der) attempt(i, itself);
  }
  if (last.self_signed) return;
  for (std::size_t next = 1; next < chain_.size(); ++next) {
    if (chain_[next].subject_der != last.issuer_der || is_known(next)) continue;
    members_.push_back(next);
    climb();
    members_.pop_back();
  }
}

// An anchor is reached as one, and no path holds a certificate twice.
bool PathSearch::is_known(std::size_t next) const {
  const auto& pem = chain_[next].pem;
  return std::ranges::any_of(members_, [&](auto member) { return chain_[member].pem == pem; }) ||
         std::ranges::any_of(anchors_, [&](const auto& anchor) { return anchor.facts.pem == pem; });
}

void PathSearch::attempt(std::size_t anchor, bool itself) {
  signatures_ += members_.size();
  if (signatures_ > most_signatures && signatures_ > members_.size()) return;
  const auto stack = own(sk_X509_new_null(), action);
  for (const auto member : std::span(members_).subspan(1)) {
    auto* handle = handle_of(member);
    if (handle == nullptr) return;
    check(sk_X509_push(stack.get(), handle) > 0 ? 1 : 0, action);
  }
  auto outcome = verify_for_all({handle_of(0), anchors_[anchor], stack.get(), {}, Strictness::lenient}, profile_);
  if (outcome.reason == X509_V_OK) outcome = judge_authorities(anchor, itself);
  if (outcome.reason == X509_V_OK)
    accepted_.push_back({path_to(anchor, itself), members_, anchor});
  else if (!refusal_ && !is_no_issuer(outcome.reason) && outcome.reason != X509_V_ERR_CERT_SIGNATURE_FAILURE)
    refuse(outcome, anchor, itself);
}

// Verification takes the first member for a leaf: as a CA it has to sign others, and so have all above it.
Outcome PathSearch::judge_authorities(std::size_t anchor, bool itself) {
  if (profile_ != Profile::ca) return {X509_V_OK, nullptr};
  std::vector<X509*> path;
  for (const auto member : members_)
    path.push_back(handle_of(member));
  if (!itself) path.push_back(anchors_[anchor].handle.get());
  long below = 0;
  for (auto* each : path) {
    for (const auto profile : signs_)
      for (const int purpose : purposes_of(profile))
        if (X509_check_purpose(each, purpose, 1) == 0)
          return {X509_check_ca(each) == 0 ? X509_V_ERR_INVALID_CA : X509_V_ERR_INVALID_PURPOSE, each};
    const long limit = X509_get_pathlen(each);
    if (each != path.front() && limit >= 0 && below > limit) return {X509_V_ERR_PATH_LENGTH_EXCEEDED, each};
    if ((X509_get_extension_flags(each) & EXFLAG_SI) == 0) ++below;
  }
  return {X509_V_OK, nullptr};
}

TrustPath PathSearch::path_to(std::size_t anchor, bool itself) const {
  const auto& certificate = chain_.front();
  TrustPath path{certificate.not_before, certificate.not_after, {}};
  const auto take = [&](const Certificate& each, ChainPlace place) {
    path.not_before = std::max(path.not_before, each.not_before);
    if (each.not_after >= path.not_after) return;
    path.not_after = each.not_after;
    path.first_to_expire = place;
  };
  for (const auto member : std::span(members_).subspan(1))
    take(chain_[member], {false, member + 1});
  if (!itself) take(anchors_[anchor].facts, {true, anchors_[anchor].number});
  return path;
}

void PathSearch::refuse(const Outcome& outcome, std::size_t anchor, bool itself) {
  refusal_.emplace();
  refusal_->reason = X509_verify_cert_error_string(outcome.reason);
  refusal_->of_names = is_of_names(outcome.reason);
  if (!itself && outcome.at == anchors_[anchor].handle.get()) refusal_->at = {true, anchors_[anchor].number};
  for (const auto member : members_)
    if (handle_of(member) == outcome.at) refusal_->at = {false, member + 1};
}

X509* PathSearch::handle_of(std::size_t i) {
  if (!handles_[i]) handles_[i] = to_handle(chain_[i]);
  return handles_[i].get();
}

}  // namespace pki::crypto
