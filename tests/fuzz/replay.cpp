// SPDX-License-Identifier: Apache-2.0
// Runs a target over stored inputs: the corpora and what fuzzing has found. Ends with their count.
//
// usage: fuzz-replay TARGET (FILE | DIRECTORY)…

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "targets.hpp"

namespace {

namespace fs = std::filesystem;

struct Count {
  std::size_t inputs{0};
  std::size_t failed{0};
};

std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read");
  return {std::istreambuf_iterator<char>(stream), {}};
}

void replay(const fuzz::Target& target, const fs::path& path, Count& count) {
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::directory_iterator(path))
      replay(target, entry.path(), count);
    return;
  }
  ++count.inputs;
  try {
    fuzz::run_bounded(target, content_of(path));
  } catch (const std::exception& error) {
    ++count.failed;
    std::printf("%s: %s\n", path.c_str(), error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto* target = argc > 2 ? fuzz::find_target(argv[1]) : nullptr;
  if (target == nullptr) {
    std::fputs("usage: fuzz-replay TARGET (FILE | DIRECTORY)...\ntargets:", stderr);
    for (const auto& each : fuzz::targets())
      std::fprintf(stderr, " %s", each.name.data());
    std::fputs("\n", stderr);
    return 2;
  }
  const auto begin = std::chrono::steady_clock::now();
  Count count;
  for (int i = 2; i < argc; ++i)
    replay(*target, argv[i], count);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%s: %zu inputs, %zu failed, in %.1f s\n", argv[1], count.inputs, count.failed, took.count());
  return count.inputs != 0 && count.failed == 0 ? 0 : 1;
}
