#include "output.hpp"

#include <cstdio>
#include <system_error>

#include <fmt/core.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace cli {

namespace {

// Not fmt::print: it throws, and where stderr is broken there is nobody to tell.
void hint(std::string_view text) {
  if (text.empty()) return;
  const auto whole = fmt::format("hint: {}\n", text);
  (void)std::fwrite(whole.data(), 1, whole.size(), stderr);
}

}  // namespace

void set_up_messages(bool verbose) {
  auto logger = spdlog::stderr_color_mt("pkigen");
  logger->set_pattern("%^%l%$: %v");
  logger->set_level(verbose ? spdlog::level::info : spdlog::level::warn);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

// A result that did not reach its reader is a failure, a full disk behind a pipe for example.
void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw pki::Error(pki::Errc::io, "stdout", "cannot write: " + std::generic_category().message(errno));
}

void note(std::string_view text) { spdlog::info(text); }

void warn(const pki::Problem& problem) {
  spdlog::warn(line(problem));
  hint(problem.hint);
}

void fail(const pki::Problem& problem) {
  spdlog::error(line(problem));
  hint(problem.hint);
}

void fail(const pki::Error& error) { fail(error.problem()); }

void warn(const std::vector<pki::Problem>& problems) {
  for (const auto& problem : problems)
    warn(problem);
}

void fail(const std::vector<pki::Problem>& problems) {
  for (const auto& problem : problems)
    fail(problem);
}

std::string line(const pki::Problem& problem) {
  return problem.subject.empty() ? problem.message : problem.subject + ": " + problem.message;
}

}  // namespace cli
