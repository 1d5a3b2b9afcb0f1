// SPDX-License-Identifier: Apache-2.0
#include "disk/journal_manifest.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/digest.hpp"

namespace pki::disk {

namespace {

constexpr std::string_view header = "pkigen-transaction 1";
constexpr std::string_view id_mark = "id ";

/// Lines splits a text; each line, also the last one, ends with a line feed.
class Lines {
 public:
  Lines(std::string_view text, const std::string& subject) : rest_(text), subject_(subject) {}

  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }

  std::string_view next() {
    const auto end = rest_.find('\n');
    if (end == std::string_view::npos) throw damaged(subject_, "it is truncated");
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }

 private:
  std::string_view rest_;
  const std::string& subject_;
};

JournalEntry parse_entry(std::string_view line, const std::string& subject) {
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) throw damaged(subject, "a line is incomplete");
  const auto sha = [&](std::string_view word) {
    if (word != "-" && !base::is_sha256_hex(word)) throw damaged(subject, "a digest is invalid");
    return word == "-" ? std::string() : std::string(word);
  };
  JournalEntry entry{std::string(line.substr(second + 1)), sha(line.substr(0, first)),
                     sha(line.substr(first + 1, second - first - 1))};
  if (!valid_name(entry.name)) throw damaged(subject, "a name is invalid");
  return entry;
}

std::string_view or_none(const std::string& digest) { return digest.empty() ? "-" : std::string_view(digest); }

}  // namespace

Error damaged(const std::string& subject, std::string_view what) {
  return {Errc::malformed, subject, fmt::format("the journal of an interrupted write is damaged: {}", what),
          "look at the files in it, put good copies in place of the links beside it, and remove it"};
}

bool valid_name(std::string_view name) noexcept {
  const bool odd = std::any_of(name.begin(), name.end(),
                               [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '/' || c == '\x7f'; });
  return !odd && !name.empty() && name.size() <= 255 && name != "." && name != ".." && !name.starts_with(".pkigen");
}

std::string to_line(const JournalEntry& entry) {
  return fmt::format("{} {} {}\n", or_none(entry.old_sha256), or_none(entry.new_sha256), entry.name);
}

std::string to_manifest(const JournalManifest& manifest) {
  std::string text = fmt::format("{}\n{}{}\n", header, id_mark, manifest.id);
  for (const auto& entry : manifest.entries)
    text += to_line(entry);
  return text + "end\n";
}

JournalManifest parse_journal_manifest(std::string_view text, const std::string& subject) {
  Lines lines(text, subject);
  if (lines.next() != header) throw damaged(subject, "unknown version");
  const auto id = lines.next();
  if (!id.starts_with(id_mark) || !base::is_sha256_hex(id.substr(id_mark.size()))) throw damaged(subject, "no id");
  JournalManifest manifest{std::string(id.substr(id_mark.size())), {}};
  std::set<std::string> names;
  for (auto line = lines.next(); line != "end"; line = lines.next()) {
    manifest.entries.push_back(parse_entry(line, subject));
    if (!names.insert(manifest.entries.back().name).second) throw damaged(subject, "a name is duplicate");
  }
  if (!lines.done()) throw damaged(subject, "something follows the end");
  return manifest;
}

}  // namespace pki::disk
