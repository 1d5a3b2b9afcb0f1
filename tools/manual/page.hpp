// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace manual {

/// Edition is the last line of every page.
struct Edition {
  std::string date;     ///< "2026-01-31"
  std::string version;  ///< "0.1.0"
};

/// Returns a text for man(7): nothing in it is a request or an escape, hyphens can be copied, and `…` is bold.
[[nodiscard]] std::string to_roff(std::string_view text);

/// Returns the name of the page of the program or of one command: "pkigen-csr-create".
[[nodiscard]] std::string page_name(const CLI::App& app, const CLI::App* command);

/// Returns the page of the program or of one command: written sections in man(7), which begin with DESCRIPTION, and
/// between them the options, the commands or rows, and the exit statuses of the application.
[[nodiscard]] std::string command_page(const CLI::App& app, const CLI::App* command, std::string_view written,
                                       const Edition& edition);

/// Returns a page that is written as a whole; `name` is "pkigen.yaml.5".
[[nodiscard]] std::string written_page(std::string_view name, std::string_view written, const Edition& edition);

}  // namespace manual
