// SPDX-License-Identifier: Apache-2.0
#include "formats/kubeadm/config_reader.hpp"

#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "formats/yaml/yaml_scalar.hpp"

namespace pki::formats {

namespace {

/// Nobody reads more, and a hostile file has fifty thousand of them.
constexpr std::size_t most_noted = 500;

}  // namespace

ConfigFile&& ConfigReader::result() noexcept {
  if (gate_) file_.config.algorithm = *gate_;
  return std::move(file_);
}

void ConfigReader::found(const std::string& field, int line) {
  constexpr std::string_view of_join = "controlPlane.";
  file_.lines[field] = line;
  if (field.starts_with(of_join)) file_.lines[field.substr(of_join.size())] = line;
}

std::string ConfigReader::subject(int line, const std::string& field) const {
  if (line == 0) return name_;
  return field.empty() ? fmt::format("{}:{}", name_, line) : fmt::format("{}:{}: {}", name_, line, field);
}

void ConfigReader::note(std::vector<Finding>& list, Finding finding) {
  if (list.size() > most_noted) return;
  if (list.size() == most_noted)
    finding = {Rule::list_shortened, finding.severity, name_,
               fmt::format("more than {}, the rest is not listed", most_noted)};
  make_plain(finding);
  list.push_back(std::move(finding));
}

void ConfigReader::problem(Rule rule, int line, const std::string& field, std::string message, Remedy remedy) {
  note(file_.problems, {rule, Severity::error, subject(line, field), std::move(message), {}, std::move(remedy)});
}

void ConfigReader::warning(Rule rule, int line, const std::string& field, std::string message, Remedy remedy) {
  note(file_.warnings, {rule, Severity::warning, subject(line, field), std::move(message), {}, std::move(remedy)});
}

void ConfigReader::wrong_type(const YamlNode& node, const std::string& field, const std::string& expected) {
  const bool unquoted = expected == "a string" && node.kind == YamlNode::Kind::scalar;
  problem(Rule::config_type, node.line, field, fmt::format("found {}, expected {}", describe(node), expected),
          unquoted ? "write it in quotes: " + in_quotes(node.text) : "");
}

std::optional<std::string> ConfigReader::string(const YamlNode& node, const std::string& field) {
  if (node.kind == YamlNode::Kind::null) return std::nullopt;
  if (!is_string(node)) return wrong_type(node, field, "a string"), std::nullopt;
  if (node.text.empty()) return std::nullopt;
  return node.text;
}

std::optional<int> ConfigReader::number(const YamlNode& node, const std::string& field) {
  if (node.kind == YamlNode::Kind::null) return std::nullopt;
  int value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, value);
  // For Kubernetes' reader a leading zero makes a number octal, for others it does not.
  const bool octal = node.text.size() > 1 && node.text.front() == '0';
  if (!node.plain || octal || stop != end || error != std::errc{})
    return wrong_type(node, field, "a whole number"), std::nullopt;
  return value;
}

std::optional<bool> ConfigReader::boolean(const YamlNode& node, const std::string& field) {
  if (node.kind == YamlNode::Kind::null) return std::nullopt;
  if (node.kind != YamlNode::Kind::scalar || !node.plain || type_of_plain(node.text) != ScalarType::boolean)
    return wrong_type(node, field, "true or false"), std::nullopt;
  return is_true(node);
}

std::optional<std::chrono::seconds> ConfigReader::duration(const YamlNode& node, const std::string& field) {
  if (node.kind == YamlNode::Kind::null) return std::nullopt;
  if (!is_string(node)) return wrong_type(node, field, "a duration, 8760h for example"), std::nullopt;
  try {
    return parse_duration(node.text);
  } catch (const Error& error) {
    problem(Rule::invalid_value, node.line, field, error.message(), error.remedy());
    return std::nullopt;
  }
}

std::optional<std::vector<std::string>> ConfigReader::strings(const YamlNode& node, const std::string& field) {
  if (node.kind == YamlNode::Kind::null) return std::nullopt;
  if (node.kind != YamlNode::Kind::list) return wrong_type(node, field, "a list of strings"), std::nullopt;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const auto& item = node.items[i];
    const auto path = item_path(field, i);
    found(path, item.line);
    const bool valid = is_string(item);
    // An item of a wrong type keeps its place: what is found about later items names their index.
    values.push_back(valid ? item.text : "");
    if (!valid) wrong_type(item, path, "a string");
  }
  return values;
}

}  // namespace pki::formats
