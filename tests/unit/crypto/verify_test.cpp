// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <support/catch.hpp>

#include "crypto/verify.hpp"
#include "samples.hpp"
#include "support.hpp"

namespace crypto = pki::crypto;
using crypto::Strictness;
using pki::Certificate;
using pki::Profile;

namespace {

Certificate leaf_of(const Authority& authority, Profile profile = Profile::peer) {
  return sign(spec_of(profile, "leaf"), a_key(), authority);
}

std::string judged(const std::vector<Certificate>& chain, const std::vector<Certificate>& trusted, Profile profile,
                   std::chrono::sys_seconds at = now, Strictness strictness = Strictness::strict) {
  return crypto::TrustAnchors(trusted).verify(chain, profile, at, strictness);
}

}  // namespace

TEST_CASE("a valid chain verifies strictly for its profile and for no other") {
  const auto ca = make_authority();
  const std::vector trusted{ca.certificate};
  CHECK(judged(trusted, trusted, Profile::ca).empty());
  CHECK(judged({leaf_of(ca)}, trusted, Profile::peer).empty());
  const auto server = leaf_of(ca, Profile::server);
  CHECK(judged({server}, trusted, Profile::server).empty());
  CHECK_THAT(judged({server}, trusted, Profile::client), contains("purpose"));
  CHECK_THAT(judged({server}, trusted, Profile::peer), contains("purpose"));
  CHECK_THAT(judged({server}, trusted, Profile::ca), contains("not a CA"));
}

TEST_CASE("dates are judged at the given time, both ends inclusive") {
  const auto ca = make_authority();
  const std::vector trusted{ca.certificate};
  const auto leaf = leaf_of(ca);
  using std::chrono::seconds;
  CHECK(judged({leaf}, trusted, Profile::peer, leaf.not_before).empty());
  CHECK(judged({leaf}, trusted, Profile::peer, leaf.not_after - seconds(1)).empty());
  CHECK_THAT(judged({leaf}, trusted, Profile::peer, leaf.not_before - seconds(1)), contains("not yet valid"));
  CHECK_THAT(judged({leaf}, trusted, Profile::peer, leaf.not_after + seconds(1)), contains("expired"));
  CHECK(is_signed_by({leaf}, trusted));
}

TEST_CASE("a foreign CA of the same name does not verify, and does not stand in the way of the right one") {
  const auto ca = make_authority();
  const auto foreign = make_authority();
  const auto leaf = leaf_of(ca);
  CHECK_FALSE(judged({leaf}, {foreign.certificate}, Profile::peer).empty());
  CHECK_FALSE(is_signed_by({leaf}, {foreign.certificate}));
  const std::vector both{foreign.certificate, ca.certificate};
  CHECK(judged({leaf}, both, Profile::peer).empty());
  CHECK(is_signed_by({leaf}, both));
  CHECK_FALSE(judged({leaf}, {}, Profile::peer).empty());
  CHECK_FALSE(judged({}, both, Profile::peer).empty());
}

TEST_CASE("intermediates lead to the trusted CA, and one of them may itself be trusted") {
  const auto root = make_authority("root");
  auto key = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256);
  auto middle = sign(spec_of(Profile::ca, "middle"), key, root);
  const Authority intermediate{std::move(key), std::move(middle)};
  const auto leaf = leaf_of(intermediate);
  const std::vector chain{leaf, intermediate.certificate};
  CHECK(judged(chain, {root.certificate}, Profile::peer).empty());
  CHECK(judged({leaf}, {intermediate.certificate}, Profile::peer).empty());
  CHECK_FALSE(judged({leaf}, {root.certificate}, Profile::peer).empty());
  CHECK(is_signed_by(chain, {root.certificate}));
  CHECK(is_signed_by({leaf}, {intermediate.certificate}));
  CHECK_FALSE(is_signed_by({leaf}, {root.certificate}));
}

TEST_CASE("a found CA without key identifier is good enough, though not for the strict rules") {
  auto ca = make_authority();
  ca.certificate.subject_key_id.clear();  // as if it had none: then the leaf has no authority key identifier
  const auto leaf = leaf_of(ca);
  CHECK(judged({leaf}, {ca.certificate}, Profile::peer, now, Strictness::lenient).empty());
  CHECK_FALSE(judged({leaf}, {ca.certificate}, Profile::peer, now, Strictness::strict).empty());
}

TEST_CASE("a key is the certificate's or not") {
  const auto ca = make_authority();
  CHECK_NOTHROW(crypto::check_pair(ca.certificate, crypto::public_key_of(ca.key), "ca"));
  const auto error =
      error_of([&] { crypto::check_pair(ca.certificate, crypto::public_key_of(a_key()), "/pki/ca.key"); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::mismatch);
  CHECK_THAT(error->what(), contains("/pki/ca.key: the private key"));
}

TEST_CASE("the openssl command finds our chains valid under its strict rules") {
  if (std::system("openssl version >/dev/null 2>&1") != 0) return;
  auto pattern = (std::filesystem::temp_directory_path() / "pki-crypto-XXXXXX").string();
  const std::filesystem::path directory = mkdtemp(pattern.data());
  const auto put = [&](const char* name, const std::string& text) { std::ofstream(directory / name) << text; };
  const auto rsa = pki::parse_private_key(samples::pkcs1_1024, "x");
  for (const auto algorithm : {pki::KeyAlgorithm::ecdsa_p256, pki::KeyAlgorithm::ecdsa_p384}) {
    const auto ca = make_authority("kubernetes", algorithm);
    put("ca.crt", ca.certificate.pem);
    put("leaf.crt", sign(spec_of(Profile::peer, "leaf"), rsa, ca).pem);
    const auto at = " -attime " + std::to_string(now.time_since_epoch().count() + 1);
    for (const auto* purpose : {"sslserver", "sslclient"})
      CHECK(std::system(("cd " + directory.string() + " && openssl verify -x509_strict -check_ss_sig -purpose " +
                         purpose + at + " -CAfile ca.crt leaf.crt >/dev/null")
                            .c_str()) == 0);
  }
  std::filesystem::remove_all(directory);
}

TEST_CASE("a signature counts only when the key of the issuer verifies it") {
  const auto algorithm =
      GENERATE(pki::KeyAlgorithm::rsa_2048, pki::KeyAlgorithm::ecdsa_p256, pki::KeyAlgorithm::ecdsa_p384);
  const auto ca = make_authority("ca", algorithm);
  const auto other = make_authority("ca");
  const auto leaf = leaf_of(ca);
  CHECK(is_signed_by({leaf}, {ca.certificate}));
  CHECK(is_signed_by({ca.certificate}, {ca.certificate}));
  CHECK_FALSE(is_signed_by({leaf}, {other.certificate}));
  CHECK(is_signed_by({leaf, ca.certificate}, {other.certificate, ca.certificate}));

  const auto der = octets_of(leaf);
  const auto body = der.find(leaf.subject_der);
  for (const auto at : {body, der.size() - 1}) {  // in what is signed, and in the signature
    auto changed = der;
    changed[at + (at == body ? leaf.subject_der.size() - 1 : 0)] ^= 1;
    auto certificate = leaf;
    certificate.pem = crypto::to_pem("CERTIFICATE", changed);
    CHECK_FALSE(is_signed_by({certificate}, {ca.certificate}));
  }
}

TEST_CASE("a chain that goes round in circles ends") {
  auto first = make_authority("first");
  auto second = make_authority("second");
  const auto one = sign(spec_of(Profile::ca, "first"), first.key, second);
  const auto two = sign(spec_of(Profile::ca, "second"), second.key, first);
  const auto leaf = leaf_of(Authority{first.key, one});
  CHECK_FALSE(is_signed_by({leaf, one, two}, {make_authority("third").certificate}));
  CHECK(is_signed_by({leaf, one, two}, {second.certificate}));
}
