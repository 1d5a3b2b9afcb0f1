// SPDX-License-Identifier: Apache-2.0
#include "disk/attributes.hpp"

#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include <fmt/format.h>

namespace pki::disk {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_octets = 65536;  // XATTR_LIST_MAX and XATTR_SIZE_MAX of Linux
constexpr std::string_view label_prefix = "security.";

// Calls `get` with a small buffer, and where that is too small with the largest that the kernel fills. Returns empty,
// and errno, on failure.
template <class Get>
std::optional<std::string> fill(const Get& get) {
  for (const std::size_t size : {std::size_t{512}, most_octets}) {
    std::string buffer(size, '\0');
    const ssize_t count = get(buffer.data(), buffer.size());
    if (count < 0 && errno == ERANGE) continue;
    if (count < 0) return std::nullopt;
    buffer.resize(static_cast<std::size_t>(count));
    return buffer;
  }
  return std::nullopt;
}

bool unsupported(int error) noexcept { return error == EOPNOTSUPP || error == ENOSYS; }

// A label that the policy of this host forbids is a decision of its administrator.
bool refused_by_policy(int error) noexcept {
  return error == EPERM || error == EACCES || error == EINVAL || unsupported(error);
}

void remove_inherited_list(const Hooks& hooks, int fd, const fs::path& path) {
  const std::string name(access_list);
  if (!fails(hooks, "removexattr", path.filename()) && ::fremovexattr(fd, name.c_str()) == 0) return;
  if (errno != ENODATA && !unsupported(errno)) throw io_error(path, "cannot remove " + name, errno);
}

}  // namespace

bool is_kept(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 3> of_the_content{"security.ima", "security.evm", "security.capability"};
  return std::ranges::find(of_the_content, name) == of_the_content.end();
}

Attributes read_attributes(int fd, const fs::path& path) {
  Attributes attributes;
  const auto names = fill([&](char* data, std::size_t size) { return ::flistxattr(fd, data, size); });
  if (!names) {
    if (unsupported(errno)) return attributes;
    throw io_error(path, "cannot read the extended attributes", errno);
  }
  for (std::size_t start = 0; start < names->size();) {
    const std::string name(names->c_str() + start);
    start += name.size() + 1;
    if (!is_kept(name)) continue;
    auto value = fill([&](char* data, std::size_t size) { return ::fgetxattr(fd, name.c_str(), data, size); });
    if (value)
      attributes.push_back({name, std::move(*value)});
    else if (errno != ENODATA && !unsupported(errno))
      throw io_error(path, "cannot read " + name, errno);
  }
  std::ranges::sort(attributes, {}, &Attribute::name);
  return attributes;
}

std::vector<std::string> set_attributes(const Hooks& hooks, int fd, const Attributes& wanted, const fs::path& path) {
  std::vector<std::string> refused;
  if (std::ranges::find(wanted, access_list, &Attribute::name) == wanted.end()) remove_inherited_list(hooks, fd, path);
  for (const auto& [name, value] : wanted) {
    if (!fails(hooks, "setxattr", path.filename()) && ::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0)
      continue;
    if (!name.starts_with(label_prefix) || !refused_by_policy(errno)) throw io_error(path, "cannot set " + name, errno);
    refused.push_back(name);
  }
  return refused;
}

}  // namespace pki::disk
