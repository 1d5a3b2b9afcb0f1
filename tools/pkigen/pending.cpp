#include "pending.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include <pki/error.hpp>

namespace cli {

namespace {

constexpr std::size_t largest = 4096;

std::filesystem::path state_dir(const pki::Layout& layout) { return layout.certificates_dir / ".pkigen"; }
std::filesystem::path pending_file(const pki::Layout& layout) { return state_dir(layout) / "deploy-pending"; }

[[noreturn]] void refuse(const std::filesystem::path& path, const char* what) {
  throw pki::Error(pki::Errc::io, path.string(), std::string(what) + ": " + std::generic_category().message(errno));
}

void sync_directory(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) refuse(path, "cannot open");
  const bool synced = ::fsync(fd) == 0;
  ::close(fd);
  if (!synced) refuse(path, "cannot sync");
}

// A name of our own beside the target: what an earlier run left there is replaced, never followed.
void write_whole(const std::filesystem::path& path, const std::string& text) {
  ::unlink(path.c_str());
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) refuse(path, "cannot create");
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  if (::close(fd) != 0 || !written) refuse(path, "cannot write");
}

// What write_pending makes is a file with this one name; anything else was put there, and is not read.
bool is_ours(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1;
}

}  // namespace

std::vector<const pki::CatalogRow*> read_pending(const pki::Layout& layout) {
  const int fd = ::open(pending_file(layout).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string text(largest, '\0');
  const auto size = is_ours(fd) ? ::read(fd, text.data(), text.size()) : 0;
  ::close(fd);
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  std::vector<const pki::CatalogRow*> rows;
  for (const auto& row : pki::catalog())
    if (("\n" + text).find("\n" + std::string(row.name) + "\n") != std::string::npos) rows.push_back(&row);
  return rows;
}

void write_pending(const pki::Layout& layout, const std::vector<const pki::CatalogRow*>& rows) {
  const auto directory = state_dir(layout);
  const auto target = pending_file(layout);
  const auto draft = directory / "deploy-pending.new";
  std::string text;
  for (const auto* row : rows)
    text.append(row->name).append("\n");
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) refuse(directory, "cannot create");
  write_whole(draft, text);
  if (::rename(draft.c_str(), target.c_str()) != 0) refuse(target, "cannot replace");
  sync_directory(directory);
}

void remove_pending(const pki::Layout& layout) {
  const auto target = pending_file(layout);
  if (::unlink(target.c_str()) == 0) return sync_directory(state_dir(layout));
  if (errno != ENOENT) refuse(target, "cannot remove");
}

}  // namespace cli
