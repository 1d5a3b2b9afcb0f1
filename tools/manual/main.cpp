// SPDX-License-Identifier: Apache-2.0
// Writes the manual pages: the options of the commands as their help has them, between the sections in doc/man.
//
// usage: pkigen-manual WRITTEN_DIR OUTPUT_DIR DATE

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/version.hpp>

#include "commands/application.hpp"
#include "commands/command_tree.hpp"
#include "page.hpp"

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw std::runtime_error(path.string() + ": cannot read the written sections of this page");
  return text;
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw std::runtime_error(path.string() + ": cannot write");
}

void write_pages(const fs::path& written, const fs::path& output, const manual::Edition& edition) {
  CLI::App app;
  cli::Run run;
  bool verbose = false;
  cli::set_up(app, run, verbose);
  std::set<std::string> done;
  const auto write_page = [&](const CLI::App* command) {
    const auto name = manual::page_name(app, command) + ".1";
    write(output / name, manual::command_page(app, command, read(written / name), edition));
    done.insert(name);
  };
  write_page(nullptr);
  for (const auto* command : cli::all_commands(app))
    write_page(command);
  for (const auto& file : fs::directory_iterator(written)) {
    const auto name = file.path().filename().string();
    if (done.contains(name)) continue;
    if (name.ends_with(".1")) throw std::runtime_error(file.path().string() + ": there is no such command");
    write(output / name, manual::written_page(name, read(file.path()), edition));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: pkigen-manual WRITTEN_DIR OUTPUT_DIR DATE\n");
    return 2;
  }
  try {
    write_pages(argv[1], argv[2], {argv[3], std::string(pki::version())});
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
  return 0;
}
