#include "crypto/asn1/name.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <pki/error.hpp>

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

/// escaped writes a value as RFC 4514 2.4 asks; a control character becomes a backslash and two digits.
std::string escaped(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const auto octet = static_cast<unsigned char>(c);
    const bool last = i + 1 == value.size();
    // C1 control characters are 0xc2 and one octet below 0xa0: a terminal must not get them either.
    const bool c1 = octet == 0xc2 && !last && static_cast<unsigned char>(value[i + 1]) < 0xa0;
    const bool after_c1 = octet < 0xa0 && octet >= 0x80 && i != 0 && static_cast<unsigned char>(value[i - 1]) == 0xc2;
    if (octet < 0x20 || octet == 0x7f || c1 || after_c1) {
      out += fmt::format("\\{:02X}", octet);
      continue;
    }
    const bool edge = (i == 0 && (c == ' ' || c == '#')) || (last && c == ' ');
    if (edge || std::string_view(",+\"\\<>;=").find(c) != std::string_view::npos) out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

bool is_printable_string(std::string_view text) {
  constexpr std::string_view legal = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?";
  return text.find_first_not_of(legal) == std::string_view::npos;
}

std::string write_attribute(std::string_view type, std::string_view what, std::string_view text) {
  if (!is_plain_text(text))
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
