// SPDX-License-Identifier: Apache-2.0
#include "crypto/anchor.hpp"

#include <new>
#include <utility>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "crypto/certificate.hpp"

namespace pki::crypto {

namespace {

constexpr auto action = "verify a certificate";

// OpenSSL has reached no verdict then.
bool is_out_of_memory(int reason) {
  return reason == X509_V_ERR_OUT_OF_MEM || ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
}

Outcome verify_once(const Verification& input, int purpose) {
  const auto context = own(X509_STORE_CTX_new_ex(library_context(), nullptr), action);
  check(X509_STORE_CTX_init(context.get(), input.anchor.store.get(), input.certificate, input.intermediates), action);
  auto* parameters = X509_STORE_CTX_get0_param(context.get());
  unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
  // The signature of a self-signed certificate was verified when it was described.
  if (!input.anchor.facts.self_signed) flags |= X509_V_FLAG_CHECK_SS_SIGNATURE;
  if (input.strictness == Strictness::strict) flags |= X509_V_FLAG_X509_STRICT;
  if (!input.at) flags |= X509_V_FLAG_NO_CHECK_TIME;
  check(X509_VERIFY_PARAM_set_flags(parameters, flags), action);
  check(X509_VERIFY_PARAM_set_purpose(parameters, purpose), action);
  if (input.at) X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(input.at->time_since_epoch().count()));
  if (X509_verify_cert(context.get()) == 1) return {X509_V_OK, nullptr};
  const int reason = X509_STORE_CTX_get_error(context.get());
  if (is_out_of_memory(reason)) throw std::bad_alloc();
  return {reason == X509_V_OK ? X509_V_ERR_UNSPECIFIED : reason, X509_STORE_CTX_get_current_cert(context.get())};
}

}  // namespace

std::vector<Anchor> anchors_of(std::span<const Certificate> trusted) {
  std::vector<Anchor> anchors;
  for (std::size_t i = 0; i < trusted.size(); ++i) {
    auto handle = to_handle(trusted[i]);
    if (!handle) continue;
    // OpenSSL parses the extensions of a certificate at its first use. Here, because threads share it later.
    (void)X509_check_purpose(handle.get(), -1, 0);
    auto store = own(X509_STORE_new(), action);
    check(X509_STORE_add_cert(store.get(), handle.get()), action);
    anchors.push_back({std::move(handle), std::move(store), trusted[i], i + 1});
  }
  return anchors;
}

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

Outcome verify_for_all(const Verification& input, Profile profile) {
  for (const int purpose : purposes_of(profile)) {
    if (const auto outcome = verify_once(input, purpose); outcome.reason != X509_V_OK) return outcome;
  }
  return {X509_V_OK, nullptr};
}

bool is_no_issuer(int reason) {
  return reason == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY || reason == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
         reason == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE || reason == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
         reason == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT;
}

}  // namespace pki::crypto
