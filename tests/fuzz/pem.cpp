// SPDX-License-Identifier: Apache-2.0
// PEM blocks and base64. Properties: blocks are parts of the text, in its order; what is decoded and written again is
// the same; unused bits are the only difference between the two ways to read base64.

#include "crypto/asn1/pem.hpp"

#include "base/base64.hpp"
#include "properties.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

using pki::crypto::PemBlock;

void check_round_trip(const PemBlock& block, const std::string& octets) {
  const auto written = pki::crypto::to_pem(block.label, octets);
  const auto again = pki::crypto::find_pem_blocks(written, std::string_view::npos, "written");
  require(again.size() == 1 && again[0].label == block.label, "a written block is one block with its label");
  require(pki::crypto::decode_base64(again[0].body) == octets, "a written block holds what was written");
}

void check_block(std::string_view text, const PemBlock& block, std::size_t from) {
  require(!block.label.empty(), "a block has a label");
  const auto inside = [&](std::string_view part) {
    return part.data() >= text.data() + from && part.data() + part.size() <= text.data() + text.size();
  };
  require(inside(block.label) && inside(block.body), "blocks follow one another in the text");
  const auto octets = pki::crypto::decode_base64(block.body);
  const auto secret = pki::crypto::decode_base64<pki::SecretString>(block.body);
  require(octets.has_value() == secret.has_value(), "secret or not, base64 is the same");
  if (!octets) return;
  require(std::string_view(*octets) == std::string_view(*secret), "secret or not, base64 is the same");
  require(octets->size() <= block.body.size(), "decoding does not grow");
  check_round_trip(block, *octets);
}

void check_base64(std::string_view text) {
  using pki::base::UnusedBits;
  const auto strict = pki::base::parse_base64(text);
  const auto lenient = pki::base::parse_base64(text, UnusedBits::ignore);
  if (strict) require(strict == lenient, "ignoring unused bits changes nothing where they are zero");
  if (!lenient) return;
  require(pki::base::parse_base64(pki::base::to_base64(*lenient)) == lenient, "written base64 reads the same");
}

}  // namespace

void pem(std::string_view input) {
  check_base64(input);
  const auto blocks = value_of([&] { return pki::crypto::find_pem_blocks(input, 64 * 1024, "input"); });
  if (!blocks) return;
  std::size_t from = 0;
  for (const auto& block : *blocks) {
    check_block(input, block, from);
    from = static_cast<std::size_t>(block.body.data() + block.body.size() - input.data());
  }
}

}  // namespace fuzz
