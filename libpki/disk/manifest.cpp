// SPDX-License-Identifier: Apache-2.0
#include "disk/manifest.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <string_view>

#include <pki/error.hpp>

namespace pki::disk {

namespace {

constexpr std::string_view hidden_prefix = ".";
constexpr std::string_view hidden_suffix = ".yaml.pkigen";

std::string manifest_name(const std::string& process) { return process + ".yaml"; }

bool exists(const Directory& directory, const std::string& name) {
  struct stat status {};
  return ::fstatat(directory.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

[[noreturn]] void refuse_two(const Directory& directory, const std::string& process) {
  throw Error(
      Errc::mismatch, (directory.path() / hidden_manifest_name(process)).string(),
      "left by a killed restart, and " + (directory.path() / manifest_name(process)).string() + " exists as well",
      "compare them and remove one");
}

}  // namespace

std::string hidden_manifest_name(const std::string& process) {
  return std::string(hidden_prefix) + process + std::string(hidden_suffix);
}

bool has_manifest(const Directory& directory, const std::string& process) {
  struct stat status {};
  return ::fstatat(directory.fd(), manifest_name(process).c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(status.st_mode);
}

bool is_hidden(const Directory& directory, const std::string& process) {
  return exists(directory, hidden_manifest_name(process));
}

void hide_manifest(const Directory& directory, const std::string& process) {
  if (!directory.rename_new(manifest_name(process), hidden_manifest_name(process))) refuse_two(directory, process);
  directory.sync();
}

void restore_manifest(const Directory& directory, const std::string& process) {
  if (!directory.rename_new(hidden_manifest_name(process), manifest_name(process))) refuse_two(directory, process);
  directory.sync();
}

std::vector<std::string> hidden_manifests(const Directory& directory) {
  std::vector<std::string> processes;
  for (const auto& name : directory.names())
    if (name.size() > hidden_prefix.size() + hidden_suffix.size() && name.starts_with(hidden_prefix) &&
        name.ends_with(hidden_suffix))
      processes.push_back(name.substr(hidden_prefix.size(), name.size() - hidden_prefix.size() - hidden_suffix.size()));
  return processes;
}

}  // namespace pki::disk
