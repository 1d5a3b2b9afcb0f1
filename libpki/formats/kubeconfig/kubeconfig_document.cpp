// SPDX-License-Identifier: Apache-2.0
#include "formats/kubeconfig/kubeconfig_document.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/base64.hpp"
#include "formats/kubeconfig/credential_values.hpp"

namespace pki::formats {

namespace {

/// Some eighty clusters, read in about ten milliseconds.
constexpr std::size_t max_bytes = 512UL * 1024;

bool is_nothing(const YamlNode* node) { return node == nullptr || node->kind == YamlNode::Kind::null; }

}  // namespace

void KubeconfigDocument::refuse(int line, const std::string& message, const std::string& hint) const {
  throw Error(Errc::malformed, subject_, fmt::format("line {}: {}", line, message), hint);
}

KubeconfigDocument::KubeconfigDocument(const SecretString& text, const std::string& subject)
    : text_(text), subject_(subject) {
  if (text.size() > max_bytes)
    throw Error(Errc::malformed, subject, fmt::format("{} bytes, expected at most {}", text.size(), max_bytes));
  try {
    root_ = parse_yaml(mask_secrets(text));
  } catch (const YamlError& error) {
    refuse(error.line, error.what());
  }
  if (root_.kind != YamlNode::Kind::map)
    throw Error(
        Errc::malformed, subject,
        fmt::format("found {}, expected a kubeconfig", root_.kind == YamlNode::Kind::scalar ? "text" : kind_of(root_)));
  refuse_visible_secrets(root_);
  for (const auto& field : duplicate_fields(root_))
    refuse(field.line, fmt::format("duplicate field, the first is on line {}", field.first_line));
  const auto kind = string(root_, "", "kind");
  if (!kind.empty() && kind != "Config") refuse(root_.find("kind")->line, "kind: found another kind, expected Config");
  const auto version = string(root_, "", "apiVersion");
  if (!version.empty() && version != "v1")
    refuse(root_.find("apiVersion")->line, "apiVersion: found another version, expected v1");
}

/// Refuses a secret that was not masked, because its name is written with escapes.
void KubeconfigDocument::refuse_visible_secrets(const YamlNode& node) const {
  for (const auto& entry : node.entries) {
    if (is_secret_name(entry.name) && entry.value.kind == YamlNode::Kind::scalar && !is_masked(entry.value.text))
      refuse(entry.line, fmt::format("{}: written in a way that is not supported", entry.name),
             "write the name of the field without escapes, and the value in quotes after it");
    refuse_visible_secrets(entry.value);
  }
  for (const auto& item : node.items)
    refuse_visible_secrets(item);
}

std::vector<KubeconfigDocument::Entry> KubeconfigDocument::entries(const char* list, const char* field) const {
  static const YamlNode nothing;
  const auto* node = root_.find(list);
  std::vector<Entry> entries;
  if (is_nothing(node)) return entries;
  if (node->kind != YamlNode::Kind::list)
    refuse(node->line, fmt::format("{}: found {}, expected a list", list, kind_of(*node)));
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    const auto& item = node->items[i];
    const auto path = item_path(list, i);
    if (item.kind != YamlNode::Kind::map)
      refuse(item.line, fmt::format("{}: found {}, expected an object", path, kind_of(item)));
    const auto* content = item.find(field);
    if (is_nothing(content)) content = &nothing;
    if (content != &nothing && content->kind != YamlNode::Kind::map)
      refuse(content->line,
             fmt::format("{}: found {}, expected an object", field_path(path, field), kind_of(*content)));
    entries.push_back({string(item, path, "name"), content, field_path(path, field)});
  }
  return entries;
}

KubeconfigDocument::Entry KubeconfigDocument::current_context() const {
  const auto name = string(root_, "", "current-context");
  if (name.empty())
    throw Error(Errc::malformed, subject_, "current-context: found nothing, expected the name of a context");
  return named("contexts", "context", name, "current-context");
}

KubeconfigDocument::Entry KubeconfigDocument::named(const char* list, const char* field, const std::string& name,
                                                    const std::string& asked_by) const {
  const Entry* found = nullptr;
  const auto all = entries(list, field);
  for (const auto& entry : all) {
    if (entry.name != name) continue;
    if (found != nullptr)
      refuse(root_.find(list)->line, fmt::format("{}: two entries have the name in {}", list, asked_by));
    found = &entry;
  }
  if (found == nullptr)
    throw Error(Errc::malformed, subject_, fmt::format("{}: no entry has the name in {}", list, asked_by));
  return *found;
}

KubeconfigDocument::Current KubeconfigDocument::current() const {
  const auto context = current_context();
  const auto named_in_context = [&](const char* list, const char* field) {
    return named(list, field, string(*context.content, context.path, field), field_path(context.path, field));
  };
  return {context, named_in_context("clusters", "cluster"), named_in_context("users", "user")};
}

std::string KubeconfigDocument::string(const YamlNode& map, const std::string& path, const char* field) const {
  const auto* node = map.find(field);
  if (is_nothing(node)) return {};
  if (!is_string(*node))
    refuse(node->line, fmt::format("{}: found {}, expected a string", field_path(path, field), kind_of(*node)));
  return node->text;
}

std::optional<ScalarType> KubeconfigDocument::type_of(const YamlNode& node) const {
  if (node.kind != YamlNode::Kind::scalar) return std::nullopt;
  // The type of a masked text is not that of the secret.
  return node.plain ? type_of_plain(node.span.of(std::string_view(text_))) : ScalarType::string;
}

const YamlNode* KubeconfigDocument::value(const Entry& entry, const char* field) const {
  const auto* node = entry.content->find(field);
  if (is_nothing(node) || (node->kind == YamlNode::Kind::scalar && node->text.empty())) return nullptr;
  if (node->kind != YamlNode::Kind::scalar)
    refuse(node->line, fmt::format("{}: found {}, expected base64", field_path(entry.path, field), kind_of(*node)));
  return node;
}

SecretString KubeconfigDocument::decoded(const Entry& entry, const char* field) const {
  const auto* node = value(entry, field);
  if (node == nullptr) return {};
  // Of white space Go's decoder ignores line breaks alone, and the bits that belong to no octet. A folded line has a
  // blank for its line break, in the masked text as well.
  if (node->text.find_first_of(" \t") != std::string::npos)
    refuse(node->line, fmt::format("{}: blanks within base64, which Kubernetes refuses", field_path(entry.path, field)),
           "write it on one line");
  const auto content = scalar_content(text_, node->span);
  auto bytes = content ? base::parse_base64<SecretString>(*content, base::UnusedBits::ignore) : std::nullopt;
  if (!bytes) refuse(node->line, fmt::format("{}: not valid base64", field_path(entry.path, field)));
  return std::move(*bytes);
}

SecretString KubeconfigDocument::secret(const Entry& entry, const char* field) const {
  const auto* node = entry.content->find(field);
  if (is_nothing(node) || (node->kind == YamlNode::Kind::scalar && node->text.empty())) return {};
  if (node->kind != YamlNode::Kind::scalar)
    refuse(node->line, fmt::format("{}: found {}, expected a string", field_path(entry.path, field), kind_of(*node)));
  const auto written = node->span.of(std::string_view(text_));
  const bool escapes = written.starts_with('"') && written.find('\\') != std::string_view::npos;
  auto text = scalar_content(text_, node->span);
  if (!text || escapes)
    refuse(node->line, fmt::format("{}: written with escapes, which are not supported", field_path(entry.path, field)));
  // A block scalar has line breaks around it.
  constexpr auto blanks = " \t\r\n";
  text->erase(std::min(text->find_last_not_of(blanks) + 1, text->size()));
  text->erase(0, std::min(text->find_first_not_of(blanks), text->size()));
  return std::move(*text);
}

}  // namespace pki::formats
