// SPDX-License-Identifier: Apache-2.0
#include "model/refusals.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/words.hpp"

namespace pki::model {

namespace {

bool is_server(Profile profile) { return profile == Profile::server || profile == Profile::peer; }

bool is_signed_with(const Certificate& certificate, std::string_view digest) {
  return base::lower_case(certificate.signature_algorithm).find(digest) != std::string::npos;
}

// A root is trusted for its key; nobody verifies its signature.
bool has_weak_signature(const Certificate& certificate) {
  return !certificate.self_signed && (is_signed_with(certificate, "sha1") || is_signed_with(certificate, "md5"));
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Returns the content octets of a DER value, which begins with a tag of one octet.
std::string_view content_of(std::string_view der) {
  if (der.size() < 2) return {};
  const auto length = static_cast<unsigned char>(der[1]);
  const std::size_t more = length < 0x80 ? 0 : length & 0x7fU;
  return der.substr(std::min(2 + more, der.size()));
}

/// Returns why Go refuses a name, in words that follow it; empty if it does not.
std::string_view fault_of(const GeneralName& name) {
  using Kind = GeneralName::Kind;
  if (name.kind == Kind::dns && name.value.ends_with('.'))
    return "ends with a dot: Go does not match it since 1.15, and Go 1.25.2 refuses the certificate";
  constexpr auto not_ascii = "is not ASCII (RFC 5280 4.2.1.6), which Go refuses since 1.16, Kubernetes since 1.21";
  if (name.kind == Kind::dns && !is_ascii(name.value)) return not_ascii;
  if (name.kind != Kind::other || name.value.empty()) return {};
  // A name that is no text of its kind is kept as it was found.
  constexpr std::string_view texts = "\x81\x82\x86";  // email, dns, uri
  if (texts.find(name.value[0]) != std::string_view::npos && !is_ascii(content_of(name.value)))
    return name.value[0] == texts.back() ? "is not ASCII (RFC 5280 4.2.1.6), which Go refuses" : not_ascii;
  if (name.value[0] == '\x87') return "is an IP address of neither 4 nor 16 octets, which Go refuses";
  return {};
}

// One name is enough: a certificate may have thousands.
void check_names(const Certificate& certificate, std::vector<Refusal>& found) {
  for (const auto& name : certificate.sans) {
    const auto fault = fault_of(name);
    if (fault.empty()) continue;
    const auto shown = name.kind == GeneralName::Kind::other ? content_of(name.value) : std::string_view(name.value);
    found.push_back({Rule::name_refused, fmt::format("the name \"{}\" {}", to_plain(shown), fault), false});
    return;
  }
}

void check_key_ids(const Certificate& certificate, std::vector<Refusal>& found) {
  for (const auto& [critical, name] : {std::pair{certificate.subject_key_id_critical, "subject"},
                                       std::pair{certificate.authority_key_id_critical, "authority"}})
    if (critical)
      found.push_back(
          {Rule::key_identifier_critical,
           fmt::format("the {} key identifier is marked critical, which Go refuses since 1.23, Kubernetes since 1.32",
                       name),
           true});
}

}  // namespace

std::vector<Refusal> refusals(const Certificate& certificate, Profile profile) {
  std::vector<Refusal> found;
  if (certificate.serial.starts_with('-'))
    found.push_back({Rule::serial_negative,
                     fmt::format("a negative serial number ({}), which Go refuses since 1.23, Kubernetes since 1.32",
                                 certificate.serial),
                     true});
  if (has_weak_signature(certificate))
    found.push_back({Rule::signature_weak,
                     fmt::format("signed with {}, which Go refuses{}", certificate.signature_algorithm,
                                 is_signed_with(certificate, "md5") ? "" : " since 1.18, Kubernetes since 1.24"),
                     true});
  if (is_server(profile) && certificate.sans.empty())
    found.push_back({Rule::server_without_names,
                     "no subject alternative names; Go ignores the common name since 1.15, Kubernetes since 1.19",
                     false});
  check_names(certificate, found);
  check_key_ids(certificate, found);
  return found;
}

bool is_refusal(Rule rule) noexcept {
  constexpr std::array rules{Rule::serial_negative, Rule::signature_weak, Rule::server_without_names,
                             Rule::name_refused, Rule::key_identifier_critical};
  return std::ranges::find(rules, rule) != rules.end();
}

bool is_kept_by_renewal(Rule rule) noexcept {
  return rule == Rule::name_refused || rule == Rule::server_without_names || rule == Rule::values_conflict;
}

}  // namespace pki::model
