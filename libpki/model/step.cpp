// SPDX-License-Identifier: Apache-2.0
#include "model/step.hpp"

#include <utility>

namespace pki::model {

Step step_of(const Entry& entry) {
  Step step{.row = entry.row, .path = entry.path, .key_path = entry.key_path};
  if (entry.key) step.found.algorithm = entry.key->algorithm();
  if (const auto* certificate = entry.certificate()) {
    step.found.certificate = *certificate;
    step.found.certificate->pem.clear();
  }
  return step;
}

Step decided(Step step, std::string reason, decltype(Step::what) what) {
  step.reason = std::move(reason);
  step.what = std::move(what);
  return step;
}

}  // namespace pki::model
