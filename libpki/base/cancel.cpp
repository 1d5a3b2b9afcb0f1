// SPDX-License-Identifier: Apache-2.0
#include "base/cancel.hpp"

#include <pki/error.hpp>

namespace pki::base {

void refuse_stopped(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(Errc::cancelled, {}, "cancelled, as the caller requested");
}

}  // namespace pki::base
