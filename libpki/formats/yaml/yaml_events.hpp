// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <yaml.h>

#include "formats/yaml/yaml_error.hpp"

namespace pki::formats {

/// YamlEvents reads a text with libyaml, event by event, and converts its marks and errors to ours. libyaml copies what
/// it reads and frees the copies without wiping them, so the text must hold no secret. `text` must outlive it.
class YamlEvents {
 public:
  /// `first_line` is the number of the text's first line. A UTF-8 byte order mark is skipped (offsets count it).
  YamlEvents(std::string_view text, int first_line);
  ~YamlEvents();
  YamlEvents(const YamlEvents&) = delete;
  YamlEvents& operator=(const YamlEvents&) = delete;

  /// Returns the next event, valid until the next call. Throws YamlError for a text that is not YAML, not UTF-8, or
  /// that has control characters.
  [[nodiscard]] const yaml_event_t& next();

  [[nodiscard]] int line_of(const yaml_mark_t& mark) const noexcept;
  /// Returns the byte offset of a mark in the text.
  [[nodiscard]] std::size_t offset_of(const yaml_mark_t& mark) const noexcept;

 private:
  [[noreturn]] void fail() const;
  [[noreturn]] void fail_to_decode() const;
  [[nodiscard]] bool is_unclosed_quote() const noexcept;
  [[nodiscard]] char char_at(const yaml_mark_t& mark) const noexcept;

  std::string_view text_;  ///< after the byte order mark
  std::size_t skipped_;    ///< bytes of that mark
  int first_line_;
  /// Where each character begins: libyaml counts characters, not bytes. Empty for a text of ASCII only.
  std::vector<std::uint32_t> offsets_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
};

}  // namespace pki::formats
