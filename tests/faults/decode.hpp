// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "calls.hpp"

namespace faults {

/// Decoder turns the registers of a stopped process into calls with paths. It keeps the descriptors of the process
/// itself, so that it needs nothing of /proc, which a process that is not dumpable closes.
class Decoder {
 public:
  [[nodiscard]] Call decode(int process, const Shape& shape, const Arguments& arguments) const;
  /// Records a call that has ended; calls must come in order.
  void remember(const Call& call);

 private:
  struct OpenFile {
    std::string path;
    bool written{false};
  };

  [[nodiscard]] std::string resolve(int dir, const std::string& name) const;

  std::map<int, OpenFile> files_;
};

}  // namespace faults
