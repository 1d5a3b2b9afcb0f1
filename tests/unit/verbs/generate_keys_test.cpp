#include <set>
#include <vector>

#include <pki/key.hpp>

#include <support/catch.hpp>

using pki::generate_private_keys;
using pki::KeyAlgorithm;

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
