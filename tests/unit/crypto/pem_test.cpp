#include <string>

#include <support/catch.hpp>

#include "crypto/asn1/pem.hpp"
#include "support.hpp"

using pki::crypto::find_pem_blocks;
using pki::crypto::to_pem;

TEST_CASE("blocks are found in order, and the text around them is ignored") {
  const auto blocks = find_pem_blocks(
      "note\n-----BEGIN A-----\nYQ==\n-----END A-----\n\n-----BEGIN B C----- \t\r\nYg==\r\n-----END B C-----\r\nend",
      999, "x");
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[0].label == "A");
  CHECK(blocks[0].body == "\nYQ==\n");
  CHECK(blocks[1].label == "B C");
  CHECK_THAT(std::string(blocks[1].body), contains("Yg=="));
}

TEST_CASE("lines that only resemble a mark begin no block") {
  for (const auto* text : {"", "-----BEGIN -----", "-----BEGIN A----", "----BEGIN A-----", " -----BEGIN A-----",
                           "-----END A-----", "-----BEGIN A-----x"}) {
    CHECK(find_pem_blocks(text, 999, "x").empty());
  }
}

TEST_CASE("a block without its END line, and a text that is too long, are refused") {
  for (const auto* text :
       {"-----BEGIN A-----\nYQ==\n", "-----BEGIN A-----\nYQ==\n-----END B-----\n", "-----BEGIN A-----"}) {
    const auto error = error_of([&] { (void)find_pem_blocks(text, 999, "ca.crt"); });
    REQUIRE(error);
    CHECK(error->code() == pki::Errc::malformed);
    CHECK_THAT(error->what(), contains("ca.crt: the A block does not end"));
  }
  const std::string text(100, 'x');
  CHECK_NOTHROW(find_pem_blocks(text, 100, "x"));
  CHECK_THAT(error_of([&] { (void)find_pem_blocks(text, 99, "x"); })->what(),
             contains("100 bytes, expected at most 99"));
}

TEST_CASE("a block is written in lines of 64 columns and read back") {
  for (const std::size_t size : {0U, 1U, 2U, 3U, 47U, 48U, 49U, 96U, 1000U}) {
    const std::string octets(size, '\xa5');
    const auto text = to_pem("CERTIFICATE", octets);
    CHECK(text.starts_with("-----BEGIN CERTIFICATE-----\n"));
    CHECK(text.ends_with("-----END CERTIFICATE-----\n"));
    for (std::size_t begin = 0; begin < text.size();) {
      const auto end = text.find('\n', begin);
      CHECK(end - begin <= 64);
      begin = end + 1;
    }
    CHECK(pki::crypto::decode_base64(find_pem_blocks(text, 9999, "x").at(0).body) == octets);
  }
}
