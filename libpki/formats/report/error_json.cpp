// SPDX-License-Identifier: Apache-2.0
#include <pki/error_report.hpp>

#include "formats/report/json.hpp"
#include "formats/report/yaml_text.hpp"

namespace pki::inline PKI_ABI {

namespace {

formats::Json error_json(const std::vector<Finding>& problems) {
  auto object = formats::json_object("Error");
  object.update(formats::json_of(problems.empty() ? Finding{} : problems.front()));
  object["problems"] = formats::json_of(problems);
  return object;
}

}  // namespace

std::string error_to_json(const std::vector<Finding>& problems) { return formats::to_text(error_json(problems)); }

std::string error_to_yaml(const std::vector<Finding>& problems) { return formats::to_yaml_text(error_json(problems)); }

}  // namespace pki::inline PKI_ABI
