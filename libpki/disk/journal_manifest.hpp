#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pki/error.hpp>

// Inside this room only: the text of a transaction's manifest.

namespace pki::disk {

/// JournalEntry is a line of the manifest: digests, empty where there is no such file.
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

/// valid_name says whether a text may be the name of a file in a root: one component, printable, not ours.
[[nodiscard]] bool valid_name(std::string_view name) noexcept;

/// to_line writes one entry: both digests ("-" where there is no such file), the name, a line feed.
[[nodiscard]] std::string to_line(const JournalEntry& entry);
/// to_manifest writes a first line with the version, the id, a line an entry, and "end".
[[nodiscard]] std::string to_manifest(const JournalManifest& manifest);

/// parse_journal_manifest reads that, and nothing that differs from it in any way: names are single components, none
/// comes twice, the end is there. Throws Error(malformed) with `subject`.
[[nodiscard]] JournalManifest parse_journal_manifest(std::string_view text, const std::string& subject);

/// damaged is the error for a journal that is not as it was left; `what` names the fault.
[[nodiscard]] Error damaged(const std::string& subject, std::string_view what);

}  // namespace pki::disk
