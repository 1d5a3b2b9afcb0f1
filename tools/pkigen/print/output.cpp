// SPDX-License-Identifier: Apache-2.0
#include "print/output.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "print/remedy_text.hpp"

namespace cli {

namespace {

// Not fmt::print: it throws, and where stderr is broken there is nobody to tell.
void hint(std::string_view text) {
  if (text.empty()) return;
  const auto whole = fmt::format("hint: {}\n", pki::to_plain(text, text.size()));
  (void)std::fwrite(whole.data(), 1, whole.size(), stderr);
}

// for_terminal keeps line feeds and tabs of a result, and makes other control characters plain.
std::string for_terminal(std::string_view text) {
  std::string out;
  for (std::size_t from = 0; from < text.size();) {
    const auto end = std::min(text.find_first_of("\n\t", from), text.size());
    out += pki::to_plain(text.substr(from, end - from), text.size());
    if (end < text.size()) out.push_back(text[end]);
    from = end + 1;
  }
  return out;
}

// One cause may concern several rows, and JSON has it for each.
std::vector<const pki::Finding*> without_repeated(const std::vector<pki::Finding>& findings) {
  std::vector<const pki::Finding*> different;
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& finding : findings)
    if (seen.emplace(line(finding), hint_of(finding)).second) different.push_back(&finding);
  return different;
}

}  // namespace

void set_up_messages(bool verbose) {
  auto logger = spdlog::stderr_color_mt("pkigen");
  logger->set_pattern("%^%l%$: %v");
  logger->set_level(verbose ? spdlog::level::info : spdlog::level::warn);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

// A result that did not reach its reader is a failure, the disk after a pipe being full for example.
void print(std::string_view result) {
  const auto text = for_terminal(result);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw pki::Error(pki::Errc::io, "stdout", "cannot write: " + std::generic_category().message(errno));
}

void note(std::string_view text) { spdlog::info(pki::to_plain(text)); }

void warn(const pki::Finding& finding) {
  spdlog::warn(pki::to_plain(line(finding)));
  hint(hint_of(finding));
}

void fail(const pki::Finding& finding) {
  spdlog::error(pki::to_plain(line(finding)));
  hint(hint_of(finding));
}

void fail(const pki::Error& error) { fail(error.finding()); }

void warn(const std::vector<pki::Finding>& findings) {
  for (const auto* finding : without_repeated(findings))
    warn(*finding);
}

void fail(const std::vector<pki::Finding>& findings) {
  for (const auto* finding : without_repeated(findings))
    fail(*finding);
}

std::string line(const pki::Finding& finding) {
  return finding.subject.empty() ? finding.message : finding.subject + ": " + finding.message;
}

}  // namespace cli
