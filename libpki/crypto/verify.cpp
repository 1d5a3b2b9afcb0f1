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

/// Question is one run of OpenSSL's verification.
struct Question {
  X509* certificate;
  X509* anchor;
  STACK_OF(X509) * intermediates;
  int purpose;
  std::chrono::sys_seconds at;
  Rules rules;
  bool check_anchor;  ///< verify its own signature, too
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

/// answer is X509_V_OK or OpenSSL's reason.
int answer(const Question& question) {
  const auto store = own(X509_STORE_new(), action);
  check(X509_STORE_add_cert(store.get(), question.anchor), action);
  const auto context = own(X509_STORE_CTX_new_ex(library_context(), nullptr), action);
  check(X509_STORE_CTX_init(context.get(), store.get(), question.certificate, question.intermediates), action);
  auto* parameters = X509_STORE_CTX_get0_param(context.get());
  unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
  if (question.check_anchor) flags |= X509_V_FLAG_CHECK_SS_SIGNATURE;
  if (question.rules == Rules::issued) flags |= X509_V_FLAG_X509_STRICT;
  check(X509_VERIFY_PARAM_set_flags(parameters, flags), action);
  check(X509_VERIFY_PARAM_set_purpose(parameters, question.purpose), action);
  X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(question.at.time_since_epoch().count()));
  if (X509_verify_cert(context.get()) == 1) return X509_V_OK;
  const int reason = X509_STORE_CTX_get_error(context.get());
  return reason == X509_V_OK ? X509_V_ERR_UNSPECIFIED : reason;
}

int answer_for_all(Question question, Profile profile) {
  for (const int purpose : purposes_of(profile)) {
    question.purpose = purpose;
    if (const int reason = answer(question); reason != X509_V_OK) return reason;
  }
  return X509_V_OK;
}

/// no_issuer says that an anchor simply was not the right one: any other reason tells more.
bool no_issuer(int reason) {
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

/// Path follows signatures upwards. Every certificate is reached once and signatures are counted, so that a file
/// full of certificates of one name costs no more than an honest one.
class Path {
 public:
  Path(std::span<const Certificate> between, std::span<const Certificate> trusted)
      : between_(between), trusted_(trusted), reached_(between.size(), false) {}

  [[nodiscard]] bool leads_up_from(const Certificate& certificate) {
    for (const auto& anchor : trusted_)
      if (anchor.pem == certificate.pem || signs(anchor, certificate)) return true;
    for (std::size_t i = 0; i < between_.size(); ++i) {
      if (reached_[i] || !signs(between_[i], certificate)) continue;
      reached_[i] = true;
      if (leads_up_from(between_[i])) return true;
    }
    return false;
  }

 private:
  bool signs(const Certificate& issuer, const Certificate& certificate) {
    if (issuer.subject_der != certificate.issuer_der || left_ == 0) return false;
    --left_;
    return is_signed_with(certificate, issuer);
  }

  std::span<const Certificate> between_;
  std::span<const Certificate> trusted_;
  std::vector<bool> reached_;
  int left_{100};  // Go's limit
};

}  // namespace

struct Anchors::State {
  struct Anchor {
    Handle<X509> handle;
    bool proved;  // its own signature was verified when it was described
  };
  std::vector<Anchor> anchors;
};

Anchors::Anchors(std::span<const Certificate> trusted) : state_(std::make_unique<State>()) {
  const QuietErrors quiet;
  for (const auto& certificate : trusted) {
    auto handle = to_handle(certificate);
    if (!handle) continue;
    (void)X509_check_purpose(handle.get(), -1, 0);  // reads its extensions, once and here: threads share it
    state_->anchors.push_back({std::move(handle), certificate.self_signed});
  }
}
Anchors::Anchors(Anchors&&) noexcept = default;
Anchors& Anchors::operator=(Anchors&&) noexcept = default;
Anchors::~Anchors() = default;

std::string Anchors::verify(std::span<const Certificate> chain, Profile profile, std::chrono::sys_seconds at,
                            Rules rules) const {
  const QuietErrors quiet;
  if (chain.empty()) return "there is no certificate";
  const auto leaf = to_handle(chain.front());
  if (!leaf) return "OpenSSL cannot read the certificate";
  if (profile == Profile::ca && !chain.front().is_ca) return "the certificate is not a CA";
  const auto between = handles_of(chain.subspan(1));
  const auto stack = own(sk_X509_new_null(), action);
  for (const auto& handle : between)
    check(sk_X509_push(stack.get(), handle.get()) > 0 ? 1 : 0, action);
  // Each anchor by itself: among several of one name OpenSSL takes the first and does not come back.
  int told = X509_V_OK;
  for (const auto& [anchor, proved] : state_->anchors) {
    const int reason =
        answer_for_all({leaf.get(), anchor.get(), stack.get(), X509_PURPOSE_ANY, at, rules, !proved}, profile);
    if (reason == X509_V_OK) return {};
    if (told == X509_V_OK || no_issuer(told)) told = reason;
  }
  return X509_verify_cert_error_string(told == X509_V_OK ? X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY : told);
}

std::string verify_chain(std::span<const Certificate> chain, std::span<const Certificate> trusted, Profile profile,
                         std::chrono::sys_seconds at, Rules rules) {
  return Anchors(trusted).verify(chain, profile, at, rules);
}

bool is_signed_by(std::span<const Certificate> chain, std::span<const Certificate> trusted) {
  const QuietErrors quiet;
  return !chain.empty() && Path(chain.subspan(1), trusted).leads_up_from(chain.front());
}

void check_pair(const Certificate& certificate, const PrivateKey& key, const std::string& subject) {
  if (certificate.public_key_sha256 == key.public_key_sha256()) return;
  throw Error(Errc::mismatch, subject,
              fmt::format("the private key ({}) does not belong to the certificate ({})", key.algorithm(),
                          certificate.key_algorithm),
              "put the key back that the certificate was made for, or have both made anew");
}

}  // namespace pki::crypto
