// SPDX-License-Identifier: Apache-2.0
#include "disk/advice.hpp"

#include <system_error>

#include <pki/shell.hpp>

namespace pki::disk {

namespace fs = std::filesystem;

std::string shell_command(std::string_view words, const std::vector<fs::path>& paths) {
  std::string text(words);
  for (const auto& path : paths)
    text += " " + to_shell_word(path.string());
  return text;
}

std::string replace_link(const fs::path& link) {
  std::error_code error;
  const auto target = fs::canonical(link, error);
  auto text = shell_command("rm", {link});
  return error ? text : text + " && " + shell_command("mv", {target, link});
}

}  // namespace pki::disk
