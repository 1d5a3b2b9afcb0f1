// SPDX-License-Identifier: Apache-2.0
#include "crypto/verify.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "crypto/anchor.hpp"
#include "crypto/certificate.hpp"
#include "crypto/openssl.hpp"
#include "crypto/path_search.hpp"

namespace pki::crypto {

namespace {

constexpr auto action = "verify a certificate";

std::vector<Handle<X509>> handles_of(std::span<const Certificate> certificates) {
  std::vector<Handle<X509>> handles;
  for (const auto& certificate : certificates)
    if (auto handle = to_handle(certificate)) handles.push_back(std::move(handle));
  return handles;
}

/// Path follows signatures upwards. Each certificate is reached once and signatures are counted, so that a file with
/// many certificates of one name costs no more than a usual one.
class Path {
 public:
  Path(std::span<const Certificate> chain, std::span<const Anchor> anchors)
      : chain_(chain), anchors_(anchors), reached_(chain.size(), false), handles_(chain.size()) {}

  /// Returns whether signatures lead from `chain[i]` to an anchor.
  [[nodiscard]] bool leads_up_from(std::size_t i) {
    reached_[i] = true;
    for (const auto& anchor : anchors_) {
      if (anchor.facts.pem == chain_[i].pem) return true;
      if (anchor.facts.subject_der == chain_[i].issuer_der && verifies(i, anchor.handle.get())) return true;
    }
    for (std::size_t next = 1; next < chain_.size(); ++next) {
      if (reached_[next] || chain_[next].subject_der != chain_[i].issuer_der) continue;
      if (verifies(i, handle_of(next)) && leads_up_from(next)) return true;
    }
    return false;
  }

 private:
  [[nodiscard]] bool verifies(std::size_t i, X509* issuer) {
    if (left_ == 0) return false;
    --left_;
    auto* certificate = handle_of(i);
    return certificate != nullptr && issuer != nullptr && verify_signature(certificate, issuer);
  }

  [[nodiscard]] X509* handle_of(std::size_t i) {
    if (!handles_[i]) handles_[i] = to_handle(chain_[i]);
    return handles_[i].get();
  }

  std::span<const Certificate> chain_;
  std::span<const Anchor> anchors_;
  std::vector<bool> reached_;
  std::vector<Handle<X509>> handles_;
  std::size_t left_{most_signatures};
};

}  // namespace

struct TrustAnchors::State {
  std::vector<Anchor> anchors;
};

TrustAnchors::TrustAnchors(std::span<const Certificate> trusted) : state_(std::make_unique<State>()) {
  const QuietErrors quiet;
  state_->anchors = anchors_of(trusted);
}
TrustAnchors::TrustAnchors(TrustAnchors&&) noexcept = default;
TrustAnchors& TrustAnchors::operator=(TrustAnchors&&) noexcept = default;
TrustAnchors::~TrustAnchors() = default;

std::string TrustAnchors::verify(std::span<const Certificate> chain, Profile profile, std::chrono::sys_seconds at,
                                 Strictness strictness) const {
  const QuietErrors quiet;
  if (chain.empty()) return "there is no certificate";
  const auto leaf = to_handle(chain.front());
  if (!leaf) return "OpenSSL cannot read the certificate";
  if (profile == Profile::ca && !chain.front().is_ca) return "the certificate is not a CA";
  const auto intermediates = handles_of(chain.subspan(1));
  const auto stack = own(sk_X509_new_null(), action);
  for (const auto& handle : intermediates) {
    check(sk_X509_push(stack.get(), handle.get()) > 0 ? 1 : 0, action);
  }
  // Each anchor by itself: of several with one name OpenSSL tries the first only.
  int result = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
  for (const auto& anchor : state_->anchors) {
    const int reason = verify_for_all({leaf.get(), anchor, stack.get(), at, strictness}, profile).reason;
    if (reason == X509_V_OK) return {};
    if (is_no_issuer(result)) result = reason;
  }
  return X509_verify_cert_error_string(result);
}

bool TrustAnchors::have_signed(std::span<const Certificate> chain) const {
  const QuietErrors quiet;
  return !chain.empty() && Path(chain, state_->anchors).leads_up_from(0);
}

ChainVerdict TrustAnchors::judge(std::span<const Certificate> chain, Profile profile,
                                 std::span<const Profile> signs) const {
  const QuietErrors quiet;
  if (chain.empty()) return {};
  return PathSearch(chain, state_->anchors, profile, signs).verdict();
}

void check_pair(const Certificate& certificate, const PublicKey& key, const std::string& subject) {
  if (certificate.public_key_sha256 == key.sha256) return;
  throw Error(Errc::mismatch, subject,
              fmt::format("the private key ({}) does not belong to the certificate ({})", key.algorithm,
                          certificate.key_algorithm),
              "put the key back that the certificate was made for, or have both made anew");
}

}  // namespace pki::crypto
