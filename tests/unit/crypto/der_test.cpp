// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <support/catch.hpp>

#include "base/digest.hpp"
#include "crypto/asn1/der.hpp"

namespace der = pki::crypto::der;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

/// Returns why `read` refuses its octets.
template <class Read>
std::string refusal_of(std::string_view octets, Read read) {
  try {
    der::Reader reader(octets);
    read(reader);
  } catch (const der::Malformed& problem) {
    return problem.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("values are read one after the other, with short and long lengths") {
  const auto long_text = std::string(300, 'x');
  const auto octets = der::write(der::utf8_string, {"ab", "c"}) + der::write(der::octet_string, {long_text}) +
                      der::write(der::sequence, {der::write(der::null, {})});
  CHECK(
      octets.starts_with("\x0c\x03"
                         "abc\x04\x82\x01\x2c"));
  der::Reader reader(octets);
  CHECK(reader.at(der::utf8_string));
  CHECK(reader.take(der::utf8_string, "text") == "abc");
  const auto value = reader.next();
  CHECK(value.tag == der::octet_string);
  CHECK(value.content == long_text);
  CHECK(value.whole.size() == 304);
  auto inner = reader.enter(der::sequence, "list");
  CHECK(inner.take(der::null, "null").empty());
  CHECK(inner.done());
  CHECK(reader.done());
  CHECK_FALSE(reader.at(der::null));
  CHECK_NOTHROW(reader.finish("list"));
}

TEST_CASE("octets that are not DER are refused") {
  const std::vector<std::string> rows{""s,
                                      "\x04"s,
                                      "\x04\x02x"s,
                                      "\x04\x80x\0\0"s,       // indefinite length
                                      "\x04\x81\x01x"s,       // a short length in the long form
                                      "\x04\x82\x00\x80"s,    // a leading zero
                                      "\x04\x85\1\0\0\0\0"s,  // longer than any text
                                      "\x04\x84\xff\xff\xff\xff"s,
                                      "\x1f\x81\x00\x00"s};  // a tag of several octets
  for (const auto& octets : rows) {
    CAPTURE(pki::base::to_hex(octets));
    CHECK(refusal_of(octets, [](der::Reader& reader) { reader.next(); }) != "accepted");
  }
}

TEST_CASE("another tag than expected, and octets after the last value, are refused by name") {
  CHECK_THAT(refusal_of("\x05\x00"sv, [](der::Reader& reader) { reader.take(der::integer, "serial number"); }),
             contains("serial number"));
  CHECK_THAT(refusal_of("\x05\x00"sv, [](der::Reader& reader) { reader.finish("signature"); }), contains("signature"));
}

TEST_CASE("an unsigned integer is read without its leading zero, and a negative or padded one is refused") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"", "020100"}, {"\x01", "020101"}, {"\x7f", "02017f"}, {"\x80", "02020080"}, {"\x01\x00"s, "02020100"}};
  for (const auto& [number, hex] : rows) {
    const auto octets = der::write_unsigned(number);
    CHECK(pki::base::to_hex(octets) == hex);
    CHECK(der::Reader(octets).take_unsigned("number") == number);
  }
  CHECK(der::write_unsigned("\0\0\x05"sv) == der::write_unsigned("\x05"));
  for (const auto& octets : {"\x02\x00"s, "\x02\x01\xff"s, "\x02\x02\x00\x01"s}) {
    CHECK(refusal_of(octets, [](der::Reader& reader) { reader.take_unsigned("number"); }) != "accepted");
  }
}

TEST_CASE("a bit string has whole octets only") {
  CHECK(pki::base::to_hex(der::write_bits("ab")) == "0303006162");
  CHECK(der::Reader(der::write_bits("ab")).take_bits("key") == "ab");
  for (const auto& octets : {"\x03\x00"s, "\x03\x02\x01\x80"s}) {
    CHECK(refusal_of(octets, [](der::Reader& reader) { reader.take_bits("key"); }) != "accepted");
  }
}
