// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pki/error.hpp>

// Internal to this room: the text of a transaction's manifest.

namespace pki::disk {

/// JournalEntry is a line of the manifest; the digest of a file that does not exist is empty.
struct JournalEntry {
  std::string name;
  std::string old_sha256;
  std::string new_sha256;

  friend bool operator==(const JournalEntry&, const JournalEntry&) = default;
};

struct JournalManifest {
  std::string id;
  std::vector<JournalEntry> entries;
};

/// Returns whether a text may be the name of a file in a root: one printable component that is not reserved for us.
[[nodiscard]] bool valid_name(std::string_view name) noexcept;

/// Returns one line: both digests ("-" for a file that does not exist), the name, a line feed.
[[nodiscard]] std::string to_line(const JournalEntry& entry);
/// Returns a first line with the version, the id, one line per entry, and "end".
[[nodiscard]] std::string to_manifest(const JournalManifest& manifest);

/// Parses exactly what to_manifest writes: names are single components without duplicates, the end is there. Throws
/// Error(malformed) with `subject`.
[[nodiscard]] JournalManifest parse_journal_manifest(std::string_view text, const std::string& subject);

/// Returns the error for a journal that was changed by somebody else; `what` is the fault.
[[nodiscard]] Error damaged(const std::string& subject, std::string_view what);

}  // namespace pki::disk
