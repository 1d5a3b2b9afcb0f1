#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <pki/config.hpp>

#include "formats/kubeadm/config_fields.hpp"
#include "formats/yaml/yaml_documents.hpp"

namespace pki::formats {

namespace {

/// kubeadm keeps a configuration in a ConfigMap; none that works is near this size.
constexpr std::size_t max_bytes = 256UL * 1024;
constexpr std::size_t max_documents = 100;

constexpr const char* migrate_hint =
    "convert the file with `kubeadm config migrate` of a kubeadm that knows both versions";

/// Header is the apiVersion and the kind of a document.
struct Header {
  std::string group;
  std::string version;
  std::string kind;
  int line{1};  ///< of apiVersion
};

/// DocumentsReader reads all documents of a file into one result.
class DocumentsReader {
 public:
  explicit DocumentsReader(const std::string& name) : reader_(name) {}

  [[nodiscard]] ConfigFile read(std::string_view text);

 private:
  void read_document(const YamlDocument& document);
  void read_root(const YamlNode& root);
  [[nodiscard]] std::optional<Header> read_header(const YamlNode& root);
  [[nodiscard]] bool read_header_field(const YamlNode& root, const char* name, std::string& value);
  [[nodiscard]] std::optional<Version> version_of(const Header& header);
  [[nodiscard]] const Kind* kind_of(const Header& header);
  [[nodiscard]] bool is_second(const Header& header);
  void refuse_duplicates(const YamlNode& root);

  ConfigReader reader_;
  std::map<std::string, int> seen_;  ///< kind → line
};

ConfigFile DocumentsReader::read(std::string_view text) {
  if (text.size() > max_bytes) {
    reader_.problem(Rule::config_syntax, 0, "", fmt::format("{} bytes, expected at most {}", text.size(), max_bytes));
    return reader_.result();
  }
  const auto documents = split_documents(text);
  if (documents.size() > max_documents) {
    reader_.problem(Rule::config_syntax, 0, "",
                    fmt::format("{} documents, expected at most {}", documents.size(), max_documents));
    return reader_.result();
  }
  for (const auto& document : documents)
    read_document(document);
  const bool ours = seen_.contains("InitConfiguration") || seen_.contains("ClusterConfiguration");
  if (!ours && reader_.file().problems.empty())
    reader_.problem(Rule::config_document_missing, 0, "", "found neither InitConfiguration nor ClusterConfiguration",
                    "begin the file with `apiVersion: kubeadm.k8s.io/v1beta4` and `kind: ClusterConfiguration`");
  return reader_.result();
}

void DocumentsReader::read_document(const YamlDocument& document) {
  if (!document.separator_ok)
    reader_.problem(Rule::config_syntax, document.line - 1, "", "found text after ---, expected the end of the line");
  try {
    const auto root = parse_yaml(document.text, document.line);
    if (root.kind != YamlNode::Kind::null) read_root(root);
  } catch (const YamlError& error) {
    reader_.problem(Rule::config_syntax, error.line, "", error.what());
  }
}

void DocumentsReader::read_root(const YamlNode& root) {
  if (root.kind != YamlNode::Kind::map) return reader_.wrong_type(root, "", "an object with apiVersion and kind");
  const auto header = read_header(root);
  if (!header) return;
  const auto* kind = kind_of(*header);
  if (kind == nullptr || is_second(*header) || kind->fields.empty()) return;
  refuse_duplicates(root);
  if (const auto version = version_of(*header)) read_object(reader_, root, "", kind->fields, *version);
}

std::optional<Header> DocumentsReader::read_header(const YamlNode& root) {
  Header header;
  std::string api_version;
  const bool has_version = read_header_field(root, "apiVersion", api_version);
  const bool has_kind = read_header_field(root, "kind", header.kind);
  if (!has_version || !has_kind) return std::nullopt;
  header.line = root.find("apiVersion")->line;
  const auto slash = api_version.find('/');
  if (slash == std::string::npos) return header.version = api_version, header;
  header.group = api_version.substr(0, slash);
  header.version = api_version.substr(slash + 1);
  return header;
}

bool DocumentsReader::read_header_field(const YamlNode& root, const char* name, std::string& value) {
  const auto* node = root.find(name);
  if (node != nullptr && node->kind != YamlNode::Kind::null) {
    if (!is_string(*node)) return reader_.wrong_type(*node, name, "a string"), false;
    value = node->text;
  }
  if (value.empty())
    reader_.problem(Rule::value_missing, node == nullptr ? root.line : node->line, name,
                    "found nothing, expected it in every document");
  return !value.empty();
}

/// Returns null for a document that is not read, after adding a problem or a warning.
const Kind* DocumentsReader::kind_of(const Header& header) {
  const auto kinds = document_kinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& each) {
    return each.group == header.group && each.kind == header.kind;
  });
  if (found != kinds.end()) return &*found;
  if (header.group == kubeadm_group || header.group == pkigen_group)
    reader_.problem(Rule::config_unknown_kind, header.line, "kind",
                    fmt::format("found {}, which {} does not have", in_quotes(header.kind), header.group));
  else
    reader_.warning(Rule::config_document_ignored, header.line, "",
                    fmt::format("ignored document {}{}{} {}", header.group, header.group.empty() ? "" : "/",
                                header.version, header.kind));
  return nullptr;
}

bool DocumentsReader::is_second(const Header& header) {
  const auto [first, is_new] = seen_.emplace(header.kind, header.line);
  if (is_new) return false;
  reader_.problem(Rule::config_document_duplicate, header.line, "kind",
                  fmt::format("a second {}, the first is on line {}", header.kind, first->second),
                  "put the fields of both into one document");
  return true;
}

std::optional<Version> DocumentsReader::version_of(const Header& header) {
  if (header.group == pkigen_group) {
    if (header.version == "v1") return pkigen_v1;
    reader_.problem(Rule::config_version_unsupported, header.line, "apiVersion",
                    fmt::format("found pkigen/{}, expected pkigen/v1", header.version));
    return std::nullopt;
  }
  if (header.version == "v1beta4") return v1beta4;
  if (header.version == "v1beta3") {
    reader_.warning(Rule::config_version_deprecated, header.line, "apiVersion",
                    "kubeadm.k8s.io/v1beta3 is deprecated, expected kubeadm.k8s.io/v1beta4", migrate_hint);
    return v1beta3;
  }
  reader_.problem(
      Rule::config_version_unsupported, header.line, "apiVersion",
      fmt::format("found kubeadm.k8s.io/{}, expected kubeadm.k8s.io/v1beta4 or kubeadm.k8s.io/v1beta3", header.version),
      migrate_hint);
  return std::nullopt;
}

void DocumentsReader::refuse_duplicates(const YamlNode& root) {
  for (const auto& field : duplicate_fields(root))
    reader_.problem(Rule::config_duplicate_field, field.line, field.path,
                    fmt::format("duplicate field, the first is on line {}", field.first_line), "remove one of them");
}

}  // namespace

}  // namespace pki::formats

namespace pki::inline PKI_ABI {

ConfigFile parse_config(std::string_view text, const std::string& name) {
  return formats::DocumentsReader(name).read(text);
}

}  // namespace pki::inline PKI_ABI
