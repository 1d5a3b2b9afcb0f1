#include "model/refusals.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include <fmt/format.h>

#include "base/words.hpp"

namespace pki::model {

namespace {

bool is_server(Profile profile) { return profile == Profile::server || profile == Profile::peer; }

// A root is trusted for its key; nobody verifies its signature.
bool has_weak_signature(const Certificate& certificate) {
  const auto algorithm = base::lower_case(certificate.signature_algorithm);
  return !certificate.self_signed &&
         (algorithm.find("sha1") != std::string::npos || algorithm.find("md5") != std::string::npos);
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Returns the text of a DNS name; empty for other names. One that is not ASCII is read as the raw DER of a name.
std::string_view dns_name(const GeneralName& name) {
  constexpr char dns_tag = '\x82';
  const std::string_view value = name.value;
  if (name.kind == GeneralName::Kind::dns) return value;
  if (name.kind != GeneralName::Kind::other || value.size() < 2 || value.front() != dns_tag) return {};
  const auto length = static_cast<unsigned char>(value[1]);
  const std::size_t more = (length & 0x80U) == 0 ? 0 : length & 0x7fU;
  return value.substr(std::min(2 + more, value.size()));
}

// One name is enough: a certificate may have thousands.
void check_names(const Certificate& certificate, std::vector<Refusal>& found) {
  const auto refused = std::ranges::find_if(certificate.sans, [](const GeneralName& name) {
    const auto text = dns_name(name);
    return text.ends_with('.') || !is_ascii(text);
  });
  if (refused == certificate.sans.end()) return;
  const auto text = dns_name(*refused);
  const auto* why = text.ends_with('.') ? "ends with a dot, which Go refuses since 1.25.2"
                                        : "is not ASCII (RFC 5280 4.2.1.6), which Go refuses";
  found.push_back({Rule::name_refused, fmt::format("the name \"{}\" {}", to_plain(text), why), false});
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
                     fmt::format("signed with {}, which Go refuses since 1.18, Kubernetes since 1.24",
                                 certificate.signature_algorithm),
                     true});
  if (is_server(profile) && certificate.sans.empty())
    found.push_back({Rule::server_without_names,
                     "no subject alternative names; Go ignores the common name since 1.15, Kubernetes since 1.19",
                     false});
  check_names(certificate, found);
  return found;
}

bool is_refusal(Rule rule) noexcept {
  constexpr std::array rules{Rule::serial_negative, Rule::signature_weak, Rule::server_without_names,
                             Rule::name_refused};
  return std::ranges::find(rules, rule) != rules.end();
}

}  // namespace pki::model
