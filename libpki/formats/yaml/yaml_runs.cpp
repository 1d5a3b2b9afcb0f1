#include "formats/yaml/yaml_runs.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace pki::formats {

namespace {

constexpr std::string_view mark = "LongRunOfBase64";
constexpr std::size_t digits = 5;
constexpr std::size_t token_size = mark.size() + digits;
constexpr std::size_t shortest = 128;
constexpr std::size_t most = 10'000;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

/// run_of is the run that ends a line behind a blank; empty where there is none, or a short one.
std::string_view run_of(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto before = line.find_last_not_of(alphabet);
  if (before == std::string_view::npos || line[before] != ' ') return {};
  const auto run = line.substr(before + 1);
  return run.size() < shortest ? std::string_view() : run;
}

}  // namespace

LongRuns::LongRuns(std::string_view text) {
  const bool usable = text.find(mark) == std::string_view::npos;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\n', start), text.size() - 1) + 1;
    const auto whole = text.substr(start, end - start);
    const auto line = whole.substr(0, whole.size() - (whole.ends_with('\n') ? 1 : 0));
    const auto run = usable && runs_.size() < most ? run_of(line) : std::string_view();
    if (run.empty()) {
      shortened_ += whole;
    } else {
      const auto at = static_cast<std::size_t>(run.data() - whole.data());
      shortened_ += whole.substr(0, at);
      cut(run);
      shortened_ += whole.substr(at + run.size());
    }
    start = end;
  }
}

void LongRuns::cut(std::string_view run) {
  shortened_ += fmt::format("{}{:0{}}", mark, runs_.size(), digits);
  const auto before = runs_.empty() ? 0 : runs_.back().removed;
  runs_.push_back({shortened_.size(), before + run.size() - token_size, run});
}

std::string LongRuns::restored(const std::string& scalar) const {
  auto at = runs_.empty() ? std::string::npos : scalar.find(mark);
  if (at == std::string::npos) return scalar;
  std::string result;
  std::size_t copied = 0;
  for (; at != std::string::npos; at = scalar.find(mark, copied)) {
    result.append(scalar, copied, at - copied);
    result += runs_.at(std::stoul(scalar.substr(at + mark.size(), digits))).text;
    copied = at + token_size;
  }
  return result.append(scalar, copied);
}

std::size_t LongRuns::offset_of(std::size_t shortened) const noexcept {
  const auto next = std::ranges::upper_bound(runs_, shortened, {}, &Run::end);
  return shortened + (next == runs_.begin() ? 0 : std::prev(next)->removed);
}

}  // namespace pki::formats
