// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <set>
#include <stop_token>
#include <thread>
#include <vector>

#include <support/catch.hpp>

#include "crypto/key_generate.hpp"
#include "samples.hpp"
#include "support.hpp"

using pki::generate_private_key;
using pki::generate_private_keys;
using pki::KeyAlgorithm;
using pki::parse_private_key;

namespace {

std::string text(const pki::PrivateKey& key) { return {key.pem().data(), key.pem().size()}; }

}  // namespace

TEST_CASE("a generated key has its algorithm and comes back from its own text") {
  const auto algorithm = GENERATE(KeyAlgorithm::rsa_2048, KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384);
  const auto key = generate_private_key(algorithm);
  CHECK(key.algorithm() == to_string(algorithm));
  CHECK_THAT(key.public_key_pem(), contains("-----BEGIN PUBLIC KEY-----\n"));
  CHECK(pki::parse_public_key_sha256(key.public_key_pem(), "sa.pub") == key.public_key_sha256());
  const bool rsa = algorithm == KeyAlgorithm::rsa_2048;
  CHECK(text(key).starts_with(rsa ? "-----BEGIN RSA PRIVATE KEY-----\n" : "-----BEGIN EC PRIVATE KEY-----\n"));
  const auto again = parse_private_key(key.pem(), "ca.key");
  CHECK(again.pem() == key.pem());
  CHECK(again.public_key_pem() == key.public_key_pem());
  CHECK(again.public_key_sha256() == key.public_key_sha256());
}

TEST_CASE("keys come in the order they were asked for, whatever the number of threads") {
  const std::vector wanted{KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_2048, KeyAlgorithm::ecdsa_p384,
                           KeyAlgorithm::rsa_3072,   KeyAlgorithm::rsa_2048, KeyAlgorithm::ecdsa_p256};
  const auto threads = GENERATE(0U, 1U, 2U, 7U);
  std::vector<std::size_t> told;
  const auto progress = [&](std::size_t done, std::size_t total) {
    CHECK(total == wanted.size());
    told.push_back(done);
  };
  const auto keys = generate_private_keys(wanted, {.threads = threads, .progress = progress});
  REQUIRE(keys.size() == wanted.size());
  CHECK(told == std::vector<std::size_t>{1, 2, 3, 4, 5, 6});
  std::set<std::string> different;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CHECK(keys[i].algorithm() == to_string(wanted[i]));
    CHECK(pki::parse_private_key(keys[i].pem(), "key").public_key_sha256() == keys[i].public_key_sha256());
    different.insert(keys[i].public_key_sha256());
  }
  CHECK(different.size() == keys.size());
}

TEST_CASE("many threads make one key, and none makes none") {
  const std::vector one{KeyAlgorithm::rsa_2048};
  CHECK(generate_private_keys(one, {.threads = 8, .progress = {}}).front().algorithm() == "RSA-2048");
  CHECK(generate_private_keys({}).empty());
}

TEST_CASE("the provider's own generator makes RSA keys, and must where FIPS is asked for") {
  std::atomic<bool> stopped{false};
  const auto key = pki::crypto::provider_rsa_key(2048, stopped);
  REQUIRE(key);
  CHECK(key->algorithm() == "RSA-2048");
  CHECK(pki::parse_private_key(key->pem(), "key").pem() == key->pem());
  stopped = true;
  CHECK(!pki::crypto::provider_rsa_key(4096, stopped));
  OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
  CHECK(!pki::crypto::provider_must_generate_rsa(context));
  REQUIRE(EVP_default_properties_enable_fips(context, 1) == 1);
  CHECK(error_of(
      [context] { (void)pki::crypto::provider_must_generate_rsa(context); }));  // this host has no such provider
  OSSL_LIB_CTX_free(context);
}

TEST_CASE("keys that are cancelled in the middle of a search for primes end soon") {
  using Clock = std::chrono::steady_clock;
  const std::vector many(100, KeyAlgorithm::rsa_4096);  // a minute and more on two cores
  std::stop_source source;
  Clock::time_point requested;
  std::jthread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    requested = Clock::now();
    source.request_stop();
  });
  const auto error =
      error_of([&] { (void)generate_private_keys(many, {.threads = 2, .progress = {}, .stop = source.get_token()}); });
  const auto ended = Clock::now();
  canceller.join();
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::cancelled);
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(ended - requested).count();
  CAPTURE(waited);
  CHECK(waited < 5000);  // usually some ten milliseconds
}

TEST_CASE("no key is begun after a stop was requested, which a progress may do") {
  const auto algorithm = GENERATE(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_2048);
  const std::vector wanted(4, algorithm);
  std::stop_source source;
  std::size_t made = 0;
  const auto generate = [&] {
    (void)generate_private_keys(wanted, {.threads = 1,
                                         .progress =
                                             [&](std::size_t done, std::size_t) {
                                               made = done;
                                               if (done == 2) source.request_stop();
                                             },
                                         .stop = source.get_token()});
  };
  for (const std::size_t expected : {2U, 0U}) {  // the second time it was requested before
    made = 0;
    const auto error = error_of(generate);
    REQUIRE(error);
    CHECK(error->code() == pki::Errc::cancelled);
    CHECK(made == expected);
  }
  source = std::stop_source();  // a stop that nobody requests changes nothing
  CHECK(generate_private_keys(wanted, {.threads = 1, .progress = {}, .stop = source.get_token()}).size() == 4);
}
