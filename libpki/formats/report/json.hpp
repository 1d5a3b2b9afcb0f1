// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <pki/certificate.hpp>
#include <pki/error.hpp>

namespace pki::formats {

/// Json keeps its members in the order in which they were added: the output is stable.
using Json = nlohmann::ordered_json;

/// api_version is the apiVersion of every object in the output and of our own configuration document.
inline constexpr const char* api_version = "pkigen/v1";

/// Returns the text of a value (RFC 8259), `indent` blanks per level, invalid UTF-8 replaced. DEL and C1 controls,
/// which JSON allows in strings and a terminal obeys, are escaped as \u007f.
[[nodiscard]] std::string dump(const Json& value, int indent);
/// Returns a JSON result as text: indented by two blanks per level, invalid UTF-8 replaced, a line break at the end.
[[nodiscard]] std::string to_text(const Json& value);
/// Returns an empty object with room for the members of a report or one of its rows: one that grows copies all its
/// values.
[[nodiscard]] Json new_object();
/// Returns a versioned object with its first members, kind and apiVersion.
[[nodiscard]] Json json_object(const char* kind);

/// json_of returns one value as all objects of the output show it.
/// A finding is {"code", "severity", "subject", "message", "hint"}.
[[nodiscard]] Json json_of(const Finding& finding);
[[nodiscard]] Json json_of(const std::vector<Finding>& findings);
/// A name is {"type": "DNS" | "IP" | "email" | "URI" | "other", "value"}; the value of `other` is hex.
[[nodiscard]] Json json_of(const GeneralName& name);
[[nodiscard]] Json json_of(const std::vector<GeneralName>& names);
/// A time is RFC 3339 text, whatever it is: 1970-01-01 is a date like any other.
[[nodiscard]] Json json_of(std::chrono::sys_seconds time);

}  // namespace pki::formats
