// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace cli {

/// Returns the number of insertions, deletions, replacements and swaps of neighbours that turn one word into the other
/// (optimal string alignment).
[[nodiscard]] std::size_t edit_distance(std::string_view one, std::string_view other);

/// Returns `did you mean "a"?` with the nearest words, at most three of the same distance, or an empty text where none
/// is near: more than a third of the word would have to change.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string> known);

}  // namespace cli
