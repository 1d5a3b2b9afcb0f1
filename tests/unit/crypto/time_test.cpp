// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include "crypto/asn1/time.hpp"
#include "support.hpp"

using pki::CertSpec;
using pki::Profile;
using Kind = pki::GeneralName::Kind;
namespace crypto = pki::crypto;
namespace der = pki::crypto::der;

namespace {

pki::Certificate issue(const CertSpec& spec, const Authority& authority) { return sign(spec, a_key(), authority); }

const Authority& authority() {
  static const auto made = make_authority();
  return made;
}

std::string refusal_of(const CertSpec& spec) {
  const auto error = error_of([&] { (void)issue(spec, authority()); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::invalid_config);
  return error->what();
}

}  // namespace

TEST_CASE("dates are UTCTime through 2049 and GeneralizedTime from 2050") {
  using namespace std::chrono;
  struct Row {
    sys_seconds at;
    std::string hex;
  };
  const std::vector<Row> rows{
      {sys_days{year{2038} / 1 / 19} + 3h + 14min + 8s, "170d3338303131393033313430385a"},
      {sys_days{year{2049} / 12 / 31} + 23h + 59min + 59s, "170d3439313233313233353935395a"},
      {sys_days{year{2050} / 1 / 1}, "180f32303530303130313030303030305a"},
      {sys_days{year{9999} / 12 / 31} + 23h + 59min + 59s, "180f39393939313233313233353935395a"}};
  for (const auto& [at, hex] : rows) {
    auto spec = spec_of(Profile::client, "x");
    spec.not_after = at;
    const auto leaf = issue(spec, authority());
    CHECK(leaf.not_after == at);
    CHECK_THAT(hex_of(leaf), contains(hex));
  }
  auto spec = spec_of(Profile::client, "x");
  spec.not_after = sys_days{year{10000} / 1 / 1};
  CHECK_THAT(refusal_of(spec), contains("year 10000"));
  spec.not_after = spec.not_before - 1s;
  CHECK_THAT(refusal_of(spec), contains("ends before it begins"));
}

TEST_CASE("times are read in both forms, with the century of RFC 5280") {
  using namespace std::chrono;
  struct Row {
    unsigned char tag;
    std::string text;
    sys_seconds at;
  };
  const std::vector<Row> rows{
      {der::utc_time, "500101000000Z", sys_days{year{1950} / 1 / 1}},
      {der::utc_time, "491231235959Z", sys_days{year{2049} / 12 / 31} + 23h + 59min + 59s},
      {der::utc_time, "240229120000Z", sys_days{year{2024} / 2 / 29} + 12h},
      {der::generalized_time, "20500101000000Z", sys_days{year{2050} / 1 / 1}},
      {der::generalized_time, "00010101000000Z", sys_days{year{1} / 1 / 1}},
  };
  for (const auto& [tag, text, at] : rows) {
    const auto octets = der::write(tag, {text});
    der::Reader reader(octets);
    CHECK(crypto::read_time(reader) == at);
    CHECK(reader.done());
  }
}

TEST_CASE("a time that does not exist or has another form is refused") {
  const std::vector<std::pair<unsigned char, std::string>> rows{
      {der::utc_time, "2401010000Z"},        // no seconds
      {der::utc_time, "240101000000"},       // no zone
      {der::utc_time, "240101000000+0100"},  // another zone
      {der::utc_time, "20240101000000Z"},    // four digits of the year
      {der::utc_time, "24010100000xZ"},
      {der::utc_time, "230229000000Z"},
      {der::utc_time, "241301000000Z"},
      {der::utc_time, "240100000000Z"},
      {der::utc_time, "240101240000Z"},
      {der::utc_time, "240101006000Z"},
      {der::utc_time, "240101000060Z"},
      {der::generalized_time, "240101000000Z"},
      {der::generalized_time, "20240101000000.5Z"},
      {der::utf8_string, "240101000000Z"}};
  for (const auto& [tag, text] : rows) {
    CAPTURE(text);
    const auto octets = der::write(tag, {text});
    der::Reader reader(octets);
    CHECK_THROWS_AS(crypto::read_time(reader), der::Malformed);
  }
}
