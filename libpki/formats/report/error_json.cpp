#include <pki/error_report.hpp>

#include "formats/report/json.hpp"

namespace pki {

std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_config:
      return "invalid-config";
    case Errc::unknown_name:
      return "unknown-name";
    case Errc::not_found:
      return "not-found";
    case Errc::already_exists:
      return "already-exists";
    case Errc::malformed:
      return "malformed";
    case Errc::mismatch:
      return "mismatch";
    case Errc::ca_key_missing:
      return "ca-key-missing";
    case Errc::locked:
      return "locked";
    case Errc::io:
      return "io";
    case Errc::crypto:
      return "crypto";
  }
  return "unknown";
}

std::string error_to_json(std::string_view code, const std::vector<Problem>& problems) {
  auto object = formats::json_object("Error");
  object["code"] = std::string(code);
  object.update(formats::json_of(problems.empty() ? Problem{} : problems.front()));
  object["problems"] = formats::json_of(problems);
  return formats::to_text(object);
}

}  // namespace pki
