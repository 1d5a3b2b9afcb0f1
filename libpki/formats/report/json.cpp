// SPDX-License-Identifier: Apache-2.0
#include "formats/report/json.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/calendar.hpp"
#include "base/digest.hpp"
#include "base/utf8.hpp"

namespace pki::formats {

namespace {

const char* name_of(GeneralName::Kind kind) {
  switch (kind) {
    case GeneralName::Kind::dns:
      return "DNS";
    case GeneralName::Kind::ip:
      return "IP";
    case GeneralName::Kind::email:
      return "email";
    case GeneralName::Kind::uri:
      return "URI";
    case GeneralName::Kind::other:
      break;
  }
  return "other";
}

template <class T>
Json list_of(const std::vector<T>& values) {
  auto list = Json::array();
  for (const auto& value : values)
    list.push_back(json_of(value));
  return list;
}

}  // namespace

std::string dump(const Json& value, int indent) {
  const auto text = value.dump(indent, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  for (std::string_view rest = text; !rest.empty();) {
    const auto plain = std::min(rest.find_first_of("\x7f\xc2"), rest.size());
    out.append(rest.substr(0, plain));
    rest.remove_prefix(plain);
    auto octets = rest;
    const auto c = base::next_character(rest);
    if (!c) break;  // the end: what dump returns is UTF-8
    octets.remove_suffix(rest.size());
    if (base::is_control(*c))
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(*c));
    else
      out.append(octets);
  }
  return out;
}

std::string to_text(const Json& value) { return dump(value, 2) + "\n"; }

Json new_object() {
  constexpr std::size_t most_members = 32;
  auto object = Json::object();
  object.get_ref<Json::object_t&>().reserve(most_members);
  return object;
}

Json json_object(const char* kind) {
  auto object = new_object();
  object["kind"] = kind;
  object["apiVersion"] = api_version;
  return object;
}

Json json_of(const Finding& finding) {
  return {{"code", std::string(to_string(finding.rule))},
          {"severity", std::string(to_string(finding.severity))},
          {"subject", finding.subject},
          {"message", finding.message},
          {"hint", to_text(finding.remedy)}};
}

Json json_of(const std::vector<Finding>& findings) { return list_of(findings); }

Json json_of(const GeneralName& name) {
  // Filled member by member: an initializer list copies each of its values, and a certificate may hold thousands.
  auto json = Json::object();
  json["type"] = name_of(name.kind);
  json["value"] = name.kind == GeneralName::Kind::other ? base::to_hex(name.value) : name.value;
  return json;
}

Json json_of(const std::vector<GeneralName>& names) { return list_of(names); }

Json json_of(std::chrono::sys_seconds time) { return base::rfc3339(time); }

}  // namespace pki::formats
