#pragma once

#include <string>

#include <pki/secret.hpp>

#include "formats/kubeconfig/credential_values.hpp"
#include "formats/yaml/yaml_tree.hpp"

namespace pki::formats {

/// KubeconfigDocument is a kubeconfig that was read as YAML, with its secrets masked, and the places of its
/// credentials in the text. `text` must outlive it. Each member function throws Error(malformed).
class KubeconfigDocument {
 public:
  /// Entry is one named cluster, user or context.
  struct Entry {
    std::string name;
    const YamlNode* content{nullptr};  ///< a map, or a null for an entry that says nothing
    std::string path;                  ///< "users[0].user"
  };

  KubeconfigDocument(const SecretString& text, const std::string& subject);

  [[nodiscard]] const YamlNode& root() const noexcept { return root_; }
  /// entries gives those of `list` ("clusters"), whose content is in the field `field` ("cluster").
  [[nodiscard]] std::vector<Entry> entries(const char* list, const char* field) const;
  /// current gives the entries that the current context leads to.
  [[nodiscard]] Entry current_context() const;
  [[nodiscard]] Entry named(const char* list, const char* field, const std::string& name,
                            const std::string& asked_by) const;
  /// string gives a field of an entry, empty where it is absent.
  [[nodiscard]] std::string string(const YamlNode& map, const std::string& path, const char* field) const;
  /// value gives the place of a credential in the text, null where it is absent or empty.
  [[nodiscard]] const CredentialValue* value(const Entry& entry, const char* field) const;
  /// decoded gives the bytes of a base64 credential, empty where it is absent or empty.
  [[nodiscard]] SecretString decoded(const Entry& entry, const char* field) const;
  [[noreturn]] void refuse(int line, const std::string& message, const std::string& hint = {}) const;

 private:
  void refuse_visible_secrets(const YamlNode& node) const;

  const SecretString& text_;
  std::string subject_;
  CredentialValues values_;
  YamlNode root_;
};

}  // namespace pki::formats
