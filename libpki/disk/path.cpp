// SPDX-License-Identifier: Apache-2.0
#include "disk/path.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include <fmt/format.h>

#include "disk/advice.hpp"
#include "disk/permissions.hpp"

namespace pki::disk {

namespace fs = std::filesystem;

namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC;

// No flag names etcd's directory. The commands are for it alone: nobody has a reason to keep our own elsewhere.
Error link_error(const fs::path& path) {
  const auto advice = path.filename() == "etcd"
                          ? replace_link(path)
                          : "name the directory that it points to, or put a directory in its place";
  return {Errc::io, path.string(), "is a symbolic link, expected a directory", advice};
}

Error open_error(const fs::path& path, int error) {
  struct stat status {};
  if ((error == ELOOP || error == ENOTDIR) && ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode))
    return link_error(path);
  if (error == ENOTDIR) return {Errc::io, path.string(), "is not a directory"};
  auto finding = io_error(path, "cannot open directory", error).finding();
  if (is_denied(error)) finding.rule = Rule::file_unreadable;
  return {Errc::io, std::move(finding)};
}

void refuse_unsafe(const struct stat& status, const fs::path& path) {
  if (auto problem = check_safe(status, path)) throw Error(Errc::io, std::move(*problem));
}

// A directory that may be passed but not listed can be opened as a place alone, from which its files are reached.
template <class Open>
Fd open_or_pass(const Open& open) {
  Fd fd = open(directory_flags);
  if (!fd && errno == EACCES) fd = open(O_PATH | O_DIRECTORY | O_CLOEXEC);
  return fd;
}

// Goes up by "..": along the real directories and not along the links of the given path.
void check_ancestors(int directory, const fs::path& path) {
  Fd here;
  struct stat status {};
  struct stat below {};
  while (true) {
    const int fd = here ? here.value() : directory;
    if (::fstat(fd, &status) != 0) throw io_error(path, "cannot read", errno);
    refuse_unsafe(status, path);
    if (here && status.st_dev == below.st_dev && status.st_ino == below.st_ino) return;
    below = status;
    Fd up(::openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!up) throw io_error(path, "cannot open the directory above", errno);
    here = std::move(up);
  }
}

// Follows the parent only where it was seen to be a link, so that none can be inserted in between.
Fd open_parent(const fs::path& path, bool is_link) {
  Fd parent(::open(path.parent_path().c_str(), directory_flags | (is_link ? 0 : O_NOFOLLOW)));
  if (!parent) throw open_error(path.parent_path(), errno);
  return parent;
}

void make_one(const Hooks& hooks, const fs::path& path, bool parent_is_link, std::vector<fs::path>* made) {
  const Fd parent = open_parent(path, parent_is_link);
  if (!make_directory(hooks, parent.value(), path.filename(), 0755, path)) return;
  if (made != nullptr) made->push_back(path);
  sync(hooks, parent.value(), path.parent_path());
}

}  // namespace

bool is_foreign(const struct stat& status) noexcept { return status.st_uid != 0 && status.st_uid != ::geteuid(); }

bool is_open(const struct stat& status) noexcept {
  return (status.st_mode & 022U) != 0 && (status.st_mode & S_ISVTX) == 0;
}

std::optional<Finding> check_safe(const struct stat& status, const fs::path& path) {
  const auto found = [&](std::string message, std::string advice) {
    return Finding{Rule::directory_unsafe, Severity::error, path.string(), std::move(message), {}, advice};
  };
  if (!S_ISDIR(status.st_mode)) return Finding{Rule::io, Severity::error, path.string(), "is not a directory"};
  const auto close = shell_command("chmod go-w", {path});
  if (is_foreign(status))
    return found(fmt::format("belongs to user {}, expected root or the user who runs the command", status.st_uid),
                 shell_command(fmt::format("chown {}", ::geteuid()), {path}) + (is_open(status) ? " && " + close : ""));
  if (is_open(status))
    return found(fmt::format("others may write to it (mode {:04o}), so nothing below is safe", status.st_mode & 07777U),
                 close);
  return std::nullopt;
}

std::optional<Directory> Directory::open(const fs::path& given, const Hooks& hooks, Links links) {
  auto path = clean(given);
  const int link_flag = links == Links::refuse ? O_NOFOLLOW : 0;
  Fd fd = open_or_pass([&](int flags) { return Fd(::open(path.c_str(), flags | link_flag)); });
  if (fd) return Directory(std::move(fd), std::move(path), hooks);
  if (errno == ENOENT) return std::nullopt;
  throw open_error(path, errno);
}

Directory Directory::open_following(const fs::path& path, const Hooks& hooks) {
  Fd fd(::open(path.c_str(), directory_flags));
  if (!fd) throw io_error(path, "cannot open directory", errno);
  return {std::move(fd), path, hooks};
}

Directory Directory::open_for_writing(const fs::path& given, std::vector<fs::path>* made, const Hooks& hooks) {
  const auto path = clean(given);
  bool links = false;
  bool parent_is_link = false;
  fs::path here;
  for (const auto& component : path) {
    here /= component;
    struct stat status {};
    if (::lstat(here.c_str(), &status) != 0) {
      if (errno != ENOENT) throw io_error(here, "cannot read", errno);
      make_one(hooks, here, parent_is_link, made);
      if (::lstat(here.c_str(), &status) != 0) throw io_error(here, "cannot read", errno);
    }
    const bool is_link = S_ISLNK(status.st_mode);
    if (is_link) {
      if (here == path) throw link_error(path);
      links = true;
      if (::stat(here.c_str(), &status) != 0) throw io_error(here, "cannot follow symbolic link", errno);
    }
    refuse_unsafe(status, here);
    if (here != path) parent_is_link = is_link;
  }
  const Fd parent = open_parent(path, parent_is_link);
  const auto name = path.has_filename() ? path.filename() : fs::path(".");  // "." for the root directory
  Directory directory(Fd(::openat(parent.value(), name.c_str(), directory_flags | O_NOFOLLOW)), path, hooks);
  if (!directory.fd_) throw open_error(path, errno);
  if (links) check_ancestors(directory.fd(), path);
  return directory;
}

std::optional<Directory> Directory::at(const std::string& relative, Links links) const {
  const auto path = path_ / relative;
  Fd fd = open_or_pass([&](int flags) {
    return links == Links::follow ? Fd(::openat(fd_.value(), relative.c_str(), flags))
                                  : open_beneath(*hooks_, fd_.value(), relative, flags);
  });
  if (fd) return Directory(std::move(fd), path, *hooks_);
  if (errno == ENOENT) return std::nullopt;
  if (errno == ELOOP) throw link_error(path);
  throw open_error(path, errno);
}

Directory Directory::make(const std::string& name, mode_t mode) const {
  (void)make_directory(*hooks_, fd_.value(), name, mode, path_ / name);
  auto directory = at(name);
  if (!directory) throw io_error(path_ / name, "cannot open directory", ENOENT);
  return std::move(*directory);
}

void Directory::rename(const std::string& from, const Directory& target, const std::string& to) const {
  disk::rename(*hooks_, fd(), from, target.fd(), to, target.path() / to);
}

bool Directory::rename_new(const std::string& from, const std::string& to) const {
  return disk::rename_new(*hooks_, fd(), from, to, path_ / to);
}

bool Directory::remove(const std::string& name) const { return remove_name(*hooks_, fd(), name, 0, path_ / name); }

void Directory::make_symlink(const std::string& destination, const std::string& name) const {
  disk::make_symlink(*hooks_, destination, fd(), name, path_ / name);
}

std::vector<std::string> Directory::names(std::size_t limit) const {
  // A separate descriptor, because the position in a directory belongs to the open file.
  Fd fd(::openat(fd_.value(), ".", directory_flags));
  if (!fd) throw io_error(path_, "cannot read directory", errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd.value()), ::closedir);
  if (!stream) throw io_error(path_, "cannot read directory", errno);
  (void)fd.release();
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string name(entry->d_name);
    if (name == "." || name == "..") continue;
    if (names.size() == limit) throw Error(Errc::io, path_.string(), fmt::format("has more than {} entries", limit));
    names.push_back(name);
  }
  if (errno != 0) throw io_error(path_, "cannot read directory", errno);
  std::sort(names.begin(), names.end());
  return names;
}

bool remove_tree(const Directory& parent, const std::string& name, int depth) {
  const auto path = parent.path() / name;
  struct stat status {};
  if (::fstatat(parent.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return false;
    throw io_error(path, "cannot read", errno);
  }
  if (!S_ISDIR(status.st_mode)) return parent.remove(name);
  if (depth == 0) throw Error(Errc::io, path.string(), "is deeper than expected", "remove it by hand");
  // A directory without permissions was made under a strange umask and is still empty.
  if ((status.st_mode & 0700U) == 0700U)
    if (const auto directory = parent.at(name))
      for (const auto& entry : directory->names())
        remove_tree(*directory, entry, depth - 1);
  return remove_name(parent.hooks(), parent.fd(), name, AT_REMOVEDIR, path);
}

fs::path clean(const fs::path& path) {
  const auto& text = path.native();
  const bool odd = std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; });
  if (!path.is_absolute() || odd)
    throw Error(Errc::invalid_config, odd ? "" : text, "is not a usable path, expected an absolute one");
  auto normal = path.lexically_normal();
  if (!normal.has_filename()) normal = normal.parent_path();
  return normal;
}

fs::path certificates_dir(const Layout& layout) {
  auto path = clean(layout.certificates_dir);
  if (path == path.root_path()) throw Error(Errc::invalid_config, "/", "is not a directory for a PKI");
  return path;
}

std::vector<Root> roots(const Layout& layout) {
  const auto pki = certificates_dir(layout);
  const auto kubeconfig = clean(layout.kubeconfig_dir);
  std::vector<Root> result{{"pki", pki}, {"etcd", pki / "etcd"}};
  if (kubeconfig != pki && kubeconfig != pki / "etcd") result.push_back({"kubeconfig", kubeconfig});
  return result;
}

}  // namespace pki::disk
