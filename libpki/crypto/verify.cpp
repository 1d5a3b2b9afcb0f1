#include "crypto/verify.hpp"

#include <vector>

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <pki/error.hpp>

#include "crypto/certificate.hpp"
#include "crypto/openssl.hpp"

namespace pki::crypto {

namespace {

constexpr auto action = "verify a certificate";

/// Verification is the input of one run of OpenSSL's verification.
struct Verification {
  X509* certificate;
  X509* anchor;
  STACK_OF(X509) * intermediates;
  int purpose;
  std::chrono::sys_seconds at;
  Strictness strictness;
  bool check_anchor;  ///< verify its own signature as well
};

std::vector<int> purposes_of(Profile profile) {
  switch (profile) {
    case Profile::server:
      return {X509_PURPOSE_SSL_SERVER};
    case Profile::client:
      return {X509_PURPOSE_SSL_CLIENT};
    case Profile::peer:
      return {X509_PURPOSE_SSL_SERVER, X509_PURPOSE_SSL_CLIENT};
    default:
      return {X509_PURPOSE_ANY};
  }
}

/// Returns X509_V_OK or OpenSSL's reason.
int verify_once(const Verification& input) {
  const auto store = own(X509_STORE_new(), action);
  check(X509_STORE_add_cert(store.get(), input.anchor), action);
  const auto context = own(X509_STORE_CTX_new_ex(library_context(), nullptr), action);
  check(X509_STORE_CTX_init(context.get(), store.get(), input.certificate, input.intermediates), action);
  auto* parameters = X509_STORE_CTX_get0_param(context.get());
  unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
  if (input.check_anchor) flags |= X509_V_FLAG_CHECK_SS_SIGNATURE;
  if (input.strictness == Strictness::strict) flags |= X509_V_FLAG_X509_STRICT;
  check(X509_VERIFY_PARAM_set_flags(parameters, flags), action);
  check(X509_VERIFY_PARAM_set_purpose(parameters, input.purpose), action);
  X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(input.at.time_since_epoch().count()));
  if (X509_verify_cert(context.get()) == 1) return X509_V_OK;
  const int reason = X509_STORE_CTX_get_error(context.get());
  return reason == X509_V_OK ? X509_V_ERR_UNSPECIFIED : reason;
}

int verify_for_all(Verification input, Profile profile) {
  for (const int purpose : purposes_of(profile)) {
    input.purpose = purpose;
    if (const int reason = verify_once(input); reason != X509_V_OK) return reason;
  }
  return X509_V_OK;
}

/// Returns whether an anchor was just not the right one. Any other reason is worth more to the reader.
bool is_no_issuer(int reason) {
  return reason == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY || reason == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
         reason == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE || reason == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
         reason == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT;
}

std::vector<Handle<X509>> handles_of(std::span<const Certificate> certificates) {
  std::vector<Handle<X509>> handles;
  for (const auto& certificate : certificates)
    if (auto handle = to_handle(certificate)) handles.push_back(std::move(handle));
  return handles;
}

/// Anchor is a trusted certificate.
struct Anchor {
  Handle<X509> handle;
  std::string pem;
  std::string subject_der;
  bool self_signed;  // its own signature was verified when it was described
};

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
      if (anchor.pem == chain_[i].pem) return true;
      if (anchor.subject_der == chain_[i].issuer_der && verifies(i, anchor.handle.get())) return true;
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
  int left_{100};  // signatures, Go's limit
};

}  // namespace

struct TrustAnchors::State {
  std::vector<Anchor> anchors;
};

TrustAnchors::TrustAnchors(std::span<const Certificate> trusted) : state_(std::make_unique<State>()) {
  const QuietErrors quiet;
  for (const auto& certificate : trusted) {
    auto handle = to_handle(certificate);
    if (!handle) continue;
    // OpenSSL parses the extensions of a certificate at its first use. Here, because threads share it later.
    (void)X509_check_purpose(handle.get(), -1, 0);
    state_->anchors.push_back({std::move(handle), certificate.pem, certificate.subject_der, certificate.self_signed});
  }
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
    const int reason = verify_for_all(
        {leaf.get(), anchor.handle.get(), stack.get(), X509_PURPOSE_ANY, at, strictness, !anchor.self_signed}, profile);
    if (reason == X509_V_OK) return {};
    if (is_no_issuer(result)) result = reason;
  }
  return X509_verify_cert_error_string(result);
}

bool TrustAnchors::have_signed(std::span<const Certificate> chain) const {
  const QuietErrors quiet;
  return !chain.empty() && Path(chain, state_->anchors).leads_up_from(0);
}

void check_pair(const Certificate& certificate, const PublicKey& key, const std::string& subject) {
  if (certificate.public_key_sha256 == key.sha256) return;
  throw Error(Errc::mismatch, subject,
              fmt::format("the private key ({}) does not belong to the certificate ({})", key.algorithm,
                          certificate.key_algorithm),
              "put the key back that the certificate was made for, or have both made anew");
}

}  // namespace pki::crypto
