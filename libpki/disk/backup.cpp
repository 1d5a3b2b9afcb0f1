// SPDX-License-Identifier: Apache-2.0
#include "disk/backup.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/calendar.hpp"
#include "base/digest.hpp"
#include "base/words.hpp"
#include "disk/backup_manifest.hpp"
#include "disk/file.hpp"
#include "disk/path.hpp"
#include "disk/state.hpp"

namespace pki::disk {

namespace fs = std::filesystem;

namespace {

// A backup gets its name when it is complete, and loses it before its first file is deleted. Each deletion has a name
// of its own, so that remains that cannot be deleted do not stop the next one.
constexpr const char* half_made = ".new";
constexpr std::string_view half_gone = ".gone-";  // older versions: ".gone"

std::string plain_command(const std::string& command) {
  std::string text;
  for (const char c : command.substr(0, 64)) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (good)
      text += c;
    else if (!text.empty() && text.back() != '-')
      text += '-';
  }
  while (!text.empty() && text.back() == '-')
    text.pop_back();
  return text.empty() ? "commit" : text;
}

constexpr std::uint64_t last_number = 999'999'999'999'999'999;

/// Numbered is a backup with its place in the order of all.
struct Numbered {
  Backup backup;
  std::uint64_t number{0};  ///< 0 where an older version made it
};

std::string to_id(std::uint64_t number, const std::string& rest) { return fmt::format("{:06}-{}", number, rest); }

// Returns the number at the start of an id, which it removes; 0 without one. A number can be written in several ways,
// of which only ours is accepted.
std::optional<std::uint64_t> take_number(std::string_view& id) {
  const auto end = id.find_first_not_of("0123456789");
  if (end == std::string_view::npos || id[end] != '-') return 0;
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(id.data(), id.data() + end, number);
  const auto whole = std::string(id);
  id.remove_prefix(end + 1);
  if (error != std::errc() || number == 0 || number > last_number || to_id(number, std::string(id)) != whole)
    return std::nullopt;
  return number;
}

// Returns empty for everything that is not the name of a backup; nothing else is ever opened or deleted.
std::optional<Numbered> parse_id(const std::string& id) {
  constexpr std::size_t stamp_size = 16;
  std::string_view rest = id;
  const auto number = take_number(rest);
  if (!number || id.size() > 120 || rest.size() < stamp_size + 2 || rest[stamp_size] != '-') return std::nullopt;
  const auto made = base::parse_compact(rest.substr(0, stamp_size));
  std::string command(rest.substr(stamp_size + 1));
  if (!made || command.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
    return std::nullopt;
  const auto dash = command.rfind('-');
  if (dash != std::string::npos && dash + 1 < command.size() &&
      command.find_first_not_of("0123456789", dash + 1) == std::string::npos)
    command.resize(dash);
  return Numbered{{id, command, *made}, *number};
}

std::optional<Directory> open_backups(const Layout& layout, const Hooks& hooks = no_hooks,
                                      Links links = Links::refuse) {
  const auto state = open_state_directory(layout, hooks, links);
  return state ? state->at("backups") : std::nullopt;
}

Directory make_backups(const Layout& layout, const Hooks& hooks) {
  const auto state = make_state_directory(layout, hooks);
  if (auto existing = state.at("backups")) return std::move(*existing);
  auto backups = state.make("backups", 0700);
  state.sync();
  return backups;
}

std::vector<Numbered> list_in(const Directory& backups) {
  std::vector<Numbered> list;
  for (const auto& name : backups.names())
    if (auto backup = parse_id(name)) list.push_back(std::move(*backup));
  const auto order = [](const Numbered& one) {
    return std::tuple(one.number, one.backup.made, one.backup.id.size(), one.backup.id);
  };
  std::sort(list.begin(), list.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });
  return list;
}

std::uint64_t next_number(const Directory& backups) {
  const auto list = list_in(backups);
  const auto last = list.empty() ? 0 : list.back().number;
  if (last == last_number)
    throw Error(Errc::io, (backups.path() / list.back().backup.id).string(),
                "has the last number that a backup can have", "move it away");
  return last + 1;
}

void write_backup(const Directory& backup, const std::vector<Original>& originals) {
  const Ownership ownership{.mode = 0600, .uid = {}, .gid = {}};
  Unsynced files;
  std::vector<Directory> parts;
  std::string key;
  for (const auto& file : originals) {
    if (file.content == nullptr) continue;
    if (key != file.root) parts.push_back(backup.make(key = file.root, 0700));
    files.write_new(parts.back(), file.name, ownership, *file.content);
  }
  files.write_new(backup, "manifest", ownership, to_manifest(originals));
  files.sync();
  for (const auto& part : parts)
    part.sync();
  backup.sync();
}

void drop(const Directory& backups, const std::string& id) {
  const auto doomed = fmt::format("{}{}", half_gone, id);
  rename(backups.hooks(), backups.fd(), id, backups.fd(), doomed, backups.path() / id);
  remove_tree(backups, doomed);
}

// A deletion that fails does not stop the next one.
template <class Delete>
void attempt(std::vector<Finding>& notes, const Delete& work) {
  try {
    work();
  } catch (const Error& error) {
    auto note = error.finding();
    note.severity = Severity::warning;
    note.message.insert(0, "an old backup was not removed: ");
    notes.push_back(std::move(note));
  }
}

Remedy another(const Layout& layout) { return {Remedy::Kind::list_backups, {}, {layout.certificates_dir.string()}}; }

Error not_found(const Layout& layout, const std::string& id) {
  return {Errc::not_found, base::shown_name(id), "no such backup",
          disk::list_backups(layout).empty() ? Remedy("there are no backups") : another(layout)};
}

fs::path root_path(const Layout& layout, const std::string& key) {
  const auto pki = certificates_dir(layout);
  return key == "pki" ? pki : key == "etcd" ? pki / "etcd" : clean(layout.kubeconfig_dir);
}

}  // namespace

std::vector<Backup> list_backups(const Layout& layout) {
  std::vector<Backup> list;
  if (const auto backups = open_backups(layout, no_hooks, Links::follow))
    for (auto& each : list_in(*backups))
      list.push_back(std::move(each.backup));
  return list;
}

Restore load_backup(const Layout& layout, const std::string& id) {
  const auto backups = open_backups(layout);
  const auto backup = backups && parse_id(id) ? backups->at(id) : std::nullopt;
  if (!backup) throw not_found(layout, id);
  const auto subject = (backup->path() / "manifest").string();
  const auto manifest = read_file(*backup, "manifest", {.max_size = backup_manifest_limit, .one_name = true});
  if (!manifest.exists) throw Error(Errc::malformed, subject, "does not exist", another(layout));
  if (manifest.problem) throw Error(Errc::malformed, subject, manifest.problem->message, another(layout));
  Restore restore;
  for (const auto& entry : parse_backup_manifest(manifest.content, subject)) {
    auto path = root_path(layout, entry.root) / entry.name;
    if (!entry.existed) {
      restore.removals.push_back(std::move(path));
      continue;
    }
    const auto relative = entry.root + "/" + entry.name;
    auto found = read_file(*backup, relative, {.max_size = kubeconfig_limit, .may_be_empty = true, .one_name = true});
    if (!found.exists || found.problem || base::sha256_hex(found.content) != entry.digest)
      throw Error(Errc::malformed, (backup->path() / relative).string(),
                  !found.exists   ? "does not exist"
                  : found.problem ? found.problem->message
                                  : "does not match the digest in the manifest of the backup",
                  another(layout));
    restore.files.push_back({std::move(path), entry.mode & 0777U, std::move(found.content)});
    restore.ownerships.push_back({entry.mode & 0777U, entry.uid, entry.gid, entry.attributes});
  }
  return restore;
}

std::vector<Finding> prune_backups(const Layout& layout, std::size_t keep, const Hooks& hooks) {
  std::vector<Finding> notes;
  const auto backups = open_backups(layout, hooks);
  if (!backups) return notes;
  const auto list = list_in(*backups);
  for (std::size_t i = 0; i + keep < list.size(); ++i)
    attempt(notes, [&] { drop(*backups, list[i].backup.id); });
  return notes;
}

std::string make_backup(const Layout& layout, const std::vector<Original>& originals, const std::string& command,
                        std::chrono::sys_seconds now, const Hooks& hooks) {
  const auto backups = make_backups(layout, hooks);
  auto id = to_id(next_number(backups), base::compact(now) + "-" + plain_command(command));
  write_backup(backups.make(half_made, 0700), originals);
  backups.rename(half_made, backups, id);
  try {
    backups.sync();
  } catch (const Error&) {
    // A backup that is not known to be durable does not count; sweep_backups deletes it.
    backups.rename(id, backups, half_made);
    throw;
  }
  return id;
}

void drop_backup(const Layout& layout, const std::string& id, const Hooks& hooks) {
  if (const auto backups = open_backups(layout, hooks)) drop(*backups, id);
}

std::vector<Finding> sweep_backups(const Layout& layout, const Hooks& hooks) {
  std::vector<Finding> notes;
  const auto backups = open_backups(layout, hooks);
  if (!backups) return notes;
  for (const auto& name : backups->names())
    if (name == half_made || name == ".gone" || name.starts_with(half_gone))
      attempt(notes, [&] { remove_tree(*backups, name); });
  return notes;
}

}  // namespace pki::disk
