#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pki::formats {

/// YamlError is text that is not YAML, or YAML that we refuse to read. The message holds nothing of the text.
struct YamlError : std::runtime_error {
  YamlError(int line_, const std::string& message) : std::runtime_error(message), line(line_) {}
  int line;  ///< from 1
};

struct YamlEntry;

/// YamlNode is one value of a document and where it stands.
struct YamlNode {
  enum class Kind { null, scalar, list, map };

  Kind kind{Kind::null};
  bool plain{false};      ///< a scalar without quotes: it may be a number or a boolean
  int line{1};            ///< from 1
  std::size_t offset{0};  ///< of its first byte in the text: the quote, the sign of a block scalar
  std::string text;
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;  ///< in the order of the text; a name may be there twice

  /// find gives the first entry of that name, null where there is none or the node is no map.
  [[nodiscard]] const YamlNode* find(std::string_view name) const noexcept;
};

/// YamlEntry is one field of a map.
struct YamlEntry {
  std::string name;
  int line{1};
  YamlNode value;
};

/// parse_yaml reads the first document of a text, whose first line has the number `first_line`. A text of nothing
/// but comments is a null. Bounded by construction: refused are bytes that are not UTF-8, control characters,
/// anchors, aliases, merge keys and tags, more than 64 levels, more than 50,000 values. A UTF-8 byte order mark is
/// passed over (offsets count it). Throws YamlError.
[[nodiscard]] YamlNode parse_yaml(std::string_view text, int first_line = 1);

/// field_path and item_path name a value by the way to it: "apiServer.certSANs", "apiServer.certSANs[1]". Of a name
/// that no honest file has only the size is shown: it may be anything.
[[nodiscard]] std::string field_path(const std::string& parent, const std::string& name);
[[nodiscard]] std::string item_path(const std::string& parent, std::size_t index);

/// is_string says whether a node is a scalar that Kubernetes' reader takes for a string: 6443 and yes are none.
[[nodiscard]] bool is_string(const YamlNode& node) noexcept;

/// in_quotes shows a text in a message: quoted, on one line, and only its size where it is long, for then it may be
/// anything, a key that a forgotten quote made part of a name for example.
[[nodiscard]] std::string in_quotes(const std::string& text);

/// describe names what a node is, for messages: "a list", "the number 12", "the string \"x\"".
[[nodiscard]] std::string describe(const YamlNode& node);

/// DuplicateField is a name that stands twice in one map, at any depth.
struct DuplicateField {
  std::string path;  ///< "apiServer.certSANs"
  int first_line;
  int line;
};

/// duplicate_fields finds the first hundred.
[[nodiscard]] std::vector<DuplicateField> duplicate_fields(const YamlNode& node);

}  // namespace pki::formats
