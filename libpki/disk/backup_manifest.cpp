// SPDX-License-Identifier: Apache-2.0
#include "disk/backup_manifest.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/base64.hpp"
#include "base/digest.hpp"
#include "disk/journal_manifest.hpp"

namespace pki::disk {

namespace {

constexpr std::string_view header = "pkigen-backup 2";
constexpr std::string_view header_1 = "pkigen-backup 1";
constexpr std::string_view attribute_mark = "attribute ";
constexpr std::size_t most_files = 4096;

bool known_root(std::string_view key) { return key == "pki" || key == "etcd" || key == "kubeconfig"; }

std::optional<unsigned> number(std::string_view text, int base) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Removes and returns the text up to the next space; names may hold spaces and come last.
std::string_view word(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const auto result = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return result;
}

std::string to_line(const BackupEntry& entry) {
  return entry.existed ? fmt::format("{:04o} {} {} {} {}/{}", entry.mode, entry.uid, entry.gid, entry.digest,
                                     entry.root, entry.name)
                       : fmt::format("absent {}/{}", entry.root, entry.name);
}

std::optional<BackupEntry> parse_line(std::string_view line) {
  const auto whole = line;
  BackupEntry entry;
  const auto first = word(line);
  entry.existed = first != "absent";
  if (entry.existed) {
    const auto mode = number(first, 8);
    const auto uid = number(word(line), 10);
    const auto gid = number(word(line), 10);
    entry.digest = word(line);
    if (!mode || *mode > 07777 || !uid || !gid || !base::is_sha256_hex(entry.digest)) return std::nullopt;
    entry.mode = *mode;
    entry.uid = *uid;
    entry.gid = *gid;
  }
  const auto slash = line.find('/');
  if (slash == std::string_view::npos || !known_root(line.substr(0, slash))) return std::nullopt;
  entry.root = line.substr(0, slash);
  entry.name = line.substr(slash + 1);
  // A number can be written in several ways, of which only ours is accepted.
  return valid_name(entry.name) && to_line(entry) == whole ? std::optional(std::move(entry)) : std::nullopt;
}

bool valid_attribute_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 &&
         std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

// An empty value is written as "-", which no base64 is.
std::string to_line(const Attribute& attribute) {
  const auto value = attribute.value.empty() ? std::string("-") : base::to_base64(attribute.value);
  return fmt::format("{}{} {}", attribute_mark, value, attribute.name);
}

std::optional<Attribute> parse_attribute(std::string_view line) {
  const auto whole = line;
  line.remove_prefix(attribute_mark.size());
  const auto text = word(line);
  auto value = text == "-" ? std::string() : base::parse_base64(text);
  if (!value) return std::nullopt;
  Attribute attribute{std::string(line), std::move(*value)};
  const bool good = valid_attribute_name(attribute.name) && to_line(attribute) == whole;
  return good ? std::optional(std::move(attribute)) : std::nullopt;
}

// Attributes follow the line of their file, in order.
bool add_attribute(std::vector<BackupEntry>& entries, std::string_view line) {
  auto attribute = parse_attribute(line);
  if (!attribute || entries.empty() || !entries.back().attributes) return false;
  auto& known = *entries.back().attributes;
  if (!known.empty() && known.back().name >= attribute->name) return false;
  known.push_back(std::move(*attribute));
  return true;
}

std::string describe(const Original& file) {
  if (file.content == nullptr) return to_line(BackupEntry{file.root, file.name, false, 0, 0, 0, {}, {}}) + "\n";
  auto text = to_line(BackupEntry{file.root, file.name, true, file.mode, file.uid, file.gid,
                                  base::sha256_hex(*file.content), file.attributes}) +
              "\n";
  for (const auto& attribute : file.attributes) {
    if (!valid_attribute_name(attribute.name))
      throw Error(Errc::io, file.root + "/" + file.name,
                  "has an extended attribute with control characters in its name", "remove it with setfattr -x");
    text += to_line(attribute) + "\n";
  }
  return text;
}

}  // namespace

std::string to_manifest(const std::vector<Original>& originals) {
  std::string text = fmt::format("{}\n", header);
  for (const auto& file : originals) {
    text += describe(file);
    if (text.size() > backup_manifest_limit)
      throw Error(Errc::io, file.root + "/" + file.name, "the extended attributes are too large for a backup",
                  "remove some with setfattr -x");
  }
  return text + "end\n";
}

std::vector<BackupEntry> parse_backup_manifest(std::string_view text, const std::string& subject) {
  const auto wrong = [&](std::size_t line, std::string_view what) {
    return Error(Errc::malformed, subject, fmt::format("line {}: {}", line, what), "use another backup");
  };
  std::vector<BackupEntry> entries;
  std::set<std::string> seen;
  bool with_attributes = true;
  for (std::size_t number = 1;; ++number) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) throw wrong(number, "the text is truncated");
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (number == 1) {
      with_attributes = line == header;
      if (!with_attributes && line != header_1) throw wrong(number, fmt::format("expected \"{}\"", header));
    } else if (line == "end") {
      if (!text.empty()) throw wrong(number, "text after the end");
      return entries;
    } else if (line.starts_with(attribute_mark)) {
      if (!add_attribute(entries, line)) throw wrong(number, "does not describe an attribute of the file above");
    } else {
      auto entry = parse_line(line);
      if (!entry) throw wrong(number, "does not describe a file");
      if (!seen.insert(entry->root + "/" + entry->name).second) throw wrong(number, "names a file a second time");
      if (entries.size() == most_files) throw wrong(number, "too many files");
      if (with_attributes && entry->existed) entry->attributes.emplace();
      entries.push_back(std::move(*entry));
    }
  }
}

}  // namespace pki::disk
