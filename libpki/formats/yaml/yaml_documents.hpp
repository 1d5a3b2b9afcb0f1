// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace pki::formats {

/// YamlDocument is one part of a text and the number of its first line.
struct YamlDocument {
  std::string_view text;
  int line{1};
  /// False if the `---` above this part is followed by more than a comment.
  bool separator_ok{true};
};

/// Returns the parts of a text between lines that begin with `---`. Like Kubernetes' reader it splits the text before
/// anything is parsed. Parts of blanks and comments only are omitted unless their separator is wrong.
[[nodiscard]] std::vector<YamlDocument> split_documents(std::string_view text);

}  // namespace pki::formats
