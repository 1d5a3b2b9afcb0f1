// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>
#include <openssl/evp.h>

#include <pki/version.hpp>

#include <support/catch.hpp>

#include "crypto/verify.hpp"
#include "samples.hpp"
#include "support.hpp"

using pki::parse_private_key;
using pki::Profile;

TEST_CASE("crypto_version names the OpenSSL that runs") { REQUIRE_THAT(pki::crypto_version(), contains("OpenSSL 3.")); }

TEST_CASE("OpenSSL's error queue stays as the application left it") {
  ERR_clear_error();
  CHECK(error_of([] { (void)parse_private_key(samples::sec1_k256, "x"); }));
  CHECK(error_of(
      [] { (void)pki::parse_certificates("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "x"); }));
  CHECK(ERR_peek_error() == 0);
  ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
  const auto mine = ERR_peek_last_error();
  CHECK(error_of([] { (void)parse_private_key(samples::pkcs1_512, "x"); }));
  (void)make_authority();
  CHECK(ERR_peek_last_error() == mine);
  CHECK(ERR_get_error() == mine);
  CHECK(ERR_get_error() == 0);
}

TEST_CASE("the application's default OpenSSL context is neither used nor changed") {
  // With this property no algorithm can be found in the default context; ours must not mind, nor repair it.
  REQUIRE(EVP_set_default_properties(nullptr, "provider=nowhere") == 1);
  const auto ca = make_authority();
  const auto leaf = sign(spec_of(Profile::peer, "leaf"), a_key(), ca);
  CHECK(pki::crypto::TrustAnchors({&ca.certificate, 1}).verify({&leaf, 1}, Profile::peer, now).empty());
  CHECK(pki::parse_private_key(samples::pkcs1_1024, "x").algorithm() == "RSA-1024");
  CHECK(EVP_MD_fetch(nullptr, "SHA256", nullptr) == nullptr);
  REQUIRE(EVP_set_default_properties(nullptr, "") == 1);
  auto* digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(digest != nullptr);
  EVP_MD_free(digest);
}
