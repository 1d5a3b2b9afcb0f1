// SPDX-License-Identifier: Apache-2.0
#include "formats/yaml/yaml_documents.hpp"

namespace pki::formats {

namespace {

constexpr std::string_view separator = "---";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
  text.remove_prefix(line.size());
  return line;
}

bool is_blank_or_comment(std::string_view line) {
  const auto first = line.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos || line[first] == '#';
}

}  // namespace

std::vector<YamlDocument> split_documents(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::vector<YamlDocument> documents;
  YamlDocument current{text.substr(0, 0), 1, true};
  bool empty = true;
  const auto finish = [&] {
    if (!empty || !current.separator_ok) documents.push_back(current);
  };
  for (int number = 1; !text.empty(); ++number) {
    const auto line = next_line(text);
    if (line.starts_with(separator)) {
      finish();
      current = {text.substr(0, 0), number + 1, is_blank_or_comment(line.substr(separator.size()))};
      empty = true;
    } else {
      current.text = {current.text.data(), current.text.size() + line.size()};
      empty = empty && is_blank_or_comment(line);
    }
  }
  finish();
  return documents;
}

}  // namespace pki::formats
