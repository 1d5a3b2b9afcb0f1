// SPDX-License-Identifier: Apache-2.0
#include "commands/exit.hpp"

namespace cli {

namespace {

const char* meaning_of(Exit code) noexcept {
  switch (code) {
    case ok:
      return "done, or nothing needs attention";
    case failed:
      return "failed";
    case usage:
      return "wrong usage or invalid configuration";
    case expiring:
      return "something expires within the warning window";
    case attention:
      return "something is expired, not yet valid, missing or invalid, or work is pending";
    case locked:
      return "another pkigen holds the lock";
    case changed:
      return "something was changed, with --detailed-exit-code";
  }
  return "";
}

}  // namespace

Exit exit_of(pki::Errc code) noexcept {
  switch (code) {
    case pki::Errc::invalid_config:
    case pki::Errc::unknown_name:
      return usage;
    case pki::Errc::locked:
      return locked;
    default:
      return failed;
  }
}

std::string exit_help(std::initializer_list<Exit> codes) {
  std::string text = "Exit status:";
  for (const auto code : codes)
    text += "\n  " + std::to_string(static_cast<int>(code)) + "  " + meaning_of(code);
  return text;
}

}  // namespace cli
