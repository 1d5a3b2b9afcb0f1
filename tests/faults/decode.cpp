// SPDX-License-Identifier: Apache-2.0
#include "decode.hpp"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace faults {

namespace fs = std::filesystem;

namespace {

bool writable(std::uint64_t flags) { return (flags & O_ACCMODE) != O_RDONLY && (flags & O_PATH) == 0; }

std::uint64_t word_at(int process, std::uint64_t address) {
  errno = 0;
  return static_cast<std::uint64_t>(::ptrace(PTRACE_PEEKDATA, process, address, nullptr));
}

// A page at a time, since a text may end just before memory that is not there.
std::string text_at(int process, std::uint64_t address) {
  constexpr std::uint64_t page = 4096;
  std::string text;
  while (address != 0 && text.size() < page) {
    std::array<char, page> bytes{};
    const auto at = address + text.size();
    iovec here{bytes.data(), page - at % page};
    iovec there{reinterpret_cast<void*>(at), here.iov_len};
    const auto count = ::process_vm_readv(process, &here, 1, &there, 1, 0);
    if (count <= 0) break;
    const auto end = std::find(bytes.begin(), bytes.begin() + count, '\0');
    text.append(bytes.begin(), end);
    if (end != bytes.begin() + count) break;
  }
  return text;
}

std::string bytes_at(int process, std::uint64_t address, std::uint64_t size) {
  std::string bytes(size, '\0');
  iovec here{bytes.data(), bytes.size()};
  iovec there{reinterpret_cast<void*>(address), bytes.size()};
  const auto count = ::process_vm_readv(process, &here, 1, &there, 1, 0);
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

}  // namespace

Call Decoder::decode(int process, const Shape& shape, const Arguments& arguments) const {
  Call call;
  call.shape = &shape;
  call.arguments = arguments;
  call.mutates = shape.mutates;
  const auto value = [&](int index) {
    return index < 0 ? AT_FDCWD : static_cast<int>(arguments[static_cast<std::size_t>(index)]);
  };
  const auto text = [&](int index) { return text_at(process, arguments[static_cast<std::size_t>(index)]); };
  if (shape.flags >= 0) call.flags = arguments[static_cast<std::size_t>(shape.flags)];
  if (call.name() == "openat2") call.flags = word_at(process, arguments[2]);
  if (shape.fd >= 0) {
    call.fd = value(shape.fd);
    const auto file = files_.find(call.fd);
    if (file != files_.end()) call.path = file->second.path;
    if (call.name() == "close") call.mutates = file != files_.end() && file->second.written;
  }
  if (shape.path >= 0) {
    call.raw = text(shape.path);
    call.path = resolve(value(shape.dir), call.raw);
  }
  if (call.name().starts_with("symlink")) call.data = text(0);
  if (call.name() == "fsetxattr" || call.name() == "fremovexattr") call.raw = text(1);
  if (call.name() == "fsetxattr") call.data = bytes_at(process, arguments[2], arguments[3]);
  if (shape.path2 >= 0) call.path2 = resolve(value(shape.dir2), text(shape.path2));
  if (call.opens() && (writable(call.flags) || (call.flags & (O_CREAT | O_TRUNC)) != 0)) call.mutates = true;
  return call;
}

void Decoder::remember(const Call& call) {
  const auto result = static_cast<int>(call.result);
  if (call.opens() && call.result >= 0) files_[result] = {call.path, false};
  if (call.writes_data() && call.fd >= 0) files_[call.fd].written = true;
  if (call.name() == "close" && !call.injected) files_.erase(call.fd);
  const auto command = call.arguments[1];
  if (call.name() == "fcntl" && call.result >= 0 && (command == F_DUPFD || command == F_DUPFD_CLOEXEC))
    files_[result] = files_[call.fd];
}

std::string Decoder::resolve(int dir, const std::string& name) const {
  if (!name.empty() && name[0] == '/') return fs::path(name).lexically_normal();
  const auto base = files_.find(dir);
  if (base == files_.end()) return name;
  if (name.empty() || name == ".") return base->second.path;
  return (fs::path(base->second.path) / name).lexically_normal();
}

}  // namespace faults
