// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <pki/config.hpp>

#include "base/words.hpp"
#include "formats/kubeadm/config_fields.hpp"
#include "formats/kubeadm/config_header.hpp"
#include "formats/yaml/yaml_documents.hpp"

namespace pki::formats {

namespace {

/// kubeadm keeps a configuration in a ConfigMap; none that works is near this size.
constexpr std::size_t max_bytes = 256UL * 1024;
constexpr std::size_t max_documents = 100;

constexpr const char* get_cluster_hint =
    "append what `kubectl -n kube-system get configmap kubeadm-config -o yaml` prints, after a line ---";

constexpr const char* config_map_field = "data.ClusterConfiguration";

/// Returns the ClusterConfiguration in a ConfigMap as kubeadm stores it; null for any other document.
const YamlNode* config_map_content(const Header& header, const YamlNode& root) {
  if (!header.group.empty() || header.version != "v1" || header.kind != "ConfigMap") return nullptr;
  const auto* data = root.find("data");
  return data == nullptr ? nullptr : data->find(cluster_kind);
}

void move_to_line(YamlNode& node, int line) {
  node.line = line;
  for (auto& item : node.items)
    move_to_line(item, line);
  for (auto& entry : node.entries) {
    entry.line = line;
    move_to_line(entry.value, line);
  }
}

/// DocumentsReader reads all documents of a file into one result.
class DocumentsReader {
 public:
  explicit DocumentsReader(const std::string& name) : reader_(name) {}

  [[nodiscard]] ConfigFile read(std::string_view text);

 private:
  /// Join is a JoinConfiguration: what it means depends on the documents after it.
  struct Join {
    YamlNode root;
    Header header;
  };

  void read_document(const YamlDocument& document);
  void read_root(YamlNode root, std::string_view text);
  void refuse_duplicates(const YamlNode& root);
  void read_fields(const YamlNode& root, const Header& header, const Kind& kind);
  void read_config_map(const YamlNode& content, std::string_view text);
  void read_join(const Join& join);
  void set_role(const Join& join);
  [[nodiscard]] const Kind* kind_of(const Header& header);
  [[nodiscard]] bool is_second(const Header& header);
  [[nodiscard]] bool has(std::string_view kind) const { return seen_.contains(kind); }
  void require_cluster();

  ConfigReader reader_;
  std::map<std::string, int, std::less<>> seen_;  ///< kind → line
  std::optional<Join> join_;
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
  if (join_) read_join(*join_);
  if (reader_.file().problems.empty()) require_cluster();
  return reader_.result();
}

void DocumentsReader::require_cluster() {
  if (has(init_kind) || has(cluster_kind)) return;
  if (join_)
    reader_.problem(Rule::config_document_missing, join_->header.line, "kind",
                    "a JoinConfiguration alone, expected the ClusterConfiguration of its cluster, too",
                    get_cluster_hint);
  else
    reader_.problem(Rule::config_document_missing, 0, "", "found neither InitConfiguration nor ClusterConfiguration",
                    "begin the file with `apiVersion: kubeadm.k8s.io/v1beta4` and `kind: ClusterConfiguration`");
}

void DocumentsReader::read_document(const YamlDocument& document) {
  if (!document.separator_ok)
    reader_.problem(Rule::config_syntax, document.line - 1, "", "found text after ---, expected the end of the line");
  try {
    auto root = parse_yaml(document.text, document.line);
    if (root.kind != YamlNode::Kind::null) read_root(std::move(root), document.text);
  } catch (const YamlError& error) {
    reader_.problem(Rule::config_syntax, error.line, "", error.what());
  }
}

/// `text` is that of the document, which the spans of the nodes refer to.
void DocumentsReader::read_root(YamlNode root, std::string_view text) {
  if (root.kind != YamlNode::Kind::map) return reader_.wrong_type(root, "", "an object with apiVersion and kind");
  auto header = read_header(reader_, root);
  if (!header) return;
  if (const auto* content = config_map_content(*header, root)) {
    refuse_duplicates(root);
    return read_config_map(*content, text);
  }
  const auto* kind = kind_of(*header);
  if (kind == nullptr || is_second(*header) || kind->fields.empty()) return;
  if (header->kind == join_kind)
    join_ = Join{std::move(root), std::move(*header)};
  else
    read_fields(root, *header, *kind);
}

void DocumentsReader::refuse_duplicates(const YamlNode& root) {
  for (const auto& field : duplicate_fields(root))
    reader_.problem(Rule::config_duplicate_field, field.line, field.path,
                    fmt::format("duplicate field, the first is on line {}", field.first_line), "remove one of them");
}

void DocumentsReader::read_fields(const YamlNode& root, const Header& header, const Kind& kind) {
  refuse_duplicates(root);
  if (const auto version = version_of(reader_, header)) read_object(reader_, root, "", kind.fields, *version);
}

/// read_config_map reads the ClusterConfiguration that a ConfigMap holds as a text.
void DocumentsReader::read_config_map(const YamlNode& content, std::string_view text) {
  if (!is_string(content)) return reader_.wrong_type(content, config_map_field, "a string");
  const bool literal = content.span.of(text).starts_with('|');
  try {
    auto root = parse_yaml(content.text, content.line + 1);
    // Only in a literal block each line of the content is one line of the file.
    if (!literal) move_to_line(root, content.line);
    const auto* kind = root.find("kind");
    if (kind == nullptr || kind->text != cluster_kind)
      return reader_.problem(
          Rule::config_unknown_kind, content.line, config_map_field,
          fmt::format("found {}, expected a ClusterConfiguration", kind == nullptr ? "no kind" : describe(*kind)));
    read_root(std::move(root), content.text);
  } catch (const YamlError& error) {
    reader_.problem(Rule::config_syntax, literal ? error.line : content.line, config_map_field, error.what());
  }
}

/// read_join reads a JoinConfiguration in place of an InitConfiguration. As for kubeadm, it has no effect where there
/// is an InitConfiguration.
void DocumentsReader::read_join(const Join& join) {
  if (has(init_kind))
    return reader_.warning(Rule::config_document_ignored, join.header.line, "",
                           "ignored JoinConfiguration, because the file has an InitConfiguration");
  read_fields(join.root, join.header, *kind_of(join.header));
  set_role(join);
}

/// set_role sets the role for which kubeadm reads a JoinConfiguration: a control plane where it has the section
/// controlPlane, otherwise a worker. `ConfigFile::lines` has no line of such a role.
void DocumentsReader::set_role(const Join& join) {
  const auto* control_plane = join.root.find("controlPlane");
  const bool worker = control_plane == nullptr || control_plane->kind == YamlNode::Kind::null;
  const auto joins_as = worker ? Role::worker : Role::joining_control_plane;
  auto& role = reader_.config().role;
  const auto& lines = reader_.file().lines;
  const auto line = lines.find("controlPlane");
  if (role && *role != joins_as)
    return reader_.problem(
        Rule::values_conflict, line == lines.end() ? join.header.line : line->second, "controlPlane",
        fmt::format("{}: a JoinConfiguration of the role {}, but found the role {} on line {}",
                    worker ? "missing" : "present", to_string(joins_as), to_string(*role), lines.at("role")),
        "remove that role, or correct controlPlane");
  role = joins_as;
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
                    fmt::format("ignored document {} {}",
                                base::shown_name(header.group + (header.group.empty() ? "" : "/") + header.version),
                                base::shown_name(header.kind)));
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

}  // namespace

}  // namespace pki::formats

namespace pki::inline PKI_ABI {

ConfigFile parse_config(std::string_view text, const std::string& name) {
  return formats::DocumentsReader(name).read(text);
}

}  // namespace pki::inline PKI_ABI
