// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include <pki/error.hpp>

/// The rules of the terminal: results go to stdout through `print`; everything else goes to stderr through the
/// other functions, in lower case and without a full stop, after "warning:", "error:" or "hint:". Nothing else in
/// the program writes anything. Whatever is printed has no control characters but line feeds and tabs.
namespace cli {

/// set_up_messages makes stderr ready; `verbose` lets notes through as well.
void set_up_messages(bool verbose);

void print(std::string_view text);
void note(std::string_view text);
void warn(const pki::Finding& finding);
void fail(const pki::Finding& finding);
void fail(const pki::Error& error);

void warn(const std::vector<pki::Finding>& findings);
void fail(const std::vector<pki::Finding>& findings);

/// line joins subject and message as Error::what does.
[[nodiscard]] std::string line(const pki::Finding& finding);

}  // namespace cli
