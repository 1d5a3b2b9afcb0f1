// SPDX-License-Identifier: Apache-2.0
#include "commands/suggest.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace cli {

namespace {

constexpr std::size_t most_suggestions = 3;
constexpr std::size_t shortest_beginning = 3;
constexpr std::size_t longest_word = 64;  // longer ones are no typing mistake, and would cost time

// Someone who types the beginning of a word means it as much as someone who mistypes one character.
std::size_t distance_to(std::string_view word, std::string_view known) {
  const auto distance = edit_distance(word, known);
  const bool is_beginning = word.size() >= shortest_beginning && known.starts_with(word);
  return is_beginning ? std::min<std::size_t>(distance, 1) : distance;
}

}  // namespace

std::size_t edit_distance(std::string_view one, std::string_view other) {
  // Rows of the matrix for one.substr(0, i - 2), i - 1 and i.
  std::vector<std::size_t> before(other.size() + 1);
  std::vector<std::size_t> last(other.size() + 1);
  std::vector<std::size_t> row(other.size() + 1);
  for (std::size_t j = 0; j <= other.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= one.size(); ++i) {
    std::swap(before, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[other.size()];
}

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
  if (word.size() > longest_word) return {};
  std::size_t nearest = std::max<std::size_t>(1, word.size() / 3);
  std::vector<std::string_view> found;
  for (const auto& candidate : known) {
    const auto distance = distance_to(word, candidate);
    if (distance > nearest) continue;
    if (distance < nearest) found.clear();
    nearest = distance;
    if (found.size() < most_suggestions) found.push_back(candidate);
  }
  std::string text;
  for (const auto& candidate : found)
    text += (text.empty() ? "did you mean \"" : " or \"") + std::string(candidate) + "\"";
  return text.empty() ? text : text + "?";
}

}  // namespace cli
