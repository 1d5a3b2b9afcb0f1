#pragma once

#include <string>

#include <pki/renewal.hpp>

namespace cli {

/// to_text shows a renewal to a person: a line a row with the reason, below it what is new, a sum, and which processes
/// must be restarted.
[[nodiscard]] std::string to_text(const pki::Renewal& renewal);

}  // namespace cli
