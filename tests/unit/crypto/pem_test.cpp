// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

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

namespace {

/// Returns "LABEL:body" for each block, without blanks and line breaks in the body, and "LABEL!" where there is no end.
std::vector<std::string> loose(std::string_view text) {
  std::vector<std::string> found;
  pki::crypto::PemScanner scanner(text);
  while (const auto block = scanner.next()) {
    std::string body(block->body);
    std::erase_if(body, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    found.push_back(std::string(block->label) + (block->ends ? ":" : "!") + body);
  }
  return found;
}

using Blocks = std::vector<std::string>;

}  // namespace

TEST_CASE("a scanner finds blocks on lines of their own, indented or not") {
  const std::string block = "-----BEGIN A-----\nYQ==\n-----END A-----";
  CHECK(loose(block) == Blocks{"A:YQ=="});
  CHECK(loose("text\n" + block + "\ntext\n" + block + "\n") == Blocks{"A:YQ==", "A:YQ=="});
  CHECK(loose("\xef\xbb\xbf" + block) == Blocks{"A:YQ=="});
  CHECK(loose("ca: |\n  -----BEGIN A-----\n  YQ==\n  -----END A-----\n") == Blocks{"A:YQ=="});
  CHECK(loose("ca: |\r\n\t -----BEGIN A-----\r\n\t YQ==\r\n\t -----END A----- \r\n") == Blocks{"A:YQ=="});
  CHECK(loose("- |\n    -----BEGIN A-----\n    YQ==\n    -----END A-----\n- |\n  -----BEGIN B C-----\n  "
              "-----END B C-----") == Blocks{"A:YQ==", "B C:"});
}

TEST_CASE("a mark inside of a line begins and ends nothing") {
  for (const auto* text :
       {"", "x -----BEGIN A-----\n-----END A-----", "-----BEGIN A-----x\n-----END A-----", "`-----BEGIN A-----`",
        "\"-----BEGIN A-----\\nYQ==\\n-----END A-----\"", "----BEGIN A-----", "-----BEGIN A----", "-----BEGIN a-----",
        "-----BEGIN -----", "-----END A-----", "# -----BEGIN A-----", "------BEGIN A-----", "--------------------",
        "x\xef\xbb\xbf-----BEGIN A-----"})
    CHECK(loose(text).empty());
  CHECK(loose("-----BEGIN A-----\nYQ== -----END A-----\n-----END A-----") == Blocks{"A:YQ==-----ENDA-----"});
}

TEST_CASE("a block without its END line ends before the next BEGIN line, or with the text") {
  CHECK(loose("-----BEGIN A-----") == Blocks{"A!"});
  CHECK(loose("-----BEGIN A-----\nYQ==\n-----END B-----\n") == Blocks{"A!YQ==-----ENDB-----"});
  CHECK(loose("-----BEGIN A-----\nYQ==\n-----BEGIN B-----\nYg==\n-----END B-----\n-----END A-----") ==
        Blocks{"A!YQ==", "B:Yg=="});
}

TEST_CASE("a label is never longer than those that there are") {
  const std::string longest(64, 'A');
  CHECK(loose("-----BEGIN " + longest + "-----\n-----END " + longest + "-----") == Blocks{longest + ":"});
  CHECK(loose("-----BEGIN A" + longest + "-----\n-----END A" + longest + "-----").empty());
}
