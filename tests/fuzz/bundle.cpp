// SPDX-License-Identifier: Apache-2.0
// Documents of requests and certificates. Promises: a typed error or items; the digest is that of the items; no name is
// there twice.

#include <optional>
#include <set>

#include "formats/report/request_json.hpp"
#include "properties.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

std::optional<pki::formats::BundleText> parse(std::string_view input, const char* kind) try {
  return pki::formats::parse_bundle(input, kind, "input");
} catch (const pki::Error& error) {
  require(error.code() == pki::Errc::malformed || error.code() == pki::Errc::mismatch,
          "an error has one of the codes that are promised");
  require_plain(error.what(), "error");
  require_plain(error.finding());
  return std::nullopt;
}

}  // namespace

void bundle(std::string_view input) {
  for (const auto* kind : {"RequestBundle", "CertificateBundle"}) {
    const auto parsed = parse(input, kind);
    if (!parsed) continue;
    require(input.find(parsed->digest) != std::string_view::npos, "the digest is in the document");
    std::set<std::string> names;
    for (const auto& item : parsed->items)
      require(item.row.empty() || names.insert(item.row).second, "no name is there twice");
  }
}

}  // namespace fuzz
