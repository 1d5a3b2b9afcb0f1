// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

namespace pki::base {

/// Throws Error(cancelled) once a stop was requested.
void refuse_stopped(const std::stop_token& stop);

}  // namespace pki::base
