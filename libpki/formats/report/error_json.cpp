#include <pki/error_report.hpp>

#include "formats/report/json.hpp"

namespace pki::inline PKI_ABI {

std::string error_to_json(const std::vector<Finding>& problems) {
  auto object = formats::json_object("Error");
  object.update(formats::json_of(problems.empty() ? Finding{} : problems.front()));
  object["problems"] = formats::json_of(problems);
  return formats::to_text(object);
}

}  // namespace pki::inline PKI_ABI
