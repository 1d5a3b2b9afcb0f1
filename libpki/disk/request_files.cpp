// SPDX-License-Identifier: Apache-2.0
#include "disk/request_files.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "disk/file.hpp"
#include "disk/state.hpp"

namespace pki::disk {

namespace {

constexpr const char* directory_name = "requests";
constexpr std::string_view draft_ending = ".new";
constexpr ReadRules request_rules{.max_size = key_limit * 2, .secret = true};

std::optional<Directory> open_requests(const Layout& layout, const Hooks& hooks, Links links) {
  const auto state = open_state_directory(layout, hooks, links);
  return state ? state->at(directory_name) : std::nullopt;
}

}  // namespace

// Only root may enter the directory: what others ask for is answered without it.
std::vector<std::string> request_file_names(const Layout& layout) try {
  const auto directory = open_requests(layout, no_hooks, Links::follow);
  if (!directory) return {};
  auto names = directory->names();
  std::erase_if(names, [](const std::string& name) { return name.ends_with(draft_ending); });
  return names;
} catch (const Error& error) {
  if (error.finding().rule != Rule::file_unreadable) throw;
  return {};
}

SecretString read_request_file(const Layout& layout, const std::string& name) {
  const auto directory = open_requests(layout, no_hooks, Links::follow);
  auto found = directory ? read_file(*directory, name, request_rules) : Found{};
  if (found.problem) throw Error(Errc::io, std::move(*found.problem));
  if (!found.exists) throw Error(Errc::io, request_file_path(layout, name).string(), "was removed meanwhile");
  return std::move(found.content);
}

void write_request_file(const Layout& layout, const std::string& name, std::string_view content, const Hooks& hooks) {
  const auto state = make_state_directory(layout, hooks);
  const auto directory = state.make(directory_name, 0700);
  state.sync();
  const auto draft = name + std::string(draft_ending);
  (void)directory.remove(draft);  // what a killed writer left
  replace_file(directory, name, draft, {.mode = 0600, .uid = {}, .gid = {}}, content);
}

bool remove_request_file(const Layout& layout, const std::string& name, const Hooks& hooks) {
  const auto directory = open_requests(layout, hooks, Links::refuse);
  if (!directory) return false;
  (void)directory->remove(name + std::string(draft_ending));
  if (!directory->remove(name)) return false;
  directory->sync();
  return true;
}

void remove_request_drafts(const Layout& layout, const Hooks& hooks) {
  const auto directory = open_requests(layout, hooks, Links::refuse);
  if (!directory) return;
  for (const auto& name : directory->names())
    if (name.ends_with(draft_ending)) (void)directory->remove(name);
}

std::filesystem::path request_file_path(const Layout& layout, const std::string& name) {
  return layout.certificates_dir / ".pkigen" / directory_name / name;
}

}  // namespace pki::disk
