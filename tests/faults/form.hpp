// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "disk_model.hpp"

namespace faults {

/// Form follows the calls of runs as DiskModel does, twice: with the bytes, and with the path of each file in the place
/// of its bytes and no time in names. Disks of one scenario whose digests of the form are equal differ in keys, in
/// times and in what follows from these.
class Form {
 public:
  /// A disk with the state before a scenario.
  explicit Form(const Tree& before);
  /// A disk that has lost power: its tree, and the same with paths.
  Form(const Tree& tree, const Tree& paths) : bytes_(tree), paths_(paths) {}

  void apply(const Call& call, const std::string& site);
  /// Returns the tree with the bytes, to compare with the disk.
  [[nodiscard]] Tree tree() const { return bytes_.tree(); }
  [[nodiscard]] std::size_t digest() const { return faults::digest(paths_.tree()); }

  /// The same after a loss of power, as DiskModel says; paths_after is the tree with the paths.
  [[nodiscard]] std::vector<Unknown> unknowns() const { return bytes_.unknowns(); }
  [[nodiscard]] Tree tree_after(const std::vector<Unknown>& unknowns, const Choice& choice) const;
  [[nodiscard]] Tree paths_after(std::vector<Unknown> unknowns, const Choice& choice) const;

 private:
  DiskModel bytes_;
  DiskModel paths_;
};

}  // namespace faults
