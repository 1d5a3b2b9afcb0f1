// SPDX-License-Identifier: Apache-2.0
#include "disk/unmanaged_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/not_readable.hpp"
#include "base/words.hpp"
#include "disk/permissions.hpp"

namespace pki::disk {

namespace fs = std::filesystem;

/// Place is a name in an open directory, or in AT_FDCWD when the caller named it.
struct UnmanagedFiles::Place {
  int dir;
  std::string name;
  fs::path path;
  bool named;
};

namespace {

// Reads at most `limit` bytes. Returns false and sets errno on failure.
bool read_up_to(int fd, std::size_t limit, std::size_t expected, SecretString& content) {
  content.resize(std::min(limit, expected) + 1);  // one more, to see the end without a larger buffer
  std::size_t filled = 0;
  while (filled < limit) {
    if (filled == content.size()) content.resize(std::min(2 * filled, limit));
    const ssize_t count = ::read(fd, content.data() + filled, std::min(content.size(), limit) - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  content.resize(filled);
  return true;
}

// Appends the names in a directory that are not hidden, sorted. Returns false and sets errno on failure.
bool list_names(Fd directory, std::size_t limit, std::vector<std::string>& names) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(directory.value()), ::closedir);
  if (!stream) return false;
  (void)directory.release();
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (entry->d_name[0] != '.') names.emplace_back(static_cast<const char*>(entry->d_name));
    if (names.size() > limit) return true;
    errno = 0;
  }
  std::ranges::sort(names);
  return errno == 0;
}

std::string refusal(int error) {
  return is_denied(error) ? std::string(base::not_readable) : "cannot read: " + reason(error);
}

std::string larger_than(std::size_t limit) { return fmt::format("is larger than {} MiB", limit / (1024UL * 1024)); }

constexpr std::array<std::string_view, 5> certificate_extensions{".crt", ".pem", ".cer", ".der", ".conf"};

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
constexpr int file_flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

}  // namespace

bool has_certificate_name(const fs::path& path) {
  const auto extension = base::lower_case(path.extension().string());
  return std::ranges::find(certificate_extensions, extension) != certificate_extensions.end();
}

void UnmanagedFiles::report(const Place& place, std::string problem, int error) {
  ++count_;
  (void)visit_({place.path, place.named, {}, std::move(problem), error});
}

void UnmanagedFiles::report(const Place& place, int error) { report(place, refusal(error), error); }

void UnmanagedFiles::read_file(const Place& place) {
  const Fd fd(::openat(place.dir, place.name.c_str(), file_flags));
  struct stat status {};
  if (!fd || ::fstat(fd.value(), &status) != 0) {
    const int error = errno;
    if (place.named || place.path.extension() != ".key") report(place, error);
    return;
  }
  if (!S_ISREG(status.st_mode))
    return report(place, fmt::format("is {}, expected a regular file", kind_of(status.st_mode)));
  const std::pair identity(status.st_dev, status.st_ino);
  if (seen_.contains(identity)) return;
  UnmanagedFile file{place.path, place.named, {}, {}, 0};
  const auto size = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
  // The beginning of a file that is too large shows whether it concerns us.
  const bool too_large = size > limits_.file_size;
  if (!read_up_to(fd.value(), too_large ? 65536 : limits_.file_size + 1, size, file.content))
    return report(place, errno);
  if (too_large || file.content.size() > limits_.file_size) {
    if (place.named || file.content.find("-----BEGIN ") != SecretString::npos)
      return report(place, larger_than(limits_.file_size));
    ++count_;
    return;
  }
  ++count_;
  if (visit_(file)) seen_.insert(identity);
}

// A link that leads nowhere concerns a report on certificates only where its name is one's.
void UnmanagedFiles::read_link(const Place& place) {
  struct stat status {};
  if (::fstatat(place.dir, place.name.c_str(), &status, 0) == 0) {
    if (S_ISREG(status.st_mode)) read_file(place);
    return;
  }
  const int error = errno;
  if (!has_certificate_name(place.path)) return;
  if (error == ENOENT) return report(place, "is a symbolic link to nothing");
  report(place, error);
}

void UnmanagedFiles::walk(Fd directory, const fs::path& path, int depth) {
  const Place here{AT_FDCWD, path.string(), path, false};
  struct stat status {};
  if (::fstat(directory.value(), &status) != 0 || !seen_.emplace(status.st_dev, status.st_ino).second) return;
  if (depth > limits_.depth)
    return report(here, fmt::format("is deeper than {} directories and was not read", limits_.depth));
  std::vector<std::string> names;
  Fd listing(::openat(directory.value(), ".", directory_flags));
  if (!listing || !list_names(std::move(listing), limits_.entries - entries_, names)) return report(here, errno);
  entries_ += names.size();
  if (entries_ > limits_.entries)
    return report(here, fmt::format("more than {} files, the rest was not read", limits_.entries));
  std::vector<std::string> below;
  for (auto& name : names) {
    const Place place{directory.value(), name, path / name, false};
    struct stat entry {};
    const bool there = ::fstatat(place.dir, name.c_str(), &entry, AT_SYMLINK_NOFOLLOW) == 0;
    if (there && S_ISDIR(entry.st_mode))
      below.push_back(std::move(name));
    else if (there && S_ISREG(entry.st_mode))
      read_file(place);
    else if (there && S_ISLNK(entry.st_mode))
      read_link(place);
  }
  for (const auto& name : below) {
    Fd next(::openat(directory.value(), name.c_str(), directory_flags | O_NOFOLLOW));
    if (next)
      walk(std::move(next), path / name, depth + 1);
    else if (errno != ENOENT)
      report({AT_FDCWD, name, path / name, false}, errno);
  }
}

void UnmanagedFiles::read_optional(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR)) return;
  read(path);
}

void UnmanagedFiles::read_reference(const fs::path& path) {
  const Place place{AT_FDCWD, path.string(), path, true};
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    const int error = errno;
    return report(place, error);
  }
  if (S_ISREG(status.st_mode)) return read_file(place);
  report(place, fmt::format("is {}, expected a file", kind_of(status.st_mode)));
}

void UnmanagedFiles::read(const fs::path& path) {
  const Place place{AT_FDCWD, path.string(), path, true};
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    const int error = errno;
    struct stat link {};
    const bool dangling = error == ENOENT && ::lstat(path.c_str(), &link) == 0;
    if (dangling) return report(place, "is a symbolic link to nothing");
    return report(place, error);
  }
  if (S_ISREG(status.st_mode)) return read_file(place);
  if (!S_ISDIR(status.st_mode))
    return report(place, fmt::format("is {}, expected a file or a directory", kind_of(status.st_mode)));
  Fd directory(::open(path.c_str(), directory_flags));
  if (!directory) return report(place, errno);
  walk(std::move(directory), path, 0);
}

UnmanagedFile to_unmanaged_file(const fs::path& path, std::optional<SecretString> content, std::size_t limit) {
  if (!content) return {path, true, {}, refusal(ENOENT), ENOENT};
  if (content->size() > limit) return {path, true, {}, larger_than(limit), 0};
  return {path, true, *std::move(content), {}, 0};
}

}  // namespace pki::disk
