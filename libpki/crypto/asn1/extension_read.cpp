// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

#include "base/digest.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/asn1/extension.hpp"
#include "crypto/asn1/general_name.hpp"
#include "crypto/asn1/object_id.hpp"

namespace pki::crypto {

namespace {

using namespace std::string_view_literals;

bool read_boolean(der::Reader& reader, const char* what) {
  if (!reader.at(der::boolean)) return false;
  const auto content = reader.take(der::boolean, what);
  if (content.size() != 1) throw der::Malformed("a BOOLEAN that is not one octet");
  return content != "\0"sv;
}

/// Returns the largest number for one that is larger: no chain is so long. A negative one is OpenSSL's to refuse.
std::optional<int> to_path_length(std::string_view octets) {
  constexpr std::size_t most = 3;
  if (octets.empty() || static_cast<unsigned char>(octets.front()) > 0x7fU) return std::nullopt;
  if (octets.size() > most) return std::numeric_limits<int>::max();
  int value = 0;
  for (const char octet : octets)
    value = value * 256 + static_cast<unsigned char>(octet);
  return value;
}

void read_basic_constraints(der::Reader value, Certificate& facts) {
  auto body = value.enter(der::sequence, "basic constraints");
  facts.is_ca = read_boolean(body, "CA flag");
  if (body.at(der::integer)) facts.path_length = to_path_length(body.take(der::integer, "path length"));
}

void read_extended_key_usages(der::Reader value, Certificate& facts) {
  auto body = value.enter(der::sequence, "extended key usage");
  while (!body.done())
    facts.extended_key_usages.push_back(usage_name(body.take(der::object_id, "key purpose")));
}

void read_authority_key_id(der::Reader value, Certificate& facts) {
  auto body = value.enter(der::sequence, "authority key identifier");
  if (body.at(der::context(0))) facts.authority_key_id = base::to_hex(body.take(der::context(0), "key identifier"));
}

/// Returns whether keyUsage has keyCertSign: bit 5, counted from the highest bit of the first octet. The octet before
/// it is the number of unused bits in the last one, which are ignored.
bool allows_signing(der::Reader value) {
  const auto content = value.take(der::bit_string, "key usage");
  if (content.size() < 2) return false;
  const bool unused = content.size() == 2 && static_cast<unsigned char>(content[0]) > 2;
  return !unused && (static_cast<unsigned char>(content[1]) & 0x04U) != 0;
}

struct Extension {
  std::string_view id;
  bool critical;
  std::string_view value;
};

Extension next_extension(der::Reader& list) {
  auto body = list.enter(der::sequence, "extension");
  const auto id = body.take(der::object_id, "extension identifier");
  const bool critical = read_boolean(body, "critical flag");
  const auto value = body.take(der::octet_string, "extension value");
  body.finish("extension");
  return {id, critical, value};
}

}  // namespace

void read_extensions(std::string_view octets, Certificate& facts) {
  std::set<std::string_view> seen;
  bool may_sign = true;  // without keyUsage every use is allowed
  der::Reader outer(octets);
  auto list = outer.enter(der::sequence, "extensions");
  outer.finish("extensions");
  while (!list.done()) {
    const auto [id, critical, value] = next_extension(list);
    if (!seen.insert(id).second) throw der::Malformed("an extension stands there twice");
    der::Reader reader(value);
    if (id == basic_constraints_oid) read_basic_constraints(reader, facts);
    if (id == key_usage_oid) may_sign = allows_signing(reader);
    if (id == extended_key_usage_oid) read_extended_key_usages(reader, facts);
    if (id == subject_key_id_oid) {
      facts.subject_key_id = base::to_hex(reader.take(der::octet_string, "key identifier"));
      facts.subject_key_id_critical = critical;
    }
    if (id == authority_key_id_oid) {
      read_authority_key_id(reader, facts);
      facts.authority_key_id_critical = critical;
    }
    if (id == subject_alt_name_oid) facts.sans = describe_general_names(value);
  }
  facts.can_sign = facts.is_ca && may_sign;
}

bool has_other_critical(std::string_view octets) {
  constexpr std::array known{key_usage_oid,      extended_key_usage_oid, basic_constraints_oid,
                             subject_key_id_oid, authority_key_id_oid,   subject_alt_name_oid};
  der::Reader outer(octets);
  auto list = outer.enter(der::sequence, "extensions");
  while (!list.done()) {
    const auto extension = next_extension(list);
    if (extension.critical && std::ranges::find(known, extension.id) == known.end()) return true;
  }
  return false;
}

}  // namespace pki::crypto
