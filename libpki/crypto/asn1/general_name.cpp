// SPDX-License-Identifier: Apache-2.0
#include "crypto/asn1/general_name.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/address.hpp"
#include "base/utf8.hpp"
#include "base/words.hpp"
#include "crypto/asn1/der.hpp"

namespace pki::crypto {

namespace {

using Kind = GeneralName::Kind;

constexpr auto email_tag = der::context(1);
constexpr auto dns_tag = der::context(2);
constexpr auto uri_tag = der::context(6);
constexpr auto address_tag = der::context(7);

/// Accepts visible ASCII and blanks only: these types hold nothing else in practice, and nothing else is safe to
/// display.
bool is_ia5_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

GeneralName text_name(Kind kind, const der::Value& value) {
  if (!is_ia5_name(value.content)) return {Kind::other, std::string(value.whole)};
  return {kind, std::string(value.content)};
}

GeneralName describe(const der::Value& value) {
  switch (value.tag) {
    case dns_tag:
      return text_name(Kind::dns, value);
    case email_tag:
      return text_name(Kind::email, value);
    case uri_tag:
      return text_name(Kind::uri, value);
    case address_tag:
      if (const auto address = base::ip_from_octets(value.content)) return {Kind::ip, base::to_text(*address)};
      break;
    default:
      break;
  }
  return {Kind::other, std::string(value.whole)};
}

[[noreturn]] void refuse(std::string_view what, std::string_view text) {
  throw Error(Errc::invalid_config, "subject alternative name",
              fmt::format("{} is not {}", base::shown_value(text), what));
}

std::string write_text(unsigned char tag, std::string_view what, std::string_view text) {
  if (!is_ia5_name(text)) refuse(what, text);
  return der::write(tag, {text});
}

std::string write_address(std::string_view text) {
  const auto address = base::parse_ip(text);
  if (!address) refuse("an IP address", text);
  return der::write(address_tag, {base::to_octets(*address)});
}

bool is_general_name(std::string_view octets) {
  try {
    der::Reader reader(octets);
    const auto tag = reader.next().tag;
    return reader.done() && (tag & 0xc0U) == 0x80U && (tag & 0x1fU) <= 8;
  } catch (const der::Malformed&) {
    return false;
  }
}

std::string write_name(const GeneralName& name) {
  switch (name.kind) {
    case Kind::dns:
      return write_text(dns_tag, "a DNS name", name.value);
    case Kind::email:
      return write_text(email_tag, "an email address", name.value);
    case Kind::uri:
      return write_text(uri_tag, "a URI", name.value);
    case Kind::ip:
      return write_address(name.value);
    case Kind::other:
      break;
  }
  if (!is_general_name(name.value)) refuse("a DER GeneralName", name.value);
  return name.value;
}

}  // namespace

std::vector<GeneralName> describe_general_names(std::string_view octets) {
  std::vector<GeneralName> names;
  der::Reader outer(octets);
  auto body = outer.enter(der::sequence, "subject alternative names");
  outer.finish("subject alternative names");
  while (!body.done())
    names.push_back(describe(body.next()));
  return names;
}

std::string write_general_names(const std::vector<GeneralName>& names) {
  std::string content;
  for (const auto& name : names)
    content += write_name(name);
  return der::write(der::sequence, {content});
}

}  // namespace pki::crypto
