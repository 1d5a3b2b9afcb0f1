// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pki/report.hpp>

#include "formats/report/json.hpp"

namespace pki::formats {

/// Returns a report as kubeadm's CertificateExpirationInfo with further keys. Invalid UTF-8 is not yet replaced.
[[nodiscard]] Json report_json(const Report& report);

}  // namespace pki::formats
