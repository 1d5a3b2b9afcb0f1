// SPDX-License-Identifier: Apache-2.0
// The manifest of a transaction's journal. Promises: a typed error or the entries; the text is the only one for them;
// names stay inside their directory.

#include "disk/journal_manifest.hpp"

#include "base/digest.hpp"
#include "properties.hpp"
#include "targets.hpp"

namespace fuzz {

void journal(std::string_view input) {
  const auto manifest = value_of([&] { return pki::disk::parse_journal_manifest(input, "manifest"); });
  if (!manifest) return;
  require(pki::base::is_sha256_hex(manifest->id), "an id is a digest");
  for (const auto& entry : manifest->entries) {
    require(pki::disk::valid_name(entry.name) && entry.name.find('/') == std::string::npos, "a name is one component");
    require(entry.old_sha256.empty() || pki::base::is_sha256_hex(entry.old_sha256), "a digest is one or none");
    require(entry.new_sha256.empty() || pki::base::is_sha256_hex(entry.new_sha256), "a digest is one or none");
  }
  require(pki::disk::to_manifest(*manifest) == input, "only what was written is read");
}

}  // namespace fuzz
