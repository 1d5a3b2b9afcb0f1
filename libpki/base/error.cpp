// SPDX-License-Identifier: Apache-2.0
#include <pki/error.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/utf8.hpp"

namespace pki::inline PKI_ABI {

namespace {

unsigned char octet(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

void append_escaped(std::string& out, std::string_view octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < octets.size(); ++i) {
    out.append("\\x").push_back(digits[octet(octets, i) >> 4U]);
    out.push_back(digits[octet(octets, i) & 0xfU]);
  }
}

/// Returns the first `most` bytes, or a few less, so that no UTF-8 character is cut in half.
std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most != 0 && (octet(text, most) & 0xc0U) == 0x80U)
    --most;
  return text.substr(0, most);
}

Rule rule_of(Errc code) {
  switch (code) {
    case Errc::invalid_config:
      return Rule::invalid_value;
    case Errc::unknown_name:
      return Rule::unknown_name;
    case Errc::not_found:
      return Rule::not_found;
    case Errc::malformed:
      return Rule::malformed;
    case Errc::mismatch:
      return Rule::mismatch;
    case Errc::ca_key_missing:
      return Rule::ca_key_missing;
    case Errc::locked:
      return Rule::locked;
    case Errc::io:
      return Rule::io;
    case Errc::crypto:
      return Rule::crypto;
    case Errc::cancelled:
      return Rule::cancelled;
    case Errc::api:
      return Rule::api;
  }
  return Rule::unexpected;
}

std::string text_of(const Finding& finding) {
  const auto message = to_plain(finding.message);
  return finding.subject.empty() ? message : to_plain(finding.subject) + ": " + message;
}

}  // namespace

std::string to_plain(std::string_view text, std::size_t most) {
  const auto shown = cut(text, most);
  std::string out;
  out.reserve(shown.size());
  for (auto rest = shown; !rest.empty();) {
    auto octets = rest;
    const auto c = base::next_character(rest);
    if (!c) rest.remove_prefix(1);
    octets.remove_suffix(rest.size());
    if (!c || base::is_control(*c)) {
      append_escaped(out, octets);
    } else {
      out.append(octets);
    }
  }
  return shown.size() == text.size() ? out : out + "...";
}

void make_plain(Finding& finding) {
  for (auto* text : {&finding.subject, &finding.message, &finding.row, &finding.remedy.text})
    *text = to_plain(*text);
  for (auto& row : finding.remedy.rows)
    row = to_plain(row);
}

void make_plain(std::vector<Finding>& findings) {
  for (auto& finding : findings)
    make_plain(finding);
}

bool has_errors(std::span<const Finding> findings) noexcept {
  return std::ranges::find(findings, Severity::error, &Finding::severity) != findings.end();
}

Error::Error(Errc code, std::string_view subject, std::string_view message, Remedy remedy)
    : Error(
          code,
          Finding{rule_of(code), Severity::error, std::string(subject), std::string(message), {}, std::move(remedy)}) {}

Error::Error(Errc code, Finding finding)
    : std::runtime_error(text_of(finding)), code_(code), finding_(std::move(finding)) {
  make_plain(finding_);
}

Error::Error(Errc code, std::vector<Finding> findings) : Error(code, findings.front()) {
  further_.assign(std::make_move_iterator(findings.begin() + 1), std::make_move_iterator(findings.end()));
  make_plain(further_);
}

Error::~Error() = default;

}  // namespace pki::inline PKI_ABI
