// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include "formats/report/name_text.hpp"

using namespace pki;

TEST_CASE("an attribute is found in an RFC 4514 name, without its escapes") {
  CHECK(formats::attribute_of("CN=kubernetes-ca", "CN") == "kubernetes-ca");
  CHECK(formats::attribute_of("CN=a\\,b\\+c,O=x", "CN") == "a,b+c");
  CHECK(formats::attribute_of("CN=a\\0Ab,O=x", "CN") == "a\nb");
  CHECK(formats::attribute_of("OU=CN=no,O=x", "CN").empty());
  CHECK(formats::attribute_of("CN=last,CN=first", "CN") == "first");
  CHECK(formats::attribute_of("CN=last,CN=first+CN=second", "CN") == "first");
  CHECK(formats::attribute_of("CN=a+O=b,O=c", "O") == "c");
  CHECK(formats::attribute_of("", "CN").empty());
  CHECK(formats::attribute_of("CN=open\\", "CN") == "open\\");
}

TEST_CASE("serial numbers of any length are written in decimal") {
  CHECK(formats::to_decimal("") == "0");
  CHECK(formats::to_decimal("0") == "0");
  CHECK(formats::to_decimal("ff") == "255");
  CHECK(formats::to_decimal("FF") == "255");
  CHECK(formats::to_decimal("ffffffffffffffff") == "18446744073709551615");
  CHECK(formats::to_decimal("7fffffffffffffffffffffffffffffffffffffff") ==
        "730750818665451459101842416358141509827966271487");
}
