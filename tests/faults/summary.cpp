// SPDX-License-Identifier: Apache-2.0
#include "summary.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>

namespace faults {

namespace {

int status_of(int argc, char** argv, Program program, Summary& summary) try {
  return program(argc, argv, summary);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}

}  // namespace

void Summary::add(const std::string& what, std::size_t number) {
  const auto same =
      std::find_if(counts_.begin(), counts_.end(), [&](const auto& count) { return count.first == what; });
  if (same == counts_.end()) {
    counts_.emplace_back(what, number);
  } else {
    same->second += number;
  }
}

std::string Summary::text() const {
  std::string text;
  for (const auto& [what, number] : counts_)
    text += (text.empty() ? "" : ", ") + std::to_string(number) + " " + what;
  return text;
}

int run_program(int argc, char** argv, Program program) {
  const auto begin = std::chrono::steady_clock::now();
  Summary summary;
  const int status = status_of(argc, argv, program, summary);
  if (status == wrong_usage || status == skipped) return status;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%s: %s: %s, in %.0f s\n", std::filesystem::path(argv[0]).filename().c_str(), summary.text().c_str(),
              status == 0 ? "as expected" : "FAILED", took.count());
  return status;
}

}  // namespace faults
