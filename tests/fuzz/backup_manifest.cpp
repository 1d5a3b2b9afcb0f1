// SPDX-License-Identifier: Apache-2.0
// The manifest of a backup. Promises: a typed error or its entries; nothing is read that could not have been written;
// names stay inside their directory.

#include "disk/backup_manifest.hpp"

#include <fmt/format.h>

#include "base/digest.hpp"
#include "properties.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

using pki::disk::BackupEntry;

void check_entry(const BackupEntry& entry) {
  require(entry.root == "pki" || entry.root == "etcd" || entry.root == "kubeconfig", "a root is one of three");
  require(!entry.name.empty() && entry.name.find('/') == std::string::npos && entry.name != "." && entry.name != "..",
          "a name is one component");
  require(entry.name.find('\0') == std::string::npos && !entry.name.starts_with(".pkigen"), "a name is not ours");
  require(entry.existed == pki::base::is_sha256_hex(entry.digest), "what existed has a digest");
  require(entry.mode <= 07777, "a mode has four digits");
}

/// The writer takes contents and makes digests of them; so the contents here are the digests, and theirs are compared.
std::string text_of(const std::vector<BackupEntry>& entries, std::vector<pki::SecretString>& contents) {
  for (const auto& entry : entries)
    contents.emplace_back(entry.digest);
  std::vector<pki::disk::Original> originals;
  for (std::size_t i = 0; i < entries.size(); ++i)
    originals.push_back({entries[i].root, entries[i].name, entries[i].existed, entries[i].mode, entries[i].uid,
                         entries[i].gid, entries[i].existed ? &contents[i] : nullptr});
  return pki::disk::to_manifest(originals);
}

}  // namespace

void backup_manifest(std::string_view input) {
  const auto entries = value_of([&] { return pki::disk::parse_backup_manifest(input, "manifest"); });
  if (!entries) return;
  for (const auto& entry : *entries)
    check_entry(entry);
  std::vector<pki::SecretString> contents;
  contents.reserve(entries->size());
  const auto written = text_of(*entries, contents);
  require(written.size() == input.size(), "what is read could have been written");
  auto again = pki::disk::parse_backup_manifest(written, "written");
  require(again.size() == entries->size(), "what is written can be read");
  for (std::size_t i = 0; i < again.size(); ++i) {
    if (again[i].existed)
      require(again[i].digest == pki::base::sha256_hex(contents[i]), "the digest is of the content");
    require(again[i].name == (*entries)[i].name && again[i].root == (*entries)[i].root &&
                again[i].mode == (*entries)[i].mode && again[i].uid == (*entries)[i].uid &&
                again[i].gid == (*entries)[i].gid && again[i].existed == (*entries)[i].existed,
            "what is written reads the same");
  }
}

}  // namespace fuzz
