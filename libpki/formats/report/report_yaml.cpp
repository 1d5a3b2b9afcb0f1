// SPDX-License-Identifier: Apache-2.0
#include <pki/report.hpp>

#include "formats/report/report_json.hpp"
#include "formats/report/yaml_text.hpp"

namespace pki::inline PKI_ABI {

std::string to_yaml(const Report& report) { return formats::to_yaml_text(formats::report_json(report)); }

}  // namespace pki::inline PKI_ABI
