// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/words.hpp"
#include "formats/yaml/yaml_scalar.hpp"
#include "formats/yaml/yaml_tree.hpp"

namespace pki::formats {

namespace {

void collect(const YamlNode& node, const std::string& path, std::vector<DuplicateField>& found);

/// One is enough to refuse a text, and a hostile text has fifty thousand.
constexpr std::size_t most_duplicates = 100;

void collect_here(const YamlNode& map, const std::string& path, std::vector<DuplicateField>& found) {
  std::vector<const YamlEntry*> sorted;
  for (const auto& entry : map.entries)
    sorted.push_back(&entry);
  std::stable_sort(sorted.begin(), sorted.end(), [](auto a, auto b) { return a->name < b->name; });
  const YamlEntry* first = nullptr;
  for (const auto* entry : sorted) {
    if (found.size() == most_duplicates) return;
    if (first != nullptr && first->name == entry->name)
      found.push_back({field_path(path, entry->name), first->line, entry->line});
    else
      first = entry;
  }
}

void collect(const YamlNode& node, const std::string& path, std::vector<DuplicateField>& found) {
  collect_here(node, path, found);
  for (const auto& entry : node.entries) {
    if (entry.value.kind == YamlNode::Kind::map || entry.value.kind == YamlNode::Kind::list)
      collect(entry.value, field_path(path, entry.name), found);
  }
  for (std::size_t i = 0; i < node.items.size(); ++i)
    collect(node.items[i], item_path(path, i), found);
}

}  // namespace

std::string field_path(const std::string& parent, const std::string& name) {
  return parent.empty() ? base::shown_name(name) : parent + "." + base::shown_name(name);
}

std::string item_path(const std::string& parent, std::size_t index) { return fmt::format("{}[{}]", parent, index); }

const YamlNode* YamlNode::find(std::string_view name) const noexcept {
  const auto entry =
      std::find_if(entries.begin(), entries.end(), [&](const YamlEntry& each) { return each.name == name; });
  return entry == entries.end() ? nullptr : &entry->value;
}

std::string in_quotes(const std::string& text) {
  if (auto shown = base::shown_name(text); shown != to_plain(text)) return shown;
  const auto written = yaml_scalar(text);
  return written.front() == '"' ? written : '"' + written + '"';
}

bool is_string(const YamlNode& node) noexcept {
  return node.kind == YamlNode::Kind::scalar && (!node.plain || type_of_plain(node.text) == ScalarType::string);
}

bool is_true(const YamlNode& node) noexcept {
  if (node.kind != YamlNode::Kind::scalar || !node.plain || type_of_plain(node.text) != ScalarType::boolean)
    return false;
  return std::string_view("tTyY").find(node.text[0]) != std::string_view::npos || node.text == "on" ||
         node.text == "On" || node.text == "ON";
}

std::string kind_of(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "an object";
    case YamlNode::Kind::scalar:
      break;
  }
  const auto type = node.plain ? type_of_plain(node.text) : ScalarType::string;
  return type == ScalarType::number ? "a number" : type == ScalarType::boolean ? "a boolean" : "a string";
}

std::string describe(const YamlNode& node) {
  const auto kind = kind_of(node);
  // Only a string is shown in quotes, to distinguish "6443" and 6443.
  if (kind == "a string") return "the string " + in_quotes(node.text);
  if (kind == "a number" || kind == "a boolean")
    return fmt::format("the {} {}", kind.substr(2), base::shown_name(node.text));
  return kind;
}

std::vector<DuplicateField> duplicate_fields(const YamlNode& node) {
  std::vector<DuplicateField> found;
  collect(node, "", found);
  return found;
}

}  // namespace pki::formats
