#pragma once

#include <pki/error.hpp>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace cli {

/// usage_error words why a command line does not parse. It names the first unknown word and suggests the nearest
/// command or flag.
[[nodiscard]] pki::Error usage_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace cli
