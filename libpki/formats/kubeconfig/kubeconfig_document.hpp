// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <pki/secret.hpp>

#include "formats/yaml/yaml_scalar.hpp"
#include "formats/yaml/yaml_tree.hpp"

namespace pki::formats {

/// KubeconfigDocument is a kubeconfig that was parsed as YAML with its secrets masked; credentials are read from the
/// text itself. `text` must outlive it. Each member function throws Error(malformed).
class KubeconfigDocument {
 public:
  /// Entry is one named cluster, user or context.
  struct Entry {
    std::string name;
    const YamlNode* content{nullptr};  ///< a map, or a null for an empty entry
    std::string path;                  ///< "users[0].user"
  };

  /// Current holds the context that current-context names, and its cluster and user.
  struct Current {
    Entry context;
    Entry cluster;
    Entry user;
  };

  KubeconfigDocument(const SecretString& text, const std::string& subject);

  [[nodiscard]] const YamlNode& root() const noexcept { return root_; }
  /// Returns the entries of `list` ("clusters"), whose content is in the field `field` ("cluster").
  [[nodiscard]] std::vector<Entry> entries(const char* list, const char* field) const;
  /// Returns the context that current-context names.
  [[nodiscard]] Entry current_context() const;
  /// Returns the same context with its cluster and user.
  [[nodiscard]] Current current() const;
  /// Returns the entry of that name; `asked_by` is the path of the field with the name, for the message.
  [[nodiscard]] Entry named(const char* list, const char* field, const std::string& name,
                            const std::string& asked_by) const;
  /// Returns a string of a map; empty without that field. `path` names the map in messages.
  [[nodiscard]] std::string string(const YamlNode& map, const std::string& path, const char* field) const;
  /// Returns the scalar of a credential, its text masked if it is secret; null where it is absent or empty.
  [[nodiscard]] const YamlNode* value(const Entry& entry, const char* field) const;
  /// Returns the bytes of a base64 credential; empty where it is absent or empty.
  [[nodiscard]] SecretString decoded(const Entry& entry, const char* field) const;
  /// Returns the text of a secret that is not base64, a token say; empty where it is absent or empty.
  [[nodiscard]] SecretString secret(const Entry& entry, const char* field) const;
  /// Returns the type that Kubernetes' reader takes a scalar for, a secret one, too; empty for another node.
  [[nodiscard]] std::optional<ScalarType> type_of(const YamlNode& node) const;
  [[noreturn]] void refuse(int line, const std::string& message, const std::string& hint = {}) const;

 private:
  void refuse_visible_secrets(const YamlNode& node) const;

  const SecretString& text_;
  std::string subject_;
  YamlNode root_;
};

}  // namespace pki::formats
