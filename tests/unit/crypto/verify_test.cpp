#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <openssl/crypto.h>
#include <openssl/provider.h>

#include <support/catch.hpp>

#include "crypto/openssl.hpp"
#include "crypto/verify.hpp"
#include "samples.hpp"
#include "support.hpp"

namespace crypto = pki::crypto;
using crypto::Rules;
using pki::Certificate;
using pki::Profile;

namespace {

Certificate leaf_of(const Authority& authority, Profile profile = Profile::peer) {
  return crypto::sign(spec_of(profile, "leaf"), a_key(), authority.certificate, authority.key);
}

std::string judged(const std::vector<Certificate>& chain, const std::vector<Certificate>& trusted, Profile profile,
                   std::chrono::sys_seconds at = now, Rules rules = Rules::issued) {
  return crypto::verify_chain(chain, trusted, profile, at, rules);
}

}  // namespace

TEST_CASE("a sound chain verifies strictly for its profile and for no other") {
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
  CHECK(crypto::is_signed_by({&leaf, 1}, trusted));
}

TEST_CASE("a foreign CA of the same name does not verify, and does not stand in the way of the right one") {
  const auto ca = make_authority();
  const auto foreign = make_authority();
  const auto leaf = leaf_of(ca);
  CHECK_FALSE(judged({leaf}, {foreign.certificate}, Profile::peer).empty());
  CHECK_FALSE(crypto::is_signed_by({&leaf, 1}, {&foreign.certificate, 1}));
  const std::vector both{foreign.certificate, ca.certificate};
  CHECK(judged({leaf}, both, Profile::peer).empty());
  CHECK(crypto::is_signed_by({&leaf, 1}, both));
  CHECK_FALSE(judged({leaf}, {}, Profile::peer).empty());
  CHECK_FALSE(judged({}, both, Profile::peer).empty());
}

TEST_CASE("intermediates lead to the trusted CA, and one of them may itself be trusted") {
  const auto root = make_authority("root");
  auto key = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256);
  auto middle = crypto::sign(spec_of(Profile::ca, "middle"), key, root.certificate, root.key);
  const Authority intermediate{std::move(key), std::move(middle)};
  const auto leaf = leaf_of(intermediate);
  const std::vector chain{leaf, intermediate.certificate};
  CHECK(judged(chain, {root.certificate}, Profile::peer).empty());
  CHECK(judged({leaf}, {intermediate.certificate}, Profile::peer).empty());
  CHECK_FALSE(judged({leaf}, {root.certificate}, Profile::peer).empty());
  CHECK(crypto::is_signed_by(chain, {&root.certificate, 1}));
  CHECK(crypto::is_signed_by({&leaf, 1}, {&intermediate.certificate, 1}));
  CHECK_FALSE(crypto::is_signed_by({&leaf, 1}, {&root.certificate, 1}));
}

TEST_CASE("a found CA without key identifier is good enough, though not for the strict rules") {
  auto ca = make_authority();
  ca.certificate.subject_key_id.clear();  // as if it had none: then the leaf has no authority key identifier
  const auto leaf = leaf_of(ca);
  CHECK(judged({leaf}, {ca.certificate}, Profile::peer, now, Rules::found).empty());
  CHECK_FALSE(judged({leaf}, {ca.certificate}, Profile::peer, now, Rules::issued).empty());
}

TEST_CASE("a key is the certificate's or not") {
  const auto ca = make_authority();
  CHECK_NOTHROW(crypto::check_pair(ca.certificate, ca.key, "ca"));
  const auto error = error_of([&] { crypto::check_pair(ca.certificate, a_key(), "/pki/ca.key"); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::mismatch);
  CHECK_THAT(error->what(), contains("/pki/ca.key: the private key"));
}

TEST_CASE("the openssl command finds our chains sound under its strict rules") {
  if (std::system("openssl version >/dev/null 2>&1") != 0) return;
  auto pattern = (std::filesystem::temp_directory_path() / "pki-crypto-XXXXXX").string();
  const std::filesystem::path directory = mkdtemp(pattern.data());
  const auto put = [&](const char* name, const std::string& text) { std::ofstream(directory / name) << text; };
  const auto rsa = pki::parse_private_key(samples::pkcs1_1024, "x");
  for (const auto algorithm : {pki::KeyAlgorithm::ecdsa_p256, pki::KeyAlgorithm::ecdsa_p384}) {
    const auto ca = make_authority("kubernetes", algorithm);
    put("ca.crt", ca.certificate.pem);
    put("leaf.crt", crypto::sign(spec_of(Profile::peer, "leaf"), rsa, ca.certificate, ca.key).pem);
    const auto at = " -attime " + std::to_string(now.time_since_epoch().count() + 1);
    for (const auto* purpose : {"sslserver", "sslclient"})
      CHECK(std::system(("cd " + directory.string() + " && openssl verify -x509_strict -check_ss_sig -purpose " +
                         purpose + at + " -CAfile ca.crt leaf.crt >/dev/null")
                            .c_str()) == 0);
  }
  std::filesystem::remove_all(directory);
}

TEST_CASE("the application's default OpenSSL context is neither used nor changed") {
  // With this property no algorithm can be found in the default context; ours must not mind, nor repair it.
  REQUIRE(EVP_set_default_properties(nullptr, "provider=nowhere") == 1);
  const auto ca = make_authority();
  const auto leaf = leaf_of(ca);
  CHECK(judged({leaf}, {ca.certificate}, Profile::peer).empty());
  CHECK(pki::parse_private_key(samples::pkcs1_1024, "x").algorithm() == "RSA-1024");
  CHECK(EVP_MD_fetch(nullptr, "SHA256", nullptr) == nullptr);
  REQUIRE(EVP_set_default_properties(nullptr, "") == 1);
  auto* digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(digest != nullptr);
  EVP_MD_free(digest);
}

TEST_CASE("threads make keys and sign at the same time") {
  const auto ca = make_authority();
  std::vector<std::string> reasons(4, "not run");
  std::vector<std::thread> threads;
  for (auto& reason : reasons)
    threads.emplace_back([&reason, &ca] {
      const auto key = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256);
      const auto leaf = crypto::sign(spec_of(Profile::peer, "leaf"), key, ca.certificate, ca.key);
      reason = crypto::verify_chain({&leaf, 1}, {&ca.certificate, 1}, Profile::peer, now, Rules::issued);
    });
  for (auto& thread : threads)
    thread.join();
  for (const auto& reason : reasons)
    CHECK(reason.empty());
}
