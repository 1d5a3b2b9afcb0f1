// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "calls.hpp"
#include "tree.hpp"

namespace faults {

// The states of a disk after a power loss. The rules are those that POSIX and the journaling file systems of Linux
// guarantee, and no stronger ones, although each of them orders more:
//   the content of a file is certain after a sync of that file; before, it may be as at the last sync (a new one:
//   empty), half written, zeros of the full length, or all there a name in a directory is certain after a sync of that
//   directory; before, each name on its own may be anything that it was since a mode, an owner, attributes are as at
//   the last sync of their file or directory, or any later ones a rename never loses the file: while the old name is
//   gone the new one is there; the other way round both may be

/// Unknown is one thing of which the last sync does not say how it is on the disk.
struct Unknown {
  enum class What { name, data, access };
  What what{What::name};
  std::size_t inode{0};
  std::string name;        ///< for messages; of a name: the key in its directory
  std::size_t options{0};  ///< 0 is the oldest, the last one is as if everything had reached the disk
};

/// Choice is an option for each unknown, in the order of `unknowns`.
using Choice = std::vector<std::size_t>;

class DiskModel {
 public:
  /// A disk on which all of a tree is certain.
  explicit DiskModel(const Tree& tree);

  /// apply does one call of a traced run, with its result. Throws std::runtime_error for a call that changes
  /// something and that the model does not know.
  void apply(const Call& call, const std::string& site);

  /// Returns the tree that the running system sees.
  [[nodiscard]] Tree tree() const { return after_power_loss({}, {}); }
  [[nodiscard]] std::vector<Unknown> unknowns() const;
  /// Returns the tree that a choice leaves. Where a choice is impossible, since a rename would lose its file, the
  /// rename did not happen.
  [[nodiscard]] Tree after_power_loss(const std::vector<Unknown>& unknowns, Choice choice) const;

 private:
  using Inode = std::size_t;
  static constexpr Inode nothing = static_cast<Inode>(-1);
  static constexpr int no_rename = -1;

  /// Value is what a name stood for, and the rename that made it so.
  struct Value {
    Inode inode{nothing};
    int rename{no_rename};
  };
  struct Item {
    Node now;
    std::string synced;                               ///< content at the last sync
    bool dirty{false};                                ///< content changed since then
    std::vector<Node> access;                         ///< owner, mode and attributes, without the content
    std::map<std::string, std::vector<Value>> names;  ///< of a directory
  };
  /// Move is where the target of a rename is.
  struct Move {
    Inode directory{nothing};
    std::string name;
  };
  struct Place {
    Inode directory{nothing};
    std::string name;
  };
  using Chosen = std::map<std::pair<Inode, std::string>, std::size_t>;

  Inode add(Node node);
  [[nodiscard]] Inode find(const std::string& path) const;
  [[nodiscard]] Place place_of(const std::string& path) const;
  [[nodiscard]] Inode target_of(const Call& call, const std::string& path) const;
  [[nodiscard]] Inode at(const Place& place) const;
  void put(const Place& place, Value value);
  void make(const std::string& path, Node node);
  void open(const Call& call, const std::string& path);
  void rename(const std::string& from, const std::string& to);
  void sync(Inode inode);
  void change_access(const Call& call, const std::string& path);
  void settle(const Move& move, int rename);
  void repair(Chosen& chosen) const;
  void picture(Inode directory, const std::string& prefix, const Chosen& names, const Choice& choice,
               const std::map<std::pair<Inode, int>, std::size_t>& index, Tree& tree) const;
  [[nodiscard]] static std::vector<std::string> contents(const Item& item);

  std::vector<Item> items_;
  std::map<int, Inode> open_;
  std::vector<Move> moves_;
};

}  // namespace faults
