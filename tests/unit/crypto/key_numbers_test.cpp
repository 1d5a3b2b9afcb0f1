// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>

#include "crypto/asn1/der.hpp"
#include "crypto/asn1/pem.hpp"
#include "crypto/key_numbers.hpp"
#include "samples.hpp"

namespace crypto = pki::crypto;
namespace der = pki::crypto::der;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

std::string octets_of(const char* pem) {
  return crypto::decode_base64(crypto::find_pem_blocks(pem, 9999, "x").back().body).value();
}

}  // namespace

TEST_CASE("an RSA key is read and written again octet by octet, and OpenSSL has the same numbers") {
  const auto octets = octets_of(samples::pkcs1_1024);
  const auto numbers = crypto::read_rsa(octets);
  CHECK(numbers.numbers[crypto::RsaNumbers::n].size() == 128);
  CHECK(numbers.numbers[crypto::RsaNumbers::e] == "\x01\0\x01"sv);
  CHECK(std::string_view(crypto::write_rsa(numbers)) == octets);
  const auto key = crypto::make_rsa(numbers);
  for (std::size_t i = 0; i < crypto::RsaNumbers::count; ++i) {
    BIGNUM* raw = nullptr;
    REQUIRE(EVP_PKEY_get_bn_param(key.get(), crypto::rsa_parameter_names[i], &raw) == 1);
    const crypto::Handle<BIGNUM> number(raw);
    CHECK(std::string_view(crypto::to_octets(number.get())) == numbers.numbers[i]);
  }
}

TEST_CASE("an EC key is read with the curve it names, and written in full") {
  const auto octets = octets_of(samples::sec1_with_parameters);
  auto numbers = crypto::read_ec(octets, nullptr);
  REQUIRE(numbers.curve != nullptr);
  CHECK(numbers.curve->algorithm == "ECDSA-P256");
  CHECK(std::string_view(crypto::write_ec(numbers)) == octets);
  const auto padded = "\0"s + std::string(numbers.scalar);
  numbers.scalar = padded;
  CHECK(std::string_view(crypto::write_ec(numbers)) == octets);
}

TEST_CASE("an EC key that names no curve, or another than its envelope, is refused") {
  const auto bare = der::write(der::sequence, {der::write_unsigned("\x01"), der::write(der::octet_string, {"scalar"})});
  CHECK_THROWS_AS(crypto::read_ec(bare, nullptr), der::Malformed);
  const auto* p384 = crypto::try_find_curve_by_algorithm("ECDSA-P384");
  CHECK(crypto::read_ec(bare, p384).curve == p384);
  CHECK_THROWS_AS(crypto::read_ec(octets_of(samples::sec1_with_parameters), p384), der::Malformed);
}

TEST_CASE("numbers keep their value as octets, without leading zeros") {
  for (const auto octets : {""sv, "\x01"sv, "\x80\0\xff"sv}) {
    CHECK(std::string_view(crypto::to_octets(crypto::to_number(octets).get())) == octets);
  }
  CHECK(std::string_view(crypto::to_octets(crypto::to_number("\0\x05"sv).get())) == "\x05");
}
