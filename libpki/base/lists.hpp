// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <iterator>
#include <vector>

namespace pki::base {

/// Returns the values of `list` that are not in `others`, in their order.
template <class T>
[[nodiscard]] std::vector<T> without(const std::vector<T>& list, const std::vector<T>& others) {
  std::vector<T> rest;
  std::ranges::copy_if(list, std::back_inserter(rest),
                       [&](const T& value) { return std::ranges::find(others, value) == others.end(); });
  return rest;
}

/// Returns the values of `list` in ascending order, to compare lists whose order means nothing.
template <class T>
[[nodiscard]] std::vector<T> sorted(std::vector<T> list) {
  std::ranges::sort(list);
  return list;
}

}  // namespace pki::base
