// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <set>

#include <support/catch.hpp>

#include "crypto/verify.hpp"
#include "support.hpp"

using pki::CertSpec;
using pki::Profile;
using Kind = pki::GeneralName::Kind;
namespace crypto = pki::crypto;

namespace {

pki::Certificate issue(const CertSpec& spec, const Authority& authority) { return sign(spec, a_key(), authority); }

const Authority& authority() {
  static const auto made = make_authority();
  return made;
}

}  // namespace

TEST_CASE("serial numbers hold 159 random bits, each as often set as not, and never repeat") {
  constexpr int drawn = 20000;
  std::set<std::string> seen;
  std::array<int, 160> ones{};
  for (int i = 0; i < drawn; ++i) {
    const auto serial = crypto::random_serial();
    REQUIRE(serial.size() == 20);
    for (std::size_t bit = 0; bit < 160; ++bit)
      ones[bit] += static_cast<unsigned char>(serial[bit / 8]) >> (7 - bit % 8) & 1;
    seen.insert(serial);
  }
  CHECK(seen.size() == drawn);
  CHECK(ones[0] == 0);
  constexpr double five_sigma = 5 * 70.711;  // of 20000 fair draws
  for (std::size_t bit = 1; bit < 160; ++bit)
    CHECK(std::abs(ones[bit] - drawn / 2) < five_sigma);
}

TEST_CASE("common names of 1 to 253 characters are written and verify") {
  for (const std::size_t length : {1U, 63U, 64U, 65U, 100U, 127U, 128U, 200U, 253U}) {
    const auto name = "system:node:" + std::string(length, 'n');
    const auto leaf = issue(spec_of(Profile::client, name), authority());
    CHECK(leaf.common_name == name);
    CHECK(leaf.subject_der == crypto::to_subject_der(name, {}));
    CHECK(crypto::TrustAnchors({&authority().certificate, 1})
              .verify({&leaf, 1}, Profile::client, now, crypto::Strictness::strict)
              .empty());
  }
}

TEST_CASE("the issuer's name is copied octet by octet whatever its string types") {
  namespace der = crypto::der;
  const auto name = [](unsigned char tag, const std::string& value) {
    const auto attribute =
        der::write(der::sequence, {der::write(der::object_id, {"\x55\x04\x03"}), der::write(tag, {value})});
    return der::write(der::sequence, {der::write(der::set, {attribute})});
  };
  struct Row {
    std::string subject;
    std::string common_name;
  };
  const std::vector<Row> rows{{name(0x13, "printable"), "printable"},
                              {name(0x0c, "emoji 🔑"), "emoji 🔑"},
                              {name(0x14, "caf\xe9"), "café"},
                              {name(0x1e, "\0c\0a\x26\x3a"s), "ca☺"},
                              {name(0x16, "ia5@x"), "ia5@x"},
                              {crypto::to_subject_der("ca", {"z", "y"}), "ca"},
                              {name(0x0c, ""), ""}};
  for (const auto& [subject, common_name] : rows) {
    auto spec = spec_of(Profile::ca, "");
    spec.subject_der = subject;
    const auto ca = self_sign(spec, a_key());
    CHECK(ca.subject_der == subject);
    CHECK(ca.common_name == common_name);
    const auto leaf = sign(spec_of(Profile::client, "x"), a_key(), {a_key(), ca});
    CHECK(leaf.issuer_der == subject);
    CHECK(is_signed_by({leaf}, {ca}));
  }
}

TEST_CASE("a key that is not the issuer's does not sign") {
  const auto error = error_of([] {
    (void)sign(spec_of(Profile::client, "x"), a_key(), {a_key(), authority().certificate});
  });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::mismatch);
}
