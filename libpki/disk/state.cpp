// SPDX-License-Identifier: Apache-2.0
#include "disk/state.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "disk/file.hpp"

namespace pki::disk {

namespace {

constexpr const char* directory_name = ".pkigen";
constexpr ReadRules state_file{.max_size = std::size_t{64} * 1024, .may_be_empty = true, .one_name = true};

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

std::vector<std::string> parse_entries(std::string_view text) {
  std::vector<std::string> entries;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    if (!line.empty() && std::ranges::none_of(line, is_control)) entries.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return entries;
}

std::string to_text(const Directory& directory, const std::string& name, std::span<const std::string> entries) {
  std::string text;
  for (const auto& entry : entries) {
    if (entry.empty() || std::ranges::any_of(entry, is_control))
      throw Error(Errc::io, (directory.path() / name).string(), "cannot hold an entry that is not one line of text");
    text += entry + "\n";
  }
  if (text.size() > state_file.max_size)
    throw Error(Errc::io, (directory.path() / name).string(), "cannot hold so many entries");
  return text;
}

}  // namespace

Directory make_state_directory(const Layout& layout, const Hooks& hooks) {
  const auto certificates = Directory::open_for_writing(layout.certificates_dir, nullptr, hooks);
  if (auto existing = certificates.at(directory_name)) return std::move(*existing);
  auto directory = certificates.make(directory_name, 0700);
  certificates.sync();
  return directory;
}

std::optional<Directory> open_state_directory(const Layout& layout, const Hooks& hooks, Links links) {
  const auto certificates = Directory::open(layout.certificates_dir, hooks, links);
  return certificates ? certificates->at(directory_name) : std::nullopt;
}

std::filesystem::path state_path(const Layout& layout, const std::string& name) {
  return layout.certificates_dir / directory_name / name;
}

StateFile read_state(const Layout& layout, const std::string& name, const Hooks& hooks) try {
  const auto directory = open_state_directory(layout, hooks, Links::follow);
  if (!directory) return {};
  auto found = read_file(*directory, name, state_file);
  return {parse_entries(found.content), std::move(found.problem)};
} catch (const Error& error) {
  return {{}, error.finding()};
}

void write_state(const Layout& layout, const std::string& name, std::span<const std::string> entries,
                 const Hooks& hooks) {
  if (entries.empty()) {
    const auto directory = open_state_directory(layout, hooks);
    if (directory && directory->remove(name)) directory->sync();
    return;
  }
  const auto directory = make_state_directory(layout, hooks);
  const auto text = to_text(directory, name, entries);
  const auto draft = name + ".new";
  (void)directory.remove(draft);  // what a killed writer left
  replace_file(directory, name, draft, {.mode = 0600, .uid = {}, .gid = {}}, text);
}

}  // namespace pki::disk
