#pragma once

#include <string_view>
#include <vector>

namespace pki::formats {

/// YamlDocument is one part of a text and the number of its first line.
struct YamlDocument {
  std::string_view text;
  int line{1};
  /// separator_ok is false where the `---` above this part has more than a comment behind it.
  bool separator_ok{true};
};

/// split_documents cuts a text at the lines that begin with `---`, as Kubernetes' reader does: textually, before
/// anything is parsed. Parts of blanks and comments only are left out unless their separator is wrong.
[[nodiscard]] std::vector<YamlDocument> split_documents(std::string_view text);

}  // namespace pki::formats
