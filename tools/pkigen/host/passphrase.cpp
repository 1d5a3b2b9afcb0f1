// SPDX-License-Identifier: Apache-2.0
#include "host/passphrase.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "host/interrupts.hpp"
#include "print/output.hpp"

namespace cli {

namespace {

/// OpenSSL takes no longer passphrase.
constexpr std::size_t longest = 1024;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

/// Silence switches the echo of a terminal off, but for the line feed, as long as it exists.
class Silence {
 public:
  explicit Silence(int terminal) : terminal_(terminal), is_terminal_(::tcgetattr(terminal, &before_) == 0) {
    if (!is_terminal_) return;
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= static_cast<tcflag_t>(ECHONL);
    is_terminal_ = ::tcsetattr(terminal, TCSAFLUSH, &silent) == 0;
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (is_terminal_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  [[nodiscard]] bool is_terminal() const { return is_terminal_; }

 private:
  int terminal_;
  termios before_{};
  bool is_terminal_;
};

[[noreturn]] void refuse(const std::string& path, int reason) {
  throw pki::Error(reason == ENOENT ? pki::Errc::not_found : pki::Errc::io, path,
                   "cannot read the passphrase: " + std::generic_category().message(reason));
}

/// Returns the bytes before the first line feed, or before the end.
pki::SecretString read_line(int descriptor, const std::string& name) {
  pki::SecretString line(longest + 2, '\0');
  std::size_t size = 0;
  while (size < line.size()) {
    const auto count = ::read(descriptor, line.data() + size, line.size() - size);
    if (count < 0 && errno == EINTR && Interrupts::caught() == 0) continue;
    if (count < 0 && errno == EINTR) throw pki::Error(pki::Errc::cancelled, name, "interrupted");
    if (count < 0) refuse(name, errno);
    size += static_cast<std::size_t>(count);
    if (count == 0 || line.find('\n') < size) break;
  }
  line.resize(std::min(size, line.find('\n')));
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) throw pki::Error(pki::Errc::malformed, name, "no passphrase, expected one in the first line");
  if (line.size() > longest)
    throw pki::Error(pki::Errc::malformed, name, fmt::format("a passphrase of more than {} bytes", longest));
  return line;
}

void warn_if_open(int descriptor, const std::string& path) {
  struct stat facts {};
  if (::fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode) || (facts.st_mode & 077U) == 0) return;
  warn({pki::Rule::file_open_mode,
        pki::Severity::warning,
        path,
        fmt::format("holds a passphrase, and is open to other users (mode {:04o})", facts.st_mode & 07777U),
        {},
        "let only its owner read it"});
}

}  // namespace

pki::SecretString read_passphrase_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.number() < 0) refuse(path, errno);
  warn_if_open(file.number(), path);
  return read_line(file.number(), path);
}

std::optional<pki::SecretString> read_credential(const std::string& name) {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr) return std::nullopt;
  const auto path = std::filesystem::path(directory) / name;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.number() < 0 && errno == ENOENT) return std::nullopt;
  if (file.number() < 0) refuse(path.string(), errno);
  return read_line(file.number(), path.string());
}

std::optional<pki::SecretString> ask_at_terminal(const std::string& prompt) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (terminal.number() < 0) return std::nullopt;
  const Interrupts interrupts;  // ends after the terminal has its echo again
  const Silence silence(terminal.number());
  if (!silence.is_terminal()) return std::nullopt;
  if (::write(terminal.number(), prompt.data(), prompt.size()) < 0) return std::nullopt;
  return read_line(terminal.number(), "terminal");
}

}  // namespace cli
