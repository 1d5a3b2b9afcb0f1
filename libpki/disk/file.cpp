// SPDX-License-Identifier: Apache-2.0
#include "disk/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/not_readable.hpp"
#include "disk/advice.hpp"
#include "disk/permissions.hpp"

namespace pki::disk {

namespace fs = std::filesystem;

namespace {

Found problem(Rule rule, Found found, const fs::path& path, std::string message, Remedy remedy = {}) {
  found.exists = true;
  found.content.clear();
  found.problem = Finding{rule, Severity::error, path.string(), std::move(message), {}, std::move(remedy)};
  return found;
}

Found unreadable(Found found, const fs::path& path, int error) {
  const bool denied = is_denied(error);
  return problem(denied ? Rule::file_unreadable : Rule::io, std::move(found), path, "cannot read: " + reason(error),
                 denied ? base::as_root : "");
}

Found describe(const struct stat& status) {
  Found found;
  found.exists = true;
  found.mode = static_cast<unsigned>(status.st_mode) & 07777U;
  found.uid = status.st_uid;
  found.gid = status.st_gid;
  found.links = static_cast<unsigned>(status.st_nlink);
  return found;
}

Found irregular(const struct stat& status, const fs::path& path) {
  return problem(Rule::file_irregular, describe(status), path,
                 fmt::format("is {}, expected a regular file", kind_of(status.st_mode)),
                 S_ISLNK(status.st_mode) ? "replace the link by a copy of the file that it points to" : "");
}

// A process that is not root can read its key through a group, on purpose.
Finding open_mode(unsigned mode, const fs::path& path) {
  const bool for_a_group = (mode & 077U) == 040U;
  const auto closed = shell_command("chmod 600", {path});
  return {Rule::file_open_mode,
          for_a_group ? Severity::warning : Severity::error,
          path.string(),
          fmt::format("is open to other users (mode {:04o}), expected 0600", mode),
          {},
          for_a_group ? fmt::format("`{}`, unless a process of its group must read it", closed) : closed};
}

Found too_large(Found found, const fs::path& path, const ReadRules& rules) {
  return problem(Rule::file_too_large, std::move(found), path, fmt::format("is larger than {} bytes", rules.max_size));
}

// The rules for a file of which content and mode are known.
Found apply(const ReadRules& rules, Found found, const fs::path& path) {
  if (found.content.size() > rules.max_size) return too_large(std::move(found), path, rules);
  if (found.content.empty() && !rules.may_be_empty)
    return problem(Rule::file_empty, std::move(found), path, "is empty");
  if (rules.secret && (found.mode & 077U) != 0) found.problem = open_mode(found.mode, path);
  return found;
}

// Reads an open regular file; a file that grows is read up to the limit only.
Found read_open_file(int fd, const fs::path& path, const ReadRules& rules) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return unreadable({}, path, errno);
  if (!S_ISREG(status.st_mode)) return irregular(status, path);
  Found found = describe(status);
  if ((rules.secret || rules.one_name) && status.st_nlink > 1)
    return problem(Rule::file_hard_links, std::move(found), path,
                   fmt::format("has {} names (hard links), expected one", status.st_nlink),
                   "remove the other names, or replace the file by a copy of itself");
  if (rules.attributes) found.attributes = read_attributes(fd, path);
  const auto size = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
  if (size > rules.max_size) return too_large(std::move(found), path, rules);
  found.content.resize(size + 1);  // one more, to see the end without a larger buffer
  std::size_t filled = 0;
  while (true) {
    if (filled > rules.max_size) return too_large(std::move(found), path, rules);
    if (filled == found.content.size()) found.content.resize(std::min(2 * filled, rules.max_size + 1));
    const ssize_t count = ::read(fd, found.content.data() + filled, found.content.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(std::move(found), path, errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  found.content.resize(filled);
  return apply(rules, std::move(found), path);
}

// Like lstat(2), plus the target of a link, read consistently: retries when the name stops being a link between the two
// calls. Returns false and errno when the name does not exist or cannot be read.
bool lstat_consistent(int dir, const std::string& name, struct stat& status, std::string& target) {
  target.clear();
  for (int attempt = 0; attempt < 32; ++attempt) {
    if (::fstatat(dir, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (!S_ISLNK(status.st_mode)) return true;
    target = link_target(dir, name);
    if (!target.empty()) return true;
  }
  return true;
}

// changed: the name was replaced between two calls, by a transaction.
enum class Attempt { done, changed };

/// EntryReader reads one name in an open directory.
class EntryReader {
 public:
  EntryReader(const Hooks& hooks, std::string name, const fs::path& path, const ReadRules& rules)
      : hooks_(hooks), name_(std::move(name)), path_(path), rules_(rules) {}

  Found read(int dir) {
    for (int attempt = 0; attempt < 32; ++attempt)
      if (read_entry(dir) == Attempt::done) return std::move(found_);
    if (!found_.problem) found_ = problem(Rule::io, {}, path_, "cannot read: it changes all the time");
    return std::move(found_);
  }

 private:
  Attempt read_entry(int dir) {
    found_ = {};
    struct stat status {};
    std::string target;
    if (!lstat_consistent(dir, name_, status, target)) {
      if (errno != ENOENT) found_ = unreadable({}, path_, errno);
      return Attempt::done;
    }
    if (target == transient_target(name_)) return read_through_link(dir);
    if (S_ISLNK(status.st_mode) && rules_.links == Links::follow) return read_target(dir, target);
    if (!S_ISREG(status.st_mode)) {
      found_ = irregular(status, path_);
      return Attempt::done;
    }
    const Fd fd = open_beneath(hooks_, dir, name_, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd) {
      found_ = read_open_file(fd.value(), path_, rules_);
      return Attempt::done;
    }
    if (errno == ENOENT || errno == ELOOP) return Attempt::changed;
    found_ = unreadable(describe(status), path_, errno);
    return Attempt::done;
  }

  // Reads the file that somebody's link leads to. Only a regular file is opened, so that nothing blocks and no device
  // is touched.
  Attempt read_target(int dir, const std::string& target) {
    const auto link = [&](std::string_view what) { return fmt::format("is a symbolic link to {}, {}", target, what); };
    const Fd place(::openat(dir, name_.c_str(), O_PATH | O_CLOEXEC));
    struct stat status {};
    if (!place || ::fstat(place.value(), &status) != 0) {
      found_ = errno == ENOENT ? problem(Rule::file_irregular, {}, path_, link("which does not exist"))
                               : unreadable({}, path_, errno);
    } else if (!S_ISREG(status.st_mode)) {
      found_ = problem(Rule::file_irregular, describe(status), path_,
                       link(fmt::format("which is {}, expected a regular file", kind_of(status.st_mode))));
    } else if (const Fd fd(::openat(dir, name_.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)); fd) {
      found_ = read_open_file(fd.value(), path_, rules_);
      std::error_code none;
      found_.target = fs::weakly_canonical(path_, none);
    } else if (errno == ENOENT || errno == ELOOP) {
      return Attempt::changed;
    } else {
      found_ = unreadable(describe(status), path_, errno);
    }
    return Attempt::done;
  }

  // Reads the file that a transient link represents. Each hop must be exactly what a transaction makes.
  Attempt read_through_link(int dir) {
    const auto still_ours = [&] { return link_target(dir, name_) == transient_target(name_); };
    const Fd transaction = open_beneath(hooks_, dir, std::string(transaction_name), O_PATH | O_DIRECTORY);
    const auto side = transaction ? link_target(transaction.value(), "cur") : std::string();
    if (side != "old" && side != "new") {
      found_ = problem(Rule::file_irregular, {}, path_, "is a symbolic link into a transaction that is not there",
                       "restore it from a backup");
      return Attempt::changed;  // the problem counts only if nothing has changed
    }
    const Fd directory = open_beneath(hooks_, transaction.value(), side, O_PATH | O_DIRECTORY);
    struct stat status {};
    if (directory && ::fstatat(directory.value(), name_.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
      if (!S_ISLNK(status.st_mode)) return read_entry(directory.value());
      found_ = irregular(status, path_);
      return Attempt::done;
    }
    if (errno != ENOENT) found_ = unreadable({}, path_, errno);
    // The file is not on this side: it is new, or it is being removed.
    return still_ours() && link_target(transaction.value(), "cur") == side ? Attempt::done : Attempt::changed;
  }

  const Hooks& hooks_;
  std::string name_;
  const fs::path& path_;
  const ReadRules& rules_;
  Found found_;
};

}  // namespace

std::string transient_target(const std::string& name) { return fmt::format("{}/cur/{}", transaction_name, name); }

std::string link_target(int dir, const std::string& name) {
  std::array<char, PATH_MAX> buffer{};
  const ssize_t size = ::readlinkat(dir, name.c_str(), buffer.data(), buffer.size());
  return size < 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(size));
}

Found to_found(const fs::path& path, SecretString content, unsigned mode, const ReadRules& rules) {
  Found found;
  found.exists = true;
  found.content = std::move(content);
  found.mode = mode & 07777U;
  return apply(rules, std::move(found), path);
}

Found read_file(const Directory& root, const std::string& relative, const ReadRules& rules) try {
  if (root.hooks().reading != nullptr) root.hooks().reading(relative.c_str());
  const auto path = root.path() / relative;
  const auto slash = relative.rfind('/');
  std::optional<Directory> below;
  if (slash != std::string::npos) {
    below = root.at(relative.substr(0, slash), rules.links);
    if (!below) return {};
  }
  const std::string name = slash == std::string::npos ? relative : relative.substr(slash + 1);
  if (name.empty() || name == "." || name == "..") return problem(Rule::file_irregular, {}, path, "is not a file name");
  return EntryReader(root.hooks(), name, path, rules).read(below ? below->fd() : root.fd());
} catch (const Error& error) {
  Found found;
  found.exists = true;
  found.problem = error.finding();
  return found;
}

}  // namespace pki::disk
