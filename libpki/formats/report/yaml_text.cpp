// SPDX-License-Identifier: Apache-2.0
#include "formats/report/yaml_text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.hpp"
#include "formats/yaml/yaml_scalar.hpp"

namespace pki::formats {

namespace {

using Items = std::vector<std::pair<std::string_view, const Json*>>;

/// Returns the fields of an object in alphabetical order.
Items sorted_items(const Json& map) {
  Items items;
  for (const auto& [key, value] : map.items())
    items.emplace_back(key, &value);
  std::ranges::sort(items);
  return items;
}

bool is_block(const Json& value) { return value.is_structured() && !value.empty(); }

std::string scalar(const Json& value) {
  if (!value.is_string()) return value.dump();  // null, booleans, integers, [] and {}
  const auto& text = value.get_ref<const std::string&>();
  if (base::is_utf8(text)) return yaml_scalar(text);
  // JSON replaces the octets that are not UTF-8, and so does this.
  return yaml_scalar(Json::parse(value.dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>());
}

void write(std::string& out, const Json& value, const std::string& indent);

// Lists begin at the column of their key, as in all YAML that Kubernetes writes.
void write_map(std::string& out, const Json& map, const std::string& indent) {
  bool first = true;
  for (const auto& [key, value] : sorted_items(map)) {
    if (!first) out += indent;
    first = false;
    out.append(key).append(":");
    if (!is_block(*value)) {
      out += " " + scalar(*value) + "\n";
      continue;
    }
    const auto below = value->is_array() ? indent : indent + "  ";
    out += "\n" + below;
    write(out, *value, below);
  }
}

void write_list(std::string& out, const Json& list, const std::string& indent) {
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
void write(std::string& out, const Json& value, const std::string& indent) {
  if (value.is_array())
    write_list(out, value, indent);
  else
    write_map(out, value, indent);
}

}  // namespace

std::string to_yaml_text(const Json& object) {
  std::string out;
  write(out, object, "");
  return out;
}

}  // namespace pki::formats
