// SPDX-License-Identifier: Apache-2.0
#include "model/repeated.hpp"

#include <algorithm>
#include <utility>

namespace pki::model {

namespace {

bool same_but_for_row(Finding a, const Finding& b) {
  a.row = b.row;
  return a == b;
}

}  // namespace

void drop_repeated(std::vector<Finding>& findings) {
  std::vector<Finding> kept;
  for (auto& finding : findings) {
    const bool repeated =
        std::ranges::any_of(kept, [&](const Finding& earlier) { return same_but_for_row(earlier, finding); });
    if (!repeated) kept.push_back(std::move(finding));
  }
  findings = std::move(kept);
}

}  // namespace pki::model
