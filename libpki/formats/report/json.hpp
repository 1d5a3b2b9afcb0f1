#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <pki/certificate.hpp>
#include <pki/error.hpp>

namespace pki::formats {

/// Json keeps its members in the order in which they were added: what we print is stable.
using Json = nlohmann::ordered_json;

/// api_version is that of every object that we print and of our own configuration document.
inline constexpr const char* api_version = "pkigen/v1";

/// to_text ends every JSON result: two blanks a level, invalid UTF-8 replaced, a line break at the end.
[[nodiscard]] std::string to_text(const Json& value);
/// json_object begins a versioned object: kind, apiVersion.
[[nodiscard]] Json json_object(const char* kind);

/// json_of writes one value as all our objects show it.
[[nodiscard]] Json json_of(const Problem& problem);
[[nodiscard]] Json json_of(const std::vector<Problem>& problems);
/// A name is {"type": "DNS" | "IP" | "email" | "URI" | "other", "value"}; the value of `other` is hex.
[[nodiscard]] Json json_of(const GeneralName& name);
[[nodiscard]] Json json_of(const std::vector<GeneralName>& names);
/// A time is RFC 3339 text; the epoch stands for "no time" and gives null.
[[nodiscard]] Json json_of(std::chrono::sys_seconds time);

}  // namespace pki::formats
