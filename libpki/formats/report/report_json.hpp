#pragma once

#include <pki/report.hpp>

#include "formats/report/json.hpp"

namespace pki::formats {

/// report_json is a report as kubeadm's CertificateExpirationInfo with further keys; invalid UTF-8 is still in it.
[[nodiscard]] Json report_json(const Report& report);

}  // namespace pki::formats
