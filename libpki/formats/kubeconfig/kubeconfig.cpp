// SPDX-License-Identifier: Apache-2.0
#include "formats/kubeconfig/kubeconfig.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/base64.hpp"
#include "formats/kubeconfig/kubeconfig_document.hpp"
#include "formats/kubeconfig/kubeconfig_types.hpp"

namespace pki::formats {

namespace {

constexpr const char* ca_data = "certificate-authority-data";
constexpr const char* certificate_data = "client-certificate-data";
constexpr const char* key_data = "client-key-data";
constexpr const char* ca_path = "certificate-authority";
constexpr const char* certificate_path = "client-certificate";
constexpr const char* key_path = "client-key";

// The fields of a user with which a client authenticates itself without a certificate.
constexpr std::array other_credentials{"token", "tokenFile", "username", "exec", "auth-provider"};

std::string text_of(const KubeconfigDocument& document, const KubeconfigDocument::Entry& entry, const char* field) {
  return document.string(*entry.content, entry.path, field);
}

/// Returns whether a text is PEM or base64, on several lines too, and no path: nobody names a file by forty letters and
/// digits alone.
bool is_data(const std::string& text) {
  constexpr std::size_t shortest_data = 40;
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \r\n\t";
  if (text.find("-----BEGIN") != std::string::npos) return true;
  return text.size() >= shortest_data && !text.starts_with('/') &&
         text.find_first_not_of(alphabet) == std::string::npos;
}

/// Returns the path of a file. A field for a path that holds the data instead is refused: as a path it would be shown.
std::string path_of(const KubeconfigDocument& document, const KubeconfigDocument::Entry& entry, const char* field) {
  auto path = text_of(document, entry, field);
  if (is_data(path))
    document.refuse(entry.content->find(field)->line,
                    fmt::format("{}: found data, expected the path of a file", field_path(entry.path, field)),
                    fmt::format("the field for data is {}-data", field));
  return path;
}

std::string public_data(const KubeconfigDocument& document, const KubeconfigDocument::Entry& entry, const char* field) {
  return std::string(std::string_view(document.decoded(entry, field)));
}

bool has_other_credentials(const KubeconfigDocument::Entry& user) {
  return std::any_of(other_credentials.begin(), other_credentials.end(), [&](const char* field) {
    const auto* node = user.content->find(field);
    if (node == nullptr || node->kind == YamlNode::Kind::null) return false;
    return node->kind != YamlNode::Kind::scalar || !node->text.empty();
  });
}

bool skips_verification(const KubeconfigDocument::Entry& cluster) {
  const auto* node = cluster.content->find("insecure-skip-tls-verify");
  return node != nullptr && is_true(*node);
}

/// Edit replaces a value with new base64.
struct Edit {
  YamlSpan place;
  std::string_view bytes;
};

Edit edit_of(const KubeconfigDocument& document, const KubeconfigDocument::Entry& entry, const char* field,
             std::string_view bytes) {
  const auto* node = document.value(entry, field);
  if (node == nullptr)
    document.refuse(std::max(entry.content->line, 1), fmt::format("{}: found no {} to replace", entry.path, field),
                    "only embedded credentials can be replaced");
  return {node->span, bytes};
}

void append_value(SecretString& out, char first, std::string_view bytes) {
  const bool quoted = first == '"' || first == '\'';
  if (quoted) out.push_back(first);
  base::append_base64(out, bytes);
  if (quoted) out.push_back(first);
}

SecretString apply(const SecretString& text, std::vector<Edit> edits) {
  std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.place.begin < b.place.begin; });
  SecretString out;
  out.reserve(text.size() + 8192);
  std::size_t done = 0;
  for (const auto& edit : edits) {
    out.append(text, done, edit.place.begin - done);
    append_value(out, text[edit.place.begin], edit.bytes);
    done = edit.place.end;
  }
  return out.append(text, done);
}

std::string where_of(const char* list, std::size_t i, const KubeconfigDocument::Entry& entry) {
  return fmt::format("{}[{}] {}", list, i, field_path("", entry.name));
}

void list_certificates(const KubeconfigDocument& document, const char* list, const char* field, const char* data,
                       std::vector<EmbeddedCertificate>& found) {
  const auto entries = document.entries(list, field);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EmbeddedCertificate certificate{where_of(list, i, entries[i]), {}, {}};
    try {
      certificate.pem = public_data(document, entries[i], data);
      if (certificate.pem.empty()) continue;
    } catch (const Error& error) {
      certificate.problem = error.message();
    }
    found.push_back(std::move(certificate));
  }
}

void list_references(const KubeconfigDocument& document, const char* list, const char* field, const char* data,
                     const char* path, std::vector<CertificateReference>& found,
                     const std::filesystem::path& kubeconfig) {
  const auto entries = document.entries(list, field);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    CertificateReference reference{where_of(list, i, entries[i]), {}, {}};
    try {
      if (document.value(entries[i], data) != nullptr) continue;
      reference.file = resolve_reference(kubeconfig, path_of(document, entries[i], path));
      if (reference.file.empty()) continue;
    } catch (const Error& error) {
      reference.problem = error.message();
    }
    found.push_back(std::move(reference));
  }
}

}  // namespace

Kubeconfig parse_kubeconfig(const SecretString& text, const std::string& subject) {
  const KubeconfigDocument document(text, subject);
  const auto [context, cluster, user] = document.current();
  Kubeconfig result;
  result.context = context.name;
  result.cluster = cluster.name;
  result.user = user.name;
  result.server = text_of(document, cluster, "server");
  result.ca_pem = public_data(document, cluster, ca_data);
  result.client_certificate_pem = public_data(document, user, certificate_data);
  result.client_key_pem = document.decoded(user, key_data);
  // A path that holds data is refused also where it is not used.
  auto ca_file = path_of(document, cluster, ca_path);
  auto certificate_file = path_of(document, user, certificate_path);
  auto key_file = path_of(document, user, key_path);
  const auto choose = [&](bool has_data, std::string& file, std::string found, const char* field) {
    if (!has_data)
      file = std::move(found);
    else if (!found.empty())
      result.overridden.emplace_back(field);
  };
  choose(!result.ca_pem.empty(), result.ca_file, std::move(ca_file), ca_path);
  choose(!result.client_certificate_pem.empty(), result.client_certificate_file, std::move(certificate_file),
         certificate_path);
  choose(!result.client_key_pem.empty(), result.client_key_file, std::move(key_file), key_path);
  result.skips_verification = skips_verification(cluster);
  result.other_credentials = has_other_credentials(user);
  check_types(document);
  return result;
}

SecretString replace_credentials(const SecretString& text, const std::string& subject,
                                 const std::string& certificate_pem, const SecretString& key_pem,
                                 const std::optional<std::string>& ca_pem) {
  const KubeconfigDocument document(text, subject);
  const auto current = document.current();
  std::vector<Edit> edits{edit_of(document, current.user, certificate_data, certificate_pem),
                          edit_of(document, current.user, key_data, key_pem)};
  if (ca_pem) edits.push_back(edit_of(document, current.cluster, ca_data, *ca_pem));
  return apply(text, std::move(edits));
}

std::vector<EmbeddedCertificate> embedded_certificates(const SecretString& text, const std::string& subject) {
  const KubeconfigDocument document(text, subject);
  std::vector<EmbeddedCertificate> found;
  list_certificates(document, "clusters", "cluster", ca_data, found);
  list_certificates(document, "users", "user", certificate_data, found);
  return found;
}

std::filesystem::path resolve_reference(const std::filesystem::path& kubeconfig, const std::string& reference) {
  return reference.empty() ? std::filesystem::path() : (kubeconfig.parent_path() / reference).lexically_normal();
}

std::vector<CertificateReference> certificate_references(const SecretString& text,
                                                         const std::filesystem::path& kubeconfig) {
  const KubeconfigDocument document(text, kubeconfig.string());
  std::vector<CertificateReference> found;
  list_references(document, "clusters", "cluster", ca_data, ca_path, found, kubeconfig);
  list_references(document, "users", "user", certificate_data, certificate_path, found, kubeconfig);
  return found;
}

}  // namespace pki::formats
