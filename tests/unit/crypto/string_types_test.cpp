// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <support/catch.hpp>

#include "base/digest.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/asn1/string_types.hpp"

namespace crypto = pki::crypto;
namespace der = pki::crypto::der;
using namespace std::string_literals;

TEST_CASE("every ASN.1 string type becomes UTF-8, and what does not decode U+FFFD") {
  struct Row {
    unsigned char tag;
    std::string content;
    std::string text;
  };
  const std::vector<Row> rows{
      {der::utf8_string, "Jörg 🔑", "Jörg 🔑"},          {der::utf8_string, "a\xff"s, "a�"},
      {der::utf8_string, "\xc0\x80"s, "��"},            // overlong
      {der::utf8_string, "\xed\xa0\x80"s, "���"},       // a surrogate
      {der::utf8_string, "\xf4\x90\x80\x80"s, "����"},  // above U+10FFFF
      {der::utf8_string, "\xe2\x82"s, "��"},            // cut off
      {der::printable_string, "plain", "plain"},       {der::t61_string, "caf\xe9"s, "café"},
      {der::bmp_string, "\0c\x26\x3a"s, "c☺"},         {der::bmp_string, "\xd8\x3d\xdd\x11"s, "🔑"},
      {der::bmp_string, "\xd8\x3d\0a"s, "�a"},         {der::bmp_string, "\0a\0"s, "a�"},
      {der::universal_string, "\0\1\xf5\x11"s, "🔑"},   {der::universal_string, "\0\x11\0\0"s, "�"},
  };
  for (const auto& [tag, content, text] : rows) {
    CAPTURE(pki::base::to_hex(content));
    CHECK(crypto::to_utf8(tag, content) == text);
  }
}
