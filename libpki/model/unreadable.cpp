// SPDX-License-Identifier: Apache-2.0
#include "model/unreadable.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/not_readable.hpp"

namespace pki::model {

namespace fs = std::filesystem;

namespace {

bool is_unreadable(const Finding& finding) { return finding.rule == Rule::file_unreadable; }

fs::path common_directory(const std::set<fs::path>& paths) {
  const auto first = paths.begin()->parent_path();
  auto end = first.end();
  for (const auto& path : paths)
    end = std::mismatch(first.begin(), end, path.begin(), path.end()).first;
  fs::path common;
  for (auto part = first.begin(); part != end; ++part)
    common /= *part;
  return common;
}

}  // namespace

bool Unreadable::take(const Finding& finding) {
  if (!is_unreadable(finding)) return false;
  add(finding.subject);
  return true;
}

std::optional<Finding> Unreadable::statement() const {
  if (files_.empty()) return std::nullopt;
  const bool one = files_.size() == 1;
  const auto what =
      one ? fmt::format("is {}, so nothing is known about it", base::not_readable)
          : fmt::format("{} files below are {}, so nothing is known about them", files_.size(), base::not_readable);
  return Finding{Rule::file_unreadable,
                 Severity::error,
                 (one ? *files_.begin() : common_directory(files_)).string(),
                 what + ": permission denied",
                 {},
                 base::as_root};
}

void join_unreadable(std::initializer_list<std::vector<Finding>*> lists) {
  Unreadable unreadable;
  std::vector<Finding>* first = nullptr;
  std::ptrdiff_t place = 0;
  auto severity = Severity::error;
  for (auto* list : lists) {
    const auto found = std::ranges::find_if(*list, is_unreadable);
    if (found == list->end()) continue;
    if (first == nullptr) {
      first = list;
      place = found - list->begin();
      severity = found->severity;
    }
    std::erase_if(*list, [&](const Finding& finding) { return unreadable.take(finding); });
  }
  auto statement = unreadable.statement();
  if (!statement) return;
  statement->severity = severity;
  first->insert(first->begin() + place, std::move(*statement));
}

}  // namespace pki::model
