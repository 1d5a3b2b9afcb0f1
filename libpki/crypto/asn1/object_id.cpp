// SPDX-License-Identifier: Apache-2.0
#include "crypto/asn1/object_id.hpp"

#include <array>
#include <span>

#include <fmt/format.h>
#include <openssl/objects.h>

#include <pki/error.hpp>

#include "base/usages.hpp"
#include "base/words.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/openssl.hpp"

namespace pki::crypto {

namespace {

struct Usage {
  std::string_view name;
  std::string_view oid;
};

constexpr std::array usages{
    Usage{base::server_auth, {"\x2b\x06\x01\x05\x05\x07\x03\x01", 8}},
    Usage{base::client_auth, {"\x2b\x06\x01\x05\x05\x07\x03\x02", 8}},
    Usage{"codeSigning", {"\x2b\x06\x01\x05\x05\x07\x03\x03", 8}},
    Usage{"emailProtection", {"\x2b\x06\x01\x05\x05\x07\x03\x04", 8}},
    Usage{"timeStamping", {"\x2b\x06\x01\x05\x05\x07\x03\x08", 8}},
    Usage{"OCSPSigning", {"\x2b\x06\x01\x05\x05\x07\x03\x09", 8}},
    Usage{"anyExtendedKeyUsage", {"\x55\x1d\x25\x00", 4}},
};

/// Far longer than any in use. OpenSSL's time to write one in decimal grows with the square of its length.
constexpr std::size_t longest_object_id = 128;

Handle<ASN1_OBJECT> to_object(std::string_view oid) {
  if (oid.size() > longest_object_id) return {};
  const auto whole = der::write(der::object_id, {oid});
  const auto* data = bytes_of(whole);
  return Handle<ASN1_OBJECT>(d2i_ASN1_OBJECT(nullptr, &data, static_cast<long>(whole.size())));
}

using NameOf = const char*(int);

std::string name_of(std::string_view oid, NameOf* name) {
  const auto object = to_object(oid);
  const int nid = object ? OBJ_obj2nid(object.get()) : NID_undef;
  return nid == NID_undef ? dotted(oid) : name(nid);
}

}  // namespace

std::string dotted(std::string_view oid) {
  const auto object = to_object(oid);
  if (!object) return "invalid object identifier";
  constexpr int numbers_only = 1;
  const int length = OBJ_obj2txt(nullptr, 0, object.get(), numbers_only);
  std::string text(static_cast<std::size_t>(length < 0 ? 0 : length) + 1, '\0');
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object.get(), numbers_only);
  text.pop_back();
  return text;
}

std::string short_name_of(std::string_view oid) { return name_of(oid, OBJ_nid2sn); }

std::string long_name_of(std::string_view oid) { return name_of(oid, OBJ_nid2ln); }

std::string parse_dotted(std::string_view text) {
  if (text.find_first_not_of("0123456789.") != std::string_view::npos) return {};
  constexpr int numbers_only = 1;
  const Handle<ASN1_OBJECT> object(OBJ_txt2obj(std::string(text).c_str(), numbers_only));
  if (!object) return {};
  return {reinterpret_cast<const char*>(OBJ_get0_data(object.get())), OBJ_length(object.get())};
}

std::string usage_name(std::string_view oid) {
  for (const auto& usage : std::span(usages).first(2))
    if (usage.oid == oid) return std::string(usage.name);
  return dotted(oid);
}

std::string parse_usage(const std::string& name) {
  for (const auto& usage : usages)
    if (usage.name == name) return std::string(usage.oid);
  auto oid = parse_dotted(name);
  if (oid.empty())
    throw Error(Errc::invalid_config, "extended key usage",
                fmt::format("{} is no known usage, expected serverAuth, clientAuth or a dotted object identifier",
                            base::shown_value(name)));
  return oid;
}

}  // namespace pki::crypto
