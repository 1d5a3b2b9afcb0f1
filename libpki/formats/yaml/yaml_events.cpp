// SPDX-License-Identifier: Apache-2.0
#include "formats/yaml/yaml_events.hpp"

#include <algorithm>
#include <limits>
#include <new>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace pki::formats {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::vector<std::uint32_t> character_offsets(std::string_view text) {
  std::vector<std::uint32_t> offsets;
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return offsets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U) offsets.push_back(static_cast<std::uint32_t>(i));
  }
  return offsets;
}

}  // namespace

YamlEvents::YamlEvents(std::string_view text, int first_line)
    : text_(text), skipped_(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0), first_line_(first_line) {
  text_.remove_prefix(skipped_);
  if (text_.size() > std::numeric_limits<std::uint32_t>::max()) throw YamlError(first_line, "too large");
  offsets_ = character_offsets(text_);
  if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
  // Without this a text could choose UTF-16 with its first two bytes.
  yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text_.data()), text_.size());
}

YamlEvents::~YamlEvents() {
  yaml_event_delete(&event_);
  yaml_parser_delete(&parser_);
}

const yaml_event_t& YamlEvents::next() {
  yaml_event_delete(&event_);
  if (yaml_parser_parse(&parser_, &event_) == 0) fail();
  return event_;
}

int YamlEvents::line_of(const yaml_mark_t& mark) const noexcept { return first_line_ + static_cast<int>(mark.line); }

std::size_t YamlEvents::offset_of(const yaml_mark_t& mark) const noexcept {
  const auto end = offsets_.empty() ? text_.size() : offsets_.size();
  if (mark.index >= end) return skipped_ + text_.size();
  return skipped_ + (offsets_.empty() ? mark.index : offsets_[mark.index]);
}

void YamlEvents::fail() const {
  if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
  if (parser_.error == YAML_READER_ERROR) fail_to_decode();
  const auto line = line_of(parser_.problem_mark);
  if (is_unclosed_quote()) throw YamlError(line_of(parser_.context_mark), "not valid YAML: a quote is not closed");
  if (char_at(parser_.problem_mark) == '\t')
    throw YamlError(line, "not valid YAML: found a tab used as indentation, expected spaces");
  throw YamlError(line, fmt::format("not valid YAML: {}{}{}", parser_.problem, parser_.context != nullptr ? " " : "",
                                    parser_.context != nullptr ? parser_.context : ""));
}

/// libyaml reports where decoding failed as a byte offset, not as a mark.
void YamlEvents::fail_to_decode() const {
  const auto at = std::min(parser_.problem_offset, text_.size());
  const auto line =
      first_line_ + static_cast<int>(std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  auto rest = text_.substr(at);
  if (!base::next_character(rest)) throw YamlError(line, "a byte that is not UTF-8");
  throw YamlError(line, "a control character, expected text");
}

bool YamlEvents::is_unclosed_quote() const noexcept {
  const char first = char_at(parser_.context_mark);
  return parser_.context != nullptr && (first == '"' || first == '\'') &&
         offset_of(parser_.problem_mark) == skipped_ + text_.size();
}

char YamlEvents::char_at(const yaml_mark_t& mark) const noexcept {
  const auto at = offset_of(mark) - skipped_;
  return at < text_.size() ? text_[at] : '\0';
}

}  // namespace pki::formats
