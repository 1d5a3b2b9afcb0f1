// SPDX-License-Identifier: Apache-2.0
#include "crypto/asn1/name.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/utf8.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/asn1/object_id.hpp"
#include "crypto/asn1/string_types.hpp"

namespace pki::crypto {

namespace {

constexpr std::string_view common_name_oid{"\x55\x04\x03", 3};
constexpr std::string_view organization_oid{"\x55\x04\x0a", 3};

struct Attribute {
  std::string_view type;
  der::Value value;
};

Attribute read_attribute(der::Reader& rdn) {
  auto body = rdn.enter(der::sequence, "attribute of the name");
  const Attribute attribute{body.take(der::object_id, "attribute type"), body.next()};
  body.finish("attribute of the name");
  return attribute;
}

std::string type_text(std::string_view type) {
  if (type == common_name_oid) return "CN";
  if (type == organization_oid) return "O";
  return short_name_of(type);
}

/// Returns a value as RFC 4514 2.4 asks. The octets of a control character become a backslash and two digits each.
std::string escaped(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (auto rest = value; !rest.empty();) {
    auto octets = rest;
    const auto c = base::next_character(rest);
    if (!c) rest.remove_prefix(1);
    octets.remove_suffix(rest.size());
    if (c && base::is_control(*c)) {
      for (const char octet : octets)
        out += fmt::format("\\{:02X}", static_cast<unsigned char>(octet));
      continue;
    }
    const bool first = octets.data() == value.data();
    const bool edge = (first && (c == U' ' || c == U'#')) || (rest.empty() && c == U' ');
    if (edge || std::string_view(",+\"\\<>;=").find(octets.front()) != std::string_view::npos) out.push_back('\\');
    out.append(octets);
  }
  return out;
}

bool is_printable_string(std::string_view text) {
  constexpr std::string_view legal = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?";
  return text.find_first_not_of(legal) == std::string_view::npos;
}

std::string write_attribute(std::string_view type, std::string_view what, std::string_view text) {
  if (!base::is_plain_text(text))
    throw Error(Errc::invalid_config, {}, fmt::format("the {} is not UTF-8 text without control characters", what));
  const auto tag = is_printable_string(text) ? der::printable_string : der::utf8_string;
  return der::write(der::sequence, {der::write(der::object_id, {type}), der::write(tag, {text})});
}

}  // namespace

NameFacts describe_name(std::string_view octets) {
  NameFacts facts;
  bool has_common_name = false;
  std::vector<std::string> rdns;
  der::Reader outer(octets);
  auto name = outer.enter(der::sequence, "name");
  outer.finish("name");
  while (!name.done()) {
    auto rdn = name.enter(der::set, "relative name");
    std::string text;
    while (!rdn.done()) {
      const auto [type, value] = read_attribute(rdn);
      auto utf8 = to_utf8(value.tag, value.content);
      text += fmt::format("{}{}={}", text.empty() ? "" : "+", type_text(type), escaped(utf8));
      if (type == organization_oid)
        facts.organizations.push_back(std::move(utf8));
      else if (type == common_name_oid && !std::exchange(has_common_name, true))
        facts.common_name = std::move(utf8);
    }
    rdns.push_back(std::move(text));
  }
  for (auto rdn = rdns.rbegin(); rdn != rdns.rend(); ++rdn)  // RFC 4514 2.1: last one first
    facts.text.append(rdn == rdns.rbegin() ? "" : ",").append(*rdn);
  return facts;
}

std::string to_subject_der(std::string_view common_name, const std::vector<std::string>& organizations) {
  std::vector<std::string> attributes;
  for (const auto& organization : organizations)
    if (!organization.empty()) attributes.push_back(write_attribute(organization_oid, "organization", organization));
  std::sort(attributes.begin(), attributes.end(), [](std::string_view a, std::string_view b) { return a < b; });
  attributes.erase(std::unique(attributes.begin(), attributes.end()), attributes.end());
  std::string content;
  for (const auto& attribute : attributes)
    content += attribute;
  if (!content.empty()) content = der::write(der::set, {content});
  if (!common_name.empty())
    content += der::write(der::set, {write_attribute(common_name_oid, "common name", common_name)});
  return der::write(der::sequence, {content});
}

}  // namespace pki::crypto
