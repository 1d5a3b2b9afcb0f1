// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <set>
#include <vector>

#include <pki/finding.hpp>

namespace pki::model {

/// Unreadable makes one statement about all files that this user may not read, whatever their number.
class Unreadable {
 public:
  void add(const std::filesystem::path& file) { files_.insert(file); }
  /// Adds the subject of a finding that is about such a file. Returns whether it is.
  bool take(const Finding& finding);
  /// Returns the statement; empty without such a file.
  [[nodiscard]] std::optional<Finding> statement() const;

 private:
  std::set<std::filesystem::path> files_;
};

/// Replaces the findings about files that this user may not read by one statement, in the first list that has such a
/// finding and with its severity: the lists of a plan, the most severe first.
void join_unreadable(std::initializer_list<std::vector<Finding>*> lists);

}  // namespace pki::model
