#include <support/catch.hpp>

#include "crypto/certificate.hpp"
#include "crypto/openssl.hpp"
#include "support.hpp"

namespace {

/// openssl_says asks the way that is_signed_with goes round.
bool openssl_says(const pki::Certificate& certificate, const pki::Certificate& issuer) {
  const auto one = pki::crypto::to_handle(certificate);
  const auto signer = pki::crypto::to_handle(issuer);
  auto* key = one && signer ? X509_get0_pubkey(signer.get()) : nullptr;
  return key != nullptr && X509_verify(one.get(), key) == 1;
}

}  // namespace

TEST_CASE("a signature is judged as OpenSSL judges it, for every algorithm and with any octet changed") {
  const auto algorithm =
      GENERATE(pki::KeyAlgorithm::rsa_2048, pki::KeyAlgorithm::ecdsa_p256, pki::KeyAlgorithm::ecdsa_p384);
  const auto ca = make_authority("ca", algorithm);
  const auto other = make_authority("ca", algorithm);
  const auto stranger = make_authority(
      "ca", algorithm == pki::KeyAlgorithm::rsa_2048 ? pki::KeyAlgorithm::ecdsa_p256 : pki::KeyAlgorithm::rsa_2048);
  const auto leaf = pki::crypto::sign(spec_of(pki::Profile::client, "leaf"), a_key(), ca.certificate, ca.key);
  CHECK(pki::crypto::is_signed_with(leaf, ca.certificate));
  CHECK(pki::crypto::is_signed_with(ca.certificate, ca.certificate));
  CHECK_FALSE(pki::crypto::is_signed_with(leaf, other.certificate));
  CHECK_FALSE(pki::crypto::is_signed_with(leaf, stranger.certificate));
  CHECK_FALSE(pki::crypto::is_signed_with(leaf, leaf));

  const auto blocks = pki::crypto::find_pem_blocks(leaf.pem, std::string::npos, "leaf");
  const auto der = pki::crypto::decode_base64(blocks.front().body).value();
  for (std::size_t at = 0; at < der.size(); at += 3) {
    auto changed = der;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    auto certificate = leaf;
    certificate.pem = pki::crypto::to_pem("CERTIFICATE", changed);
    CHECK(pki::crypto::is_signed_with(certificate, ca.certificate) == openssl_says(certificate, ca.certificate));
  }
}
