#include "disk/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include <fmt/format.h>

namespace pki::disk {

namespace fs = std::filesystem;

namespace {

Problem to_problem(const Error& error) {
  const std::string text = error.what();
  const auto prefix = error.subject().empty() ? 0 : error.subject().size() + 2;
  return {error.subject(), text.substr(std::min(prefix, text.size())), error.hint()};
}

Found problem(Found found, const fs::path& path, std::string message, std::string hint = {}) {
  found.exists = true;
  found.content.clear();
  found.problem = Problem{path.string(), std::move(message), std::move(hint)};
  return found;
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
  return problem(describe(status), path, fmt::format("is {}, expected a regular file", kind_of(status.st_mode)),
                 S_ISLNK(status.st_mode) ? "replace the link by a copy of the file that it points to" : "");
}

// take reads an open regular file; a file that grows is read up to the limit only.
Found take(int fd, const fs::path& path, const ReadRules& rules) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return problem({}, path, "cannot read: " + reason(errno));
  if (!S_ISREG(status.st_mode)) return irregular(status, path);
  Found found = describe(status);
  const auto too_large = [&] { return problem(found, path, fmt::format("is larger than {} bytes", rules.max_size)); };
  if ((rules.secret || rules.one_name) && status.st_nlink > 1)
    return problem(std::move(found), path, fmt::format("has {} names (hard links), expected one", status.st_nlink),
                   "remove the other names, or replace the file by a copy of itself");
  const auto size = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
  if (size > rules.max_size) return too_large();
  found.content.resize(size + 1);  // one more, to see the end without a larger buffer
  std::size_t filled = 0;
  while (true) {
    if (filled > rules.max_size) return too_large();
    if (filled == found.content.size()) found.content.resize(std::min(2 * filled, rules.max_size + 1));
    const ssize_t count = ::read(fd, found.content.data() + filled, found.content.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return problem(std::move(found), path, "cannot read: " + reason(errno));
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  found.content.resize(filled);
  if (filled == 0 && !rules.may_be_empty)
    return problem(std::move(found), path, "is empty",
                   "a write was cut off: restore it from a backup, or move it away and run again");
  if (rules.secret && (found.mode & 077U) != 0)
    found.problem =
        Problem{path.string(), fmt::format("is open to other users (mode {:04o}), expected 0600", found.mode),
                "chmod 600 " + path.string()};
  return found;
}

// what_stands is lstat(2), and of a link where it leads to, of one and the same moment: what was a link for the one and
// none any more for the other is asked again. False, with errno: nothing stands there, or it cannot be seen.
bool what_stands(int dir, const std::string& name, struct stat& status, std::string& target) {
  target.clear();
  for (int attempt = 0; attempt < 32; ++attempt) {
    if (::fstatat(dir, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (!S_ISLNK(status.st_mode)) return true;
    target = link_target(dir, name);
    if (!target.empty()) return true;
  }
  return true;
}

// changed: the name was something else a moment ago, because a transaction went by.
enum class Look { done, changed };

Look look(int dir, const std::string& name, const fs::path& path, const ReadRules& rules, Found& found);

// look_behind reads what a transient link stands for. Each hop is checked to be exactly what the transaction makes.
Look look_behind(int dir, const std::string& name, const fs::path& path, const ReadRules& rules, Found& found) {
  const auto ours = [&] { return link_target(dir, name) == transient_target(name); };
  const Fd transaction = open_beneath(dir, std::string(transaction_name), O_PATH | O_DIRECTORY);
  const auto side = transaction ? link_target(transaction.value(), "cur") : std::string();
  if (side != "old" && side != "new") {
    found = problem({}, path, "is a symbolic link into a transaction that is not there", "restore it from a backup");
    return Look::changed;  // and if it did not change, the problem stands
  }
  const Fd directory = open_beneath(transaction.value(), side, O_PATH | O_DIRECTORY);
  struct stat status {};
  if (directory && ::fstatat(directory.value(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    if (!S_ISLNK(status.st_mode)) return look(directory.value(), name, path, rules, found);
    found = irregular(status, path);
    return Look::done;
  }
  if (errno != ENOENT) found = problem({}, path, "cannot read: " + reason(errno));
  // Not on this side: a file that is to be, or is no more.
  return ours() && link_target(transaction.value(), "cur") == side ? Look::done : Look::changed;
}

Look look(int dir, const std::string& name, const fs::path& path, const ReadRules& rules, Found& found) {
  found = {};
  struct stat status {};
  std::string target;
  if (!what_stands(dir, name, status, target)) {
    if (errno != ENOENT) found = problem({}, path, "cannot read: " + reason(errno));
    return Look::done;
  }
  if (target == transient_target(name)) return look_behind(dir, name, path, rules, found);
  if (!S_ISREG(status.st_mode)) {
    found = irregular(status, path);
    return Look::done;
  }
  const Fd fd = open_beneath(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (fd) {
    found = take(fd.value(), path, rules);
    return Look::done;
  }
  if (errno == ENOENT || errno == ELOOP) return Look::changed;
  found = problem(describe(status), path, "cannot read: " + reason(errno));
  return Look::done;
}

}  // namespace

std::string transient_target(const std::string& name) { return fmt::format("{}/cur/{}", transaction_name, name); }

std::string link_target(int dir, const std::string& name) {
  std::array<char, PATH_MAX> buffer{};
  const ssize_t size = ::readlinkat(dir, name.c_str(), buffer.data(), buffer.size());
  return size < 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(size));
}

Found read_file(const Directory& root, const std::string& relative, const ReadRules& rules) try {
  if (hooks.reading != nullptr) hooks.reading(relative.c_str());
  const auto path = root.path() / relative;
  const auto slash = relative.rfind('/');
  std::optional<Directory> below;
  if (slash != std::string::npos) {
    below = root.at(relative.substr(0, slash));
    if (!below) return {};
  }
  const std::string name = slash == std::string::npos ? relative : relative.substr(slash + 1);
  if (name.empty() || name == "." || name == "..") return problem({}, path, "is no file name");
  Found found;
  for (int attempt = 0; attempt < 32; ++attempt)
    if (look(below ? below->fd() : root.fd(), name, path, rules, found) == Look::done) return found;
  if (!found.problem) found = problem({}, path, "cannot read: it changes all the time");
  return found;
} catch (const Error& error) {
  Found found;
  found.exists = true;
  found.problem = to_problem(error);
  return found;
}

Listing list_directory(const Directory& root, const std::string& relative) try {
  Listing listing;
  std::optional<Directory> below;
  const bool self = relative.empty() || relative == ".";
  if (!self && !(below = root.at(relative))) return listing;
  const Directory& directory = self ? root : *below;
  listing.exists = true;
  for (auto& name : directory.names()) {
    struct stat status {};
    std::string target;
    if (name.front() == '.' || !what_stands(directory.fd(), name, status, target)) continue;
    const bool transient = target == transient_target(name);
    if (transient && !read_file(directory, name, {.max_size = kubeconfig_limit, .may_be_empty = true}).exists) continue;
    if (transient || S_ISREG(status.st_mode)) listing.names.push_back(std::move(name));
  }
  return listing;
} catch (const Error& error) {
  return {true, {}, to_problem(error)};
}

}  // namespace pki::disk
