// SPDX-License-Identifier: Apache-2.0
#include "formats/kubeconfig/kubeconfig_types.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "formats/yaml/yaml_scalar.hpp"

namespace pki::formats {

namespace {

enum class Type { text, boolean, texts, object, objects, map_of_texts, map_of_lists };

struct Field {
  std::string_view name;
  Type type;
  std::span<const Field> fields{};  ///< of an object, or of each object of a list
};

constexpr std::array extension{Field{"name", Type::text}};
constexpr Field extensions{"extensions", Type::objects, extension};

constexpr std::array cluster{
    Field{"server", Type::text},
    Field{"tls-server-name", Type::text},
    Field{"insecure-skip-tls-verify", Type::boolean},
    Field{"certificate-authority", Type::text},
    Field{"certificate-authority-data", Type::text},
    Field{"proxy-url", Type::text},
    Field{"disable-compression", Type::boolean},
    extensions,
};
constexpr std::array context{
    Field{"cluster", Type::text},
    Field{"user", Type::text},
    Field{"namespace", Type::text},
    extensions,
};
constexpr std::array auth_provider{Field{"name", Type::text}, Field{"config", Type::map_of_texts}};
constexpr std::array variable{Field{"name", Type::text}, Field{"value", Type::text}};
constexpr std::array exec{
    Field{"command", Type::text},         Field{"args", Type::texts},       Field{"env", Type::objects, variable},
    Field{"apiVersion", Type::text},      Field{"installHint", Type::text}, Field{"provideClusterInfo", Type::boolean},
    Field{"interactiveMode", Type::text},
};
constexpr std::array user{
    Field{"client-certificate", Type::text},
    Field{"client-certificate-data", Type::text},
    Field{"client-key", Type::text},
    Field{"client-key-data", Type::text},
    Field{"token", Type::text},
    Field{"tokenFile", Type::text},
    Field{"as", Type::text},
    Field{"as-uid", Type::text},
    Field{"as-groups", Type::texts},
    Field{"as-user-extra", Type::map_of_lists},
    Field{"username", Type::text},
    Field{"password", Type::text},
    Field{"auth-provider", Type::object, auth_provider},
    Field{"exec", Type::object, exec},
    extensions,
};
constexpr std::array named_cluster{Field{"name", Type::text}, Field{"cluster", Type::object, cluster}};
constexpr std::array named_context{Field{"name", Type::text}, Field{"context", Type::object, context}};
constexpr std::array named_user{Field{"name", Type::text}, Field{"user", Type::object, user}};
constexpr std::array preferences{Field{"colors", Type::boolean}, extensions};
constexpr std::array config{
    Field{"kind", Type::text},
    Field{"apiVersion", Type::text},
    Field{"preferences", Type::object, preferences},
    Field{"clusters", Type::objects, named_cluster},
    Field{"users", Type::objects, named_user},
    Field{"contexts", Type::objects, named_context},
    Field{"current-context", Type::text},
    extensions,
};

class TypeCheck {
 public:
  explicit TypeCheck(const KubeconfigDocument& document) : document_(document) {}

  void check_object(const YamlNode& node, std::span<const Field> fields, const std::string& path) const {
    if (is_null(node)) return;
    if (node.kind != YamlNode::Kind::map) refuse(node, path, "an object");
    for (const auto& entry : node.entries) {
      const auto field = std::ranges::find(fields, entry.name, &Field::name);
      if (field != fields.end()) check(entry.value, *field, field_path(path, entry.name));
    }
  }

 private:
  // Go leaves a field as it is where its value is null.
  static bool is_null(const YamlNode& node) { return node.kind == YamlNode::Kind::null; }

  void check(const YamlNode& node, const Field& field, const std::string& path) const {
    switch (field.type) {
      case Type::text:
        return check_text(node, path);
      case Type::boolean:
        if (!is_null(node) && document_.type_of(node) != ScalarType::boolean)
          refuse(node, path, "a boolean", "write true or false, without quotes");
        return;
      case Type::texts:
        return check_texts(node, path);
      case Type::object:
        return check_object(node, field.fields, path);
      case Type::objects:
        return check_list(node, path, [&](const YamlNode& item, const std::string& place) {
          check_object(item, field.fields, place);
        });
      case Type::map_of_texts:
        return check_map(node, path,
                         [&](const YamlNode& value, const std::string& place) { check_text(value, place); });
      case Type::map_of_lists:
        return check_map(node, path,
                         [&](const YamlNode& value, const std::string& place) { check_texts(value, place); });
    }
  }

  void check_text(const YamlNode& node, const std::string& path) const {
    if (is_null(node) || document_.type_of(node) == ScalarType::string) return;
    const bool scalar = node.kind == YamlNode::Kind::scalar;
    refuse(node, path, "a string", scalar ? "write the value in quotes" : "");
  }

  void check_texts(const YamlNode& node, const std::string& path) const {
    check_list(node, path, [&](const YamlNode& item, const std::string& place) { check_text(item, place); });
  }

  template <class CheckItem>
  void check_list(const YamlNode& node, const std::string& path, CheckItem check_item) const {
    if (is_null(node)) return;
    if (node.kind != YamlNode::Kind::list) refuse(node, path, "a list");
    for (std::size_t i = 0; i < node.items.size(); ++i)
      check_item(node.items[i], item_path(path, i));
  }

  template <class CheckValue>
  void check_map(const YamlNode& node, const std::string& path, CheckValue check_value) const {
    if (is_null(node)) return;
    if (node.kind != YamlNode::Kind::map) refuse(node, path, "an object");
    for (const auto& entry : node.entries)
      check_value(entry.value, field_path(path, entry.name));
  }

  [[noreturn]] void refuse(const YamlNode& node, const std::string& path, std::string_view expected,
                           const std::string& hint = {}) const {
    document_.refuse(node.line, fmt::format("{}: found {}, expected {}", path, kind(node), expected), hint);
  }

  [[nodiscard]] std::string kind(const YamlNode& node) const {
    if (node.kind != YamlNode::Kind::scalar) return kind_of(node);
    const auto type = *document_.type_of(node);
    return type == ScalarType::number ? "a number" : type == ScalarType::boolean ? "a boolean" : "a string";
  }

  const KubeconfigDocument& document_;
};

}  // namespace

void check_types(const KubeconfigDocument& document) { TypeCheck(document).check_object(document.root(), config, ""); }

}  // namespace pki::formats
