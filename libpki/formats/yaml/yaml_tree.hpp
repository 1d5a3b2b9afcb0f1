// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "formats/yaml/yaml_error.hpp"

namespace pki::formats {

struct YamlEntry;

/// YamlSpan is a part of a text by its byte offsets.
struct YamlSpan {
  std::size_t begin{0};
  std::size_t end{0};

  /// Returns that part of the text.
  [[nodiscard]] std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
};

/// YamlNode is one value of a document and its place in the text.
struct YamlNode {
  enum class Kind { null, scalar, list, map };

  Kind kind{Kind::null};
  bool plain{false};  ///< a scalar without quotes: it may be a number or a boolean
  int line{1};        ///< from 1
  YamlSpan span;  ///< of a scalar: from its quote or block sign to its last character; of a collection: only `begin`
  std::string text;
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;  ///< in the order of the text; names may be duplicate

  /// Returns the value of the first entry of that name; null without one, and for a node that is no map.
  [[nodiscard]] const YamlNode* find(std::string_view name) const noexcept;
};

/// YamlEntry is one field of a map.
struct YamlEntry {
  std::string name;
  int line{1};
  YamlSpan name_span;
  YamlNode value;
};

/// parse_yaml reads the one document of a text, whose first line has the number `first_line`. Returns a null for a text
/// of nothing but comments. Bounded by construction: refused are bytes that are not UTF-8, control characters, anchors,
/// aliases, merge keys and tags, more than 64 levels, more than 50,000 values. A UTF-8 byte order mark is ignored
/// (offsets count it). libyaml leaves copies of the text in freed memory: mask secrets before. Throws YamlError.
[[nodiscard]] YamlNode parse_yaml(std::string_view text, int first_line = 1);

/// field_path and item_path name a value by the way to it: "apiServer.certSANs", "apiServer.certSANs[1]". A name longer
/// than any honest one may be anything, and is shown by its size.
[[nodiscard]] std::string field_path(const std::string& parent, const std::string& name);
[[nodiscard]] std::string item_path(const std::string& parent, std::size_t index);

/// Returns whether Kubernetes' reader takes a node for a string: 6443 and yes are not strings.
[[nodiscard]] bool is_string(const YamlNode& node) noexcept;
/// Returns whether a scalar is a boolean that is true: true, yes, on or y, in YAML 1.1.
[[nodiscard]] bool is_true(const YamlNode& node) noexcept;

/// Returns a text of a configuration as messages show it: quoted, on one line. A long one may be anything, for example
/// a key that a forgotten quote made part of a name, and is shown by its size.
[[nodiscard]] std::string in_quotes(const std::string& text);

/// Returns the kind of a node, "a list" or "a string", for messages about texts that may hold secrets anywhere.
[[nodiscard]] std::string kind_of(const YamlNode& node);

/// Returns what a node is, for messages about configurations: "a list", "the number 12", "the string \"x\"".
[[nodiscard]] std::string describe(const YamlNode& node);

/// DuplicateField is a name that one map has twice, at any depth.
struct DuplicateField {
  std::string path;  ///< "apiServer.certSANs"
  int first_line;
  int line;
};

/// Returns the first hundred duplicate fields.
[[nodiscard]] std::vector<DuplicateField> duplicate_fields(const YamlNode& node);

}  // namespace pki::formats
