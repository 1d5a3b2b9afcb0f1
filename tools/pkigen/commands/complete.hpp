// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace cli {

/// The first argument with which the completion scripts call the program. It is no command: help does not list it.
inline constexpr std::string_view complete_request = "__complete";

/// complete returns how the last of these words, which may be empty, can be continued. The first line says what to
/// offer: "words", which are on the following lines, each with a tab and a description, "files" or "directories", which
/// the shell completes itself. The words are not filtered by what has been typed of the last one, because shells differ
/// in how they match. After "--flag=" they are the values alone.
[[nodiscard]] std::string complete(const CLI::App& app, std::span<const std::string> words);

}  // namespace cli
