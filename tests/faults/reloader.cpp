// SPDX-License-Identifier: Apache-2.0
#include "reloader.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>

namespace faults {

namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bio reader(const std::string& text) { return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free}; }

std::optional<std::string> content_of(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string content;
  std::array<char, 4096> block{};
  for (ssize_t count = 0; (count = ::read(fd, block.data(), block.size())) > 0;)
    content.append(block.data(), static_cast<std::size_t>(count));
  ::close(fd);
  return content;
}

enum class Load { done, again, failed };

bool matches(const std::string& certificate, const std::string& key, Sight& sight) {
  const Certificate parsed(PEM_read_bio_X509(reader(certificate).get(), nullptr, nullptr, nullptr), X509_free);
  const Key parsed_key(PEM_read_bio_PrivateKey(reader(key).get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (!parsed || !parsed_key) ++sight.broken;
  const bool match = parsed && parsed_key && X509_check_private_key(parsed.get(), parsed_key.get()) == 1;
  ERR_clear_error();
  return match;
}

/// Loader is the part that every way of reloading ends in.
class Loader {
 public:
  Loader(const Pair& pair, Sight& sight) : pair_(pair), sight_(sight) {}

  void run() {
    while (load() == Load::again)
      ::usleep(5000);  // what the work queue waits first
  }

 private:
  // The two files are two reads, and a commit may come between them: no way to write two files can help that. Then the
  // certificate is another one when it is read once more; where it is the same the pair on the disk was torn.
  Load load() {
    ++sight_.reads;
    const auto certificate = content_of(pair_.certificate);
    const auto key = content_of(pair_.key);
    if (!certificate || !key) return ++sight_.missing, Load::failed;
    if (*certificate + *key == taken_) return Load::done;
    if (matches(*certificate, *key, sight_)) {
      taken_ = *certificate + *key;
      sight_.queued_ns = queued_ns(::getpid());
      sight_.loaded_at = monotonic_ns();
      sight_.loaded = fingerprint(*certificate);
      return Load::done;
    }
    if (content_of(pair_.certificate) != certificate) return ++sight_.crossed, Load::again;
    return ++sight_.mismatched, Load::failed;
  }

  const Pair& pair_;
  Sight& sight_;
  std::string taken_;
};

/// Watch is an inotify instance with the set of events that fsnotify asks for.
class Watch {
 public:
  Watch() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (fd_ < 0) throw std::runtime_error("no inotify");
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { ::close(fd_); }

  bool add(const std::filesystem::path& path) {
    constexpr std::uint32_t events =
        IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_ATTRIB | IN_MODIFY | IN_MOVE_SELF | IN_DELETE | IN_DELETE_SELF;
    const int id = ::inotify_add_watch(fd_, path.c_str(), events);
    if (id >= 0) paths_[id] = path;
    return id >= 0;
  }

  // next waits a little for events and puts watches of files that went away on their paths again.
  bool next(Sight& sight) {
    pollfd one{fd_, POLLIN, 0};
    if (::poll(&one, 1, 20) <= 0) return false;
    alignas(inotify_event) std::array<char, 4096> buffer{};
    const ssize_t size = ::read(fd_, buffer.data(), buffer.size());
    bool any = false;
    for (ssize_t at = 0; at < size;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      at += static_cast<ssize_t>(sizeof event + event.len);
      any = handle(event, sight) || any;
    }
    return any;
  }

 private:
  bool handle(const inotify_event& event, Sight& sight) {
    const auto found = paths_.find(event.wd);
    if (found == paths_.end() || (event.mask & IN_IGNORED) != 0) return false;
    if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF)) == 0) return true;
    const auto path = found->second;
    paths_.erase(found);
    (void)::inotify_rm_watch(fd_, event.wd);
    if (!add(path)) ++sight.missing;
    return true;
  }

  int fd_;
  std::map<int, std::filesystem::path> paths_;
};

}  // namespace

std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::int64_t queued_ns(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/schedstat");
  std::int64_t ran = 0, queued = 0;
  return in >> ran >> queued ? queued : 0;
}

std::uint64_t fingerprint(const std::string& content) { return std::hash<std::string>()(content); }

void reload_as_apiserver(const Pair& pair, Sight& sight) {
  Watch watch;
  Loader loader(pair, sight);
  if (!watch.add(pair.certificate) || !watch.add(pair.key)) ++sight.missing;
  loader.run();
  while (!sight.stop)
    if (watch.next(sight)) loader.run();
}

void open_all_the_time(const Pair& pair, Sight& sight) {
  while (!sight.stop) {
    const int fd = ::open(pair.certificate.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
      ++sight.missing;
    else
      ::close(fd);
    ++sight.reads;
  }
}

void read_all_the_time(const Pair& pair, Sight& sight) {
  Loader loader(pair, sight);
  while (!sight.stop) {
    loader.run();
    ::usleep(200);
  }
}

}  // namespace faults
