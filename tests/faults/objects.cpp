// SPDX-License-Identifier: Apache-2.0
#include "objects.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace faults {

namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, const std::string& content, mode_t mode) {
  std::ofstream(path) << content;
  if (::chmod(path.c_str(), mode) != 0) throw std::runtime_error("cannot make " + path.string());
}

bool make_socket(const fs::path& path) {
  // A path may be longer than a socket's address: it is made under a short name.
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, "/dev/shm/pkigen-test.socket", sizeof address.sun_path - 1);
  ::unlink(address.sun_path);
  const bool made = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                    ::rename(address.sun_path, path.c_str()) == 0;
  ::close(fd);
  return made;
}

bool make_device(const fs::path& path, unsigned minor) {
  return ::mknod(path.c_str(), S_IFCHR | 0600, ::makedev(1, minor)) == 0;
}

bool same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_mode == b.st_mode && a.st_uid == b.st_uid &&
         a.st_gid == b.st_gid && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

const char* to_text(Object object) {
  constexpr const char* names[object_count] = {
      "link to a file", "link to a directory", "dangling link", "hard link",          "FIFO",
      "/dev/null",      "/dev/zero",           "socket",        "directory in place", "mount point"};
  return names[static_cast<std::size_t>(object)];
}

Sentinel::Sentinel(const fs::path& directory)
    : file_(directory / "sentinel"),
      directory_(directory / "sentinel.d"),
      watch_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  fs::create_directory(directory_);
  write(file_, std::string(marker()) + "\n", 0600);
  write(inside(), std::string(marker()) + "\n", 0600);
  constexpr auto all = static_cast<std::uint32_t>(IN_ALL_EVENTS);
  if (watch_ < 0 || ::inotify_add_watch(watch_, file_.c_str(), all) < 0 ||
      ::inotify_add_watch(watch_, directory_.c_str(), all) < 0)
    throw std::runtime_error("no inotify");
  ::lstat(file_.c_str(), &before_);
  ::lstat(inside().c_str(), &inside_before_);
}

Sentinel::~Sentinel() { ::close(watch_); }

const char* Sentinel::marker() noexcept { return "root:$6$this-belongs-to-somebody-else"; }

void Sentinel::forget() {
  for (const auto& entry : fs::directory_iterator(directory_))
    if (entry.path() != inside()) fs::remove_all(entry.path());
  std::array<char, 65536> buffer{};
  while (::read(watch_, buffer.data(), buffer.size()) > 0) {
  }
}

std::vector<std::string> Sentinel::touched(bool may_be_read, bool in_use) {
  std::vector<std::string> seen;
  // ATTRIB is also the number of names, which a rename over a hard link lowers; what matters of it is compared below.
  std::uint32_t bad = IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVE | IN_DELETE_SELF;
  if (!may_be_read) bad |= IN_ACCESS;
  alignas(inotify_event) std::array<char, 65536> buffer{};
  for (ssize_t size = 0; (size = ::read(watch_, buffer.data(), buffer.size())) > 0;)
    for (ssize_t at = 0; at < size;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const std::string name(buffer.data() + at + sizeof event, event.len);
      at += static_cast<ssize_t>(sizeof event + event.len);
      const bool of_another = in_use && !name.empty() && name.c_str() != inside().filename();
      if ((event.mask & bad) != 0 && !of_another)
        seen.push_back("what is not ours was touched, event " + std::to_string(event.mask) + " " + name.c_str());
    }
  struct stat now {};
  if (::lstat(file_.c_str(), &now) != 0 || !same(now, before_)) seen.emplace_back("the file that is not ours changed");
  if (::lstat(inside().c_str(), &now) != 0 || !same(now, inside_before_))
    seen.emplace_back("the file in the directory that is not ours changed");
  return seen;
}

bool put_object(Object object, const fs::path& path, const Sentinel& sentinel) {
  const bool was_directory = fs::is_directory(fs::symlink_status(path));
  if (object == Object::mount) {
    if (!fs::exists(fs::symlink_status(path))) return false;
    const auto& source = was_directory ? sentinel.directory() : sentinel.file();
    return ::mount(source.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) == 0;
  }
  fs::remove_all(path);
  fs::create_directories(path.parent_path());
  switch (object) {
    case Object::link_to_file:
      return ::symlink(sentinel.file().c_str(), path.c_str()) == 0;
    case Object::link_to_directory:
      return ::symlink(sentinel.directory().c_str(), path.c_str()) == 0;
    case Object::dangling_link:
      return ::symlink((sentinel.directory() / "nothing").c_str(), path.c_str()) == 0;
    case Object::hard_link:
      return ::link(sentinel.file().c_str(), path.c_str()) == 0;
    case Object::fifo:
      return ::mkfifo(path.c_str(), 0600) == 0;
    case Object::null_device:
      return make_device(path, 3);
    case Object::zero_device:
      return make_device(path, 5);
    case Object::socket:
      return make_socket(path);
    case Object::directory:
      return fs::create_directory(path) && (write(path / "inside", "not ours\n", 0600), true);
    case Object::mount:
      break;
  }
  return false;
}

void clear_mounts(const fs::path& path) {
  while (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
  }
}

Bystanders::Bystanders(std::vector<fs::path> directories, const Sentinel& sentinel) {
  const auto remember = [&](const fs::path& path) {
    Known known{path, {}};
    if (::lstat(path.c_str(), &known.status) != 0) throw std::runtime_error("cannot see " + path.string());
    known_.push_back(std::move(known));
  };
  for (const auto& directory : directories) {
    write(directory / "notes.txt", "not ours\n", 0640);
    write(directory / ".hidden", "not ours\n", 0600);
    write(directory / "odd\nname*", "not ours\n", 0604);
    write(directory / "apiserver.crt.bak", "not ours\n", 0444);
    write(directory / ".pkigen-like", "not ours\n", 0600);
    fs::create_directory(directory / "more");
    write(directory / "more" / "inside", "not ours\n", 0600);
    fs::create_symlink(sentinel.file(), directory / "link");
    if (::mkfifo((directory / "fifo").c_str(), 0622) != 0) throw std::runtime_error("no fifo");
    for (const char* name : {"notes.txt", ".hidden", "odd\nname*", "apiserver.crt.bak", ".pkigen-like", "more",
                             "more/inside", "link", "fifo"})
      remember(directory / name);
  }
}

void Bystanders::forget_missing() {
  std::erase_if(known_, [](Known& known) { return ::lstat(known.path.c_str(), &known.status) != 0; });
}

std::vector<std::string> Bystanders::changed() const {
  std::vector<std::string> names;
  for (const auto& known : known_) {
    struct stat now {};
    if (::lstat(known.path.c_str(), &now) != 0 || !same(now, known.status)) names.push_back(known.path);
  }
  return names;
}

}  // namespace faults
