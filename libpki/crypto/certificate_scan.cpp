// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate_scan.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "crypto/asn1/der.hpp"
#include "crypto/asn1/pem.hpp"
#include "crypto/certificate.hpp"

namespace pki::crypto {

namespace {

using namespace std::string_view_literals;

constexpr auto begin_mark = "-----BEGIN "sv;
constexpr auto end_mark = "-----END "sv;
constexpr auto trusted_label = "TRUSTED CERTIFICATE"sv;

/// OpenSSL reads all three, and writes the second with `x509 -trustout`.
bool is_certificate_label(std::string_view label) {
  return label == "CERTIFICATE" || label == trusted_label || label == "X509 CERTIFICATE";
}

bool is_key_label(std::string_view label) { return label.ends_with("PRIVATE KEY"); }

/// Returns the octets of a certificate. OpenSSL's trust data is a second SEQUENCE after it. Throws der::Malformed.
std::string_view without_trust_data(std::string_view octets) {
  der::Reader reader(octets);
  const auto certificate = reader.next();
  if (!reader.done()) (void)reader.take(der::sequence, "trust data");
  reader.finish("trust data");
  return certificate.whole;
}

/// Returns one certificate. Throws der::Malformed.
ScannedCertificate read_octets(std::string_view octets, std::size_t number) {
  ScannedCertificate found{describe_certificate(octets), {}, number};
  found.other_critical = has_other_critical_extension(octets);
  return found;
}

/// Returns a text of base64 that was cut off without its last group where that is incomplete.
std::string_view whole_groups(std::string_view base64) {
  const auto is_blank = [](char c) { return " \t\r\n"sv.find(c) != std::string_view::npos; };
  auto digits = base64.size() - static_cast<std::size_t>(std::ranges::count_if(base64, is_blank));
  for (; digits % 4 != 0; base64.remove_suffix(1))
    if (!is_blank(base64.back())) --digits;
  return base64;
}

bool is_whole_sequence(std::string_view octets) {
  try {
    return der::Reader(octets).next().tag == der::sequence;
  } catch (const der::Malformed&) {
    return false;
  }
}

/// Returns whether the octets of a block that does not parse are a damaged certificate, or one that was cut off, and
/// not the example of a text: the shortest certificates have some two hundred octets, and examples are shortened.
bool was_certificate(const LooseBlock& block, const std::optional<std::string>& octets) {
  constexpr std::size_t shortest = 160;
  if (!octets || octets->size() < shortest) return false;
  return block.ends ? is_whole_sequence(*octets) : static_cast<unsigned char>(octets->front()) == der::sequence;
}

/// Scan collects the certificates of one text.
class Scan {
 public:
  explicit Scan(Claim claim) : claim_(claim) {}

  void add(const LooseBlock& block) {
    ++number_;
    const auto octets = decode_base64(block.ends ? block.body : whole_groups(block.body));
    if (const auto problem = read(block, octets); !problem.empty()) refuse(block, octets, problem);
  }

  [[nodiscard]] std::vector<ScannedCertificate> result() {
    if (invalid_ > 1) found_[first_invalid_].problem += fmt::format("; {} more are invalid", invalid_ - 1);
    return std::move(found_);
  }

 private:
  /// Adds the certificate of a block, or returns why it cannot be read.
  std::string read(const LooseBlock& block, const std::optional<std::string>& octets) {
    if (!block.ends) return "has no END line";
    if (!octets) return "is not base64";
    try {
      const std::string_view whole = *octets;
      found_.push_back(read_octets(block.label == trusted_label ? without_trust_data(whole) : whole, number_));
      return {};
    } catch (const der::Malformed& problem) {
      return fmt::format("does not parse: {}", problem.what());
    }
  }

  void refuse(const LooseBlock& block, const std::optional<std::string>& octets, std::string_view problem) {
    if (claim_ == Claim::text && !was_certificate(block, octets)) return;
    if (++invalid_ > 1) return;
    first_invalid_ = found_.size();
    found_.push_back({std::nullopt, fmt::format("certificate {} {}", number_, problem), number_});
  }

  Claim claim_;
  std::size_t number_{0};
  std::size_t invalid_{0};
  std::size_t first_invalid_{0};
  std::vector<ScannedCertificate> found_;
};

/// Returns a text with the escapes of line breaks, which are two characters in a string of JSON, as blanks.
std::string without_escapes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size() && "nrt"sv.find(text[i + 1]) != std::string_view::npos;
    out.push_back(escape ? ' ' : text[i]);
    if (escape) ++i;
  }
  return out;
}

struct Magic {
  std::string_view octets;
  std::string_view what;
};

constexpr std::array magics{Magic{"\xfe\xed\xfe\xed"sv, "is a Java key store (JKS)"},
                            Magic{"\xce\xce\xce\xce"sv, "is a Java key store (JCEKS)"}};

/// The first octets of the content of a DER or BER file, after its outer tag and length.
constexpr std::array contents{Magic{"\x02\x01\x03\x30"sv, "is a PKCS#12 file"},
                              Magic{"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"sv, "is a PKCS#7 file"},
                              Magic{"\x02\x01\x00"sv, "is a private key in DER"},
                              Magic{"\x02\x01\x01\x04"sv, "is a private key in DER"}};

/// Returns the octets after the tag and length of an outer SEQUENCE, which BER allows to be of any form; empty for
/// other files.
std::string_view content_of(std::string_view octets) {
  if (octets.size() < 2 || static_cast<unsigned char>(octets.front()) != der::sequence) return {};
  const auto length = static_cast<unsigned char>(octets[1]);
  const std::size_t more = (length & 0x80U) == 0 ? 0 : length & 0x7fU;
  return octets.substr(std::min(2 + more, octets.size()));
}

std::optional<std::string> find_magic(std::string_view octets, std::span<const Magic> table) {
  const auto found = std::ranges::find_if(table, [&](const Magic& magic) { return octets.starts_with(magic.octets); });
  if (found == table.end()) return {};
  return std::string(found->what);
}

/// Returns whether octets begin like a certificate of version 2 or 3, which neither a request nor a CRL nor a key does.
bool begins_like_certificate(std::string_view octets) {
  const auto body = content_of(octets);
  return content_of(body).starts_with("\xa0\x03\x02\x01"sv);
}

}  // namespace

bool begins_with_certificate(std::string_view text) {
  const auto start = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  const auto first = PemScanner(text).next();
  return first && is_certificate_label(first->label) && first->label.data() == text.data() + start + begin_mark.size();
}

std::vector<ScannedCertificate> scan_pem(std::string_view text, Claim claim) {
  const QuietErrors quiet;
  Scan scan(claim);
  PemScanner blocks(text);
  while (const auto block = blocks.next())
    if (is_certificate_label(block->label)) scan.add(*block);
  return scan.result();
}

std::vector<ScannedCertificate> scan_quoted_pem(std::string_view text) {
  constexpr std::string_view dashes = "-----";
  const QuietErrors quiet;
  Scan scan(Claim::text);
  for (auto at = text.find(begin_mark); at != std::string_view::npos;) {
    const auto next = text.find(begin_mark, at + 1);
    auto block = text.substr(at, std::min(next, text.size()) - at);
    at = next;
    block.remove_prefix(begin_mark.size());
    const auto label = block.substr(0, block.find(dashes));
    const auto end = block.find(end_mark);
    if (!is_certificate_label(label) || end == std::string_view::npos) continue;
    const auto start = label.size() + dashes.size();
    const auto body = without_escapes(block.substr(start, end - start));
    scan.add({label, body, true});
  }
  auto found = scan.result();
  std::erase_if(found, [](const ScannedCertificate& each) { return !each.certificate; });
  return found;
}

std::optional<ScannedCertificate> scan_der(std::string_view octets) {
  if (octets.empty() || static_cast<unsigned char>(octets.front()) != der::sequence) return {};
  const QuietErrors quiet;
  try {
    return read_octets(octets, 1);
  } catch (const der::Malformed& problem) {
    if (!begins_like_certificate(octets)) return {};
    return ScannedCertificate{std::nullopt, fmt::format("does not parse as a certificate in DER: {}", problem.what()),
                              1};
  }
}

bool holds_private_key(std::string_view text) {
  PemScanner blocks(text);
  while (const auto block = blocks.next())
    if (is_key_label(block->label)) return true;
  return false;
}

std::optional<std::string> describe_content(std::string_view octets) {
  if (auto found = find_magic(octets, magics)) return found;
  if (auto found = find_magic(content_of(octets), contents)) return found;
  PemScanner blocks(octets);
  const auto block = blocks.next();
  if (!block) return {};
  if (is_key_label(block->label)) return "is a private key";
  if (block->label.ends_with("PUBLIC KEY")) return "is a public key";
  if (block->label.ends_with("CERTIFICATE REQUEST")) return "is a certificate request";
  if (block->label == "X509 CRL") return "is a list of revoked certificates";
  if (block->label == "PKCS7") return "is a PKCS#7 file";
  return {};
}

}  // namespace pki::crypto
