// SPDX-License-Identifier: Apache-2.0
#include <pki/version.hpp>

#include "formats/report/json.hpp"

namespace pki::inline PKI_ABI {

std::string to_json(const Versions& versions) {
  auto object = formats::json_object("Version");
  object["version"] = versions.library;
  object["crypto"] = versions.crypto;
  return formats::to_text(object);
}

}  // namespace pki::inline PKI_ABI
