// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include "base/base64.hpp"

namespace base = pki::base;

using namespace pki;
using namespace pki::base;

namespace {

std::string encode(std::string_view bytes) {
  SecretString out;
  base::append_base64(out, bytes);
  return std::string(std::string_view(out));
}

}  // namespace

TEST_CASE("base64 writes and reads the vectors of RFC 4648") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, base64] : vectors) {
    CAPTURE(bytes);
    CHECK(encode(bytes) == base64);
    CHECK(base::to_base64(bytes) == base64);
    CHECK(base::parse_base64(base64) == std::string(bytes));
    CHECK(base::parse_base64<SecretString>(base64) == SecretString(bytes));
  }
}

TEST_CASE("base64 keeps every byte") {
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  CHECK(base::parse_base64(base::to_base64(all)) == all);
}

TEST_CASE("base64 ignores blanks and line breaks") { CHECK(base::parse_base64(" Zm9v\r\n\tYmFy \n") == "foobar"); }

TEST_CASE("base64 is refused when it is not exact") {
  for (const auto* text : {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Zm9v=", "Zg==Zg==", "Zh==", "Zm9=", "Zm_v", "Zm-v",
                           "Zm9v!", "Z\xc3\xa4==", "Zm9vY"}) {
    CAPTURE(text);
    CHECK_FALSE(base::parse_base64(text));
    CHECK_FALSE(base::parse_base64<SecretString>(text));
  }
}

TEST_CASE("unused bits that are not zero are refused or ignored, as the caller says") {
  for (const auto& [text, bytes] : {std::pair{"Zh==", "f"}, {"Zv==", "f"}, {"Zm9=", "fo"}, {"Zg==", "f"}}) {
    CHECK(base::parse_base64(text, base::UnusedBits::ignore) == bytes);
    CHECK(base::parse_base64(text).has_value() == (std::string_view(text) == "Zg=="));
  }
  for (const auto* text : {"Z", "Zg", "Zg=", "Zg===", "====", "Zm9v=", "Zg==Zg==", "Zm_v", "Zm9vY"})
    CHECK_FALSE(base::parse_base64(text, base::UnusedBits::ignore));
}
