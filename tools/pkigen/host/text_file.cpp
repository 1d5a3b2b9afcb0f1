// SPDX-License-Identifier: Apache-2.0
#include "host/text_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <fmt/core.h>

#include <pki/error.hpp>

namespace cli {

namespace {

[[noreturn]] void refuse(const std::string& path, int reason) {
  throw pki::Error(reason == ENOENT ? pki::Errc::not_found : pki::Errc::io, path,
                   "cannot read: " + std::generic_category().message(reason));
}

}  // namespace

std::string read_text_file(const std::string& path, std::size_t most, std::string_view expected) {
  const bool standard_input = path == "-";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      standard_input ? stdin : std::fopen(path.c_str(), "re"),
      [](std::FILE* f) { return f == stdin ? 0 : std::fclose(f); });
  if (!file) refuse(path, errno);
  std::string text;
  std::array<char, 1 << 14> block{};
  while (const auto count = std::fread(block.data(), 1, block.size(), file.get())) {
    text.append(block.data(), count);
    if (text.size() > most << 20U)
      throw pki::Error(pki::Errc::malformed, path, fmt::format("larger than {} MiB, expected {}", most, expected));
  }
  if (std::ferror(file.get()) != 0) refuse(path, errno);
  return text;
}

}  // namespace cli
