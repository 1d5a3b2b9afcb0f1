// SPDX-License-Identifier: Apache-2.0
#include "formats/report/yaml_text.hpp"

#include "formats/yaml/yaml_scalar.hpp"

namespace pki::formats {

namespace {

// A map of this type has its keys in alphabetical order.
using Sorted = nlohmann::json;

bool is_block(const Sorted& value) { return value.is_structured() && !value.empty(); }

std::string scalar(const Sorted& value) {
  if (value.is_string()) return yaml_scalar(value.get_ref<const std::string&>());
  return value.dump();  // null, booleans, integers, [] and {}
}

void write(std::string& out, const Sorted& value, const std::string& indent);

// Lists begin at the column of their key, as in all YAML that Kubernetes writes.
void write_map(std::string& out, const Sorted& map, const std::string& indent) {
  bool first = true;
  for (const auto& [key, value] : map.items()) {
    if (!first) out += indent;
    first = false;
    out += key + ":";
    if (!is_block(value)) {
      out += " " + scalar(value) + "\n";
      continue;
    }
    const auto below = value.is_array() ? indent : indent + "  ";
    out += "\n" + below;
    write(out, value, below);
  }
}

void write_list(std::string& out, const Sorted& list, const std::string& indent) {
  bool first = true;
  for (const auto& item : list) {
    if (!first) out += indent;
    first = false;
    out += "- ";
    if (is_block(item))
      write(out, item, indent + "  ");
    else
      out += scalar(item) + "\n";
  }
}

// `out` ends where the first line of the value begins; `indent` is for its other lines.
void write(std::string& out, const Sorted& value, const std::string& indent) {
  if (value.is_array())
    write_list(out, value, indent);
  else
    write_map(out, value, indent);
}

}  // namespace

std::string to_yaml_text(const Json& object) {
  std::string out;
  write(out, Sorted::parse(object.dump(-1, ' ', false, Json::error_handler_t::replace)), "");
  return out;
}

}  // namespace pki::formats
