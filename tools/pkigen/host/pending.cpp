#include "host/pending.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <pki/error.hpp>

namespace cli {

namespace {

constexpr std::size_t largest = 4096;
constexpr const char* directory_name = ".pkigen";
constexpr const char* file_name = "deploy-pending";
constexpr const char* draft_name = "deploy-pending.new";
constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

std::filesystem::path state_dir(const pki::Layout& layout) { return layout.certificates_dir / directory_name; }

[[noreturn]] void refuse(const std::filesystem::path& path, const char* what) {
  throw pki::Error(pki::Errc::io, path.string(), std::string(what) + ": " + std::generic_category().message(errno));
}

/// Descriptor closes what was opened.
class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int value() const noexcept { return fd_; }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
  /// close tells what some file systems report only then.
  [[nodiscard]] bool close() noexcept { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

// Neither directory is reached through a link, and what is done below an open one is done there, whatever its path
// leads to by then.
Descriptor open_state(const Descriptor& certificates) {
  return Descriptor(certificates ? ::openat(certificates.value(), directory_name, directory_flags) : -1);
}
Descriptor open_certificates(const pki::Layout& layout) {
  return Descriptor(::open(layout.certificates_dir.c_str(), directory_flags));
}

void sync_directory(const Descriptor& directory, const std::filesystem::path& path) {
  if (::fsync(directory.value()) != 0) refuse(path, "cannot sync");
}

Descriptor make_state(const pki::Layout& layout) {
  const auto certificates = open_certificates(layout);
  if (!certificates) refuse(layout.certificates_dir, "cannot open");
  if (::mkdirat(certificates.value(), directory_name, 0700) == 0)
    sync_directory(certificates, layout.certificates_dir);
  else if (errno != EEXIST)
    refuse(state_dir(layout), "cannot create");
  return open_state(certificates);
}

// A name of our own beside the target: what an earlier run left there is replaced, never followed.
void write_draft(const Descriptor& directory, const std::filesystem::path& path, const std::string& text) {
  ::unlinkat(directory.value(), draft_name, 0);
  Descriptor file(::openat(directory.value(), draft_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) refuse(path, "cannot create");
  const bool written = ::write(file.value(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(file.value()) == 0;
  if (!file.close() || !written) refuse(path, "cannot write");
}

// What write_pending makes is a file with this one name; anything else was put there, and is not read.
bool is_ours(const Descriptor& file) {
  struct stat status {};
  return file && ::fstat(file.value(), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1;
}

}  // namespace

std::vector<const pki::CatalogRow*> read_pending(const pki::Layout& layout) {
  const auto directory = open_state(open_certificates(layout));
  if (!directory) return {};
  const Descriptor file(
      ::openat(directory.value(), file_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!is_ours(file)) return {};
  std::string text(largest, '\0');
  const auto size = ::read(file.value(), text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  std::vector<const pki::CatalogRow*> rows;
  for (const auto& row : pki::catalog())
    if (("\n" + text).find("\n" + std::string(row.name) + "\n") != std::string::npos) rows.push_back(&row);
  return rows;
}

void write_pending(const pki::Layout& layout, const std::vector<const pki::CatalogRow*>& rows) {
  const auto path = state_dir(layout);
  const auto directory = make_state(layout);
  if (!directory) refuse(path, "cannot open");
  std::string text;
  for (const auto* row : rows)
    text.append(row->name).append("\n");
  write_draft(directory, path / draft_name, text);
  if (::renameat(directory.value(), draft_name, directory.value(), file_name) != 0)
    refuse(path / file_name, "cannot replace");
  sync_directory(directory, path);
}

void remove_pending(const pki::Layout& layout) {
  const auto path = state_dir(layout);
  const auto directory = open_state(open_certificates(layout));
  if (!directory) {
    if (errno != ENOENT) refuse(path, "cannot open");
    return;
  }
  if (::unlinkat(directory.value(), file_name, 0) == 0) return sync_directory(directory, path);
  if (errno != ENOENT) refuse(path / file_name, "cannot remove");
}

}  // namespace cli
