// SPDX-License-Identifier: Apache-2.0
// A file of any kind that is scanned for certificates. Promises: never an exception; a result is a certificate or a
// plain problem; positions ascend; what the strict reader accepts is found; blocks of the scanner are parts of the
// text, in its order.

#include "crypto/certificate_scan.hpp"

#include "crypto/asn1/pem.hpp"
#include "properties.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

namespace crypto = pki::crypto;

void check_blocks(std::string_view text) {
  crypto::PemScanner scanner(text);
  const auto* from = text.data();
  while (const auto block = scanner.next()) {
    require(!block->label.empty() && block->label.data() >= from, "blocks follow one another");
    require(block->body.data() >= block->label.data() + block->label.size(), "a body follows its label");
    from = block->body.data() + block->body.size();
    require(from <= text.data() + text.size(), "a block is a part of the text");
  }
}

void check_results(const std::vector<crypto::ScannedCertificate>& found) {
  std::size_t last = 0;
  for (const auto& each : found) {
    require(each.certificate.has_value() == each.problem.empty(), "a result is a certificate or a problem");
    require_plain(each.problem, "problem");
    require(each.number > last, "positions ascend");
    last = each.number;
  }
}

void check_against_strict_reader(std::string_view input, const std::vector<crypto::ScannedCertificate>& found) {
  const auto strict = value_of([&] { return pki::parse_certificates(input, "input"); });
  if (!strict) return;
  std::size_t at = 0;
  for (const auto& each : found)
    if (at < strict->size() && each.certificate && each.certificate->pem == (*strict)[at].pem) ++at;
  require(at == strict->size(), "every certificate that the strict reader accepts is found");
}

}  // namespace

void scan(std::string_view input) {
  check_blocks(input);
  const auto claimed = crypto::scan_pem(input, crypto::Claim::certificates);
  const auto text = crypto::scan_pem(input, crypto::Claim::text);
  const auto quoted = crypto::scan_quoted_pem(input);
  for (const auto* found : {&claimed, &text, &quoted})
    check_results(*found);
  require(text.size() <= claimed.size(), "a text has no more results than a file of certificates");
  check_against_strict_reader(input, claimed);
  if (const auto der = crypto::scan_der(input)) check_results({*der});
  require_plain(crypto::describe_content(input).value_or(""), "description");
  (void)crypto::begins_with_certificate(input);
}

}  // namespace fuzz
