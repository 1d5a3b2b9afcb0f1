#include "formats/yaml/yaml_lexer.hpp"

#include <algorithm>

namespace pki::formats {

namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view flow_signs = "{}[],";

bool is_in(std::string_view set, char c) { return set.find(c) != npos; }

}  // namespace

std::size_t end_of_quoted(std::string_view text, std::size_t from) noexcept {
  const char quote = text[from];
  for (auto i = from + 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 == text.size() || text[i + 1] != '\'') return i + 1;
      ++i;
    }
  }
  return npos;
}

std::optional<YamlToken> YamlLexer::next() noexcept {
  while (at_ < text_.size())
    if (auto token = take()) return token;
  return std::nullopt;
}

/// take makes at least one step; most steps give no token.
std::optional<YamlToken> YamlLexer::take() noexcept {
  const char c = text_[at_];
  if (is_in(" \t\r\n", c)) return advance(at_ + 1), std::nullopt;
  first_ = !started_;
  started_ = true;
  if (c == '#' && (at_ == 0 || is_blank_at(at_ - 1))) return take_comment();
  if (take_indicator()) return std::nullopt;
  if ((c == '|' || c == '>') && flow_ == 0) return take_block();
  return take_scalar();
}

std::optional<YamlToken> YamlLexer::take_comment() noexcept {
  const YamlToken token{YamlToken::Form::comment, {}, at_, end_of_line(at_), 0};
  advance(token.end);
  return token;
}

bool YamlLexer::take_indicator() noexcept {
  const char c = text_[at_];
  if (c == '{' || c == '[') {
    ++flow_;
    field_ = {};
  } else if (flow_ > 0 && is_in(flow_signs, c)) {
    if (c != ',') --flow_;
    field_ = {};
  } else if ((c == '-' || c == '?') && is_blank_at(at_ + 1)) {
    column_ = at_ - line_;
    if (c == '?') question_ = column_;
    field_ = {};
  } else if (c != ':' || (flow_ == 0 && !is_blank_at(at_ + 1))) {
    return false;
  }
  advance(at_ + 1);
  return true;
}

std::optional<YamlToken> YamlLexer::take_block() noexcept {
  const auto header = end_of_line(at_);
  const auto end = end_of_block(header, false);
  return value({YamlToken::Form::block, {}, at_, end, header});
}

std::optional<YamlToken> YamlLexer::take_scalar() noexcept {
  const auto column = at_ - line_;
  const bool quoted = text_[at_] == '"' || text_[at_] == '\'';
  YamlToken token{quoted ? YamlToken::Form::quoted : YamlToken::Form::plain, {}, at_, 0, 0};
  token.end = quoted ? std::min(end_of_quoted(text_, at_), text_.size()) : end_of_plain(at_);
  if (take_as_name(token, column)) return std::nullopt;
  // A value on a line of its own is the field's only where it stands further to the right.
  if (flow_ == 0 && first_ && column <= column_) field_ = {};
  if (!quoted && flow_ == 0 && !field_.empty()) token.end = end_of_block(token.end, true);
  return value(token);
}

std::optional<YamlToken> YamlLexer::value(YamlToken token) noexcept {
  token.field = field_;
  field_ = {};
  advance(token.end);
  return token;
}

/// take_as_name: a scalar is the name of a field where a colon follows it.
bool YamlLexer::take_as_name(const YamlToken& token, std::size_t column) noexcept {
  auto colon = token.end;
  const auto blanks = flow_ > 0 || question_ ? " \t\r\n" : " \t";
  colon = text_.find_first_not_of(blanks, colon);
  if (colon == npos || text_[colon] != ':') return false;
  const bool quoted = token.form == YamlToken::Form::quoted;
  if (!is_blank_at(colon + 1) && !(quoted && flow_ > 0)) return false;
  const std::size_t margin = quoted ? 1 : 0;
  field_ = text_.substr(token.begin + margin, token.end - token.begin - 2 * margin);
  column_ = question_.value_or(column);
  question_.reset();
  advance(colon + 1);
  return true;
}

bool YamlLexer::ends_plain(std::size_t at) const noexcept {
  const char c = text_[at];
  if (c == '\n' || (flow_ > 0 && is_in(flow_signs, c))) return true;
  if (c == ':') return is_blank_at(at + 1) || (flow_ > 0 && is_in(flow_signs, text_[at + 1]));
  return c == '#' && at > 0 && is_blank_at(at - 1);
}

/// end_of_plain stays on the line; blanks behind the text are not part of it.
std::size_t YamlLexer::end_of_plain(std::size_t from) const noexcept {
  auto end = from + 1;
  for (auto i = from + 1; i < text_.size() && !ends_plain(i); ++i)
    if (!is_blank_at(i)) end = i + 1;
  return end;
}

std::size_t YamlLexer::end_of_line(std::size_t from) const noexcept {
  const auto end = text_.find('\n', from);
  return end == npos ? text_.size() : end;
}

/// end_of_block gives the end of the last line of a scalar that goes on, further to the right than its field, on the
/// lines after `from`. Plain scalars end at comments and before what looks like a field.
std::size_t YamlLexer::end_of_block(std::size_t from, bool plain) const noexcept {
  auto end = from;
  if (plain && text_.substr(from, end_of_line(from) - from).find_first_not_of(" \t\r") != npos) return end;
  for (auto line = end_of_line(from); line < text_.size(); line = end_of_line(line + 1)) {
    const auto stop = end_of_line(line + 1);
    const auto first = text_.find_first_not_of(" \t\r", line + 1);
    if (first == npos || first >= stop) {
      if (stop == text_.size()) break;
      continue;
    }
    if (first - line - 1 <= column_ || (plain && text_[first] == '#')) break;
    const auto last = plain ? end_of_plain(first) : stop;
    if (plain && last < text_.size() && text_[last] == ':') break;
    end = last;
    if (plain && text_.substr(last, stop - last).find_first_not_of(" \t\r") != npos) break;
  }
  return end;
}

bool YamlLexer::is_blank_at(std::size_t at) const noexcept { return at >= text_.size() || is_in(" \t\r\n", text_[at]); }

void YamlLexer::advance(std::size_t to) noexcept {
  const auto newline = text_.substr(at_, to - at_).rfind('\n');
  if (newline != npos) {
    line_ = at_ + newline + 1;
    started_ = false;
  }
  at_ = to;
}

}  // namespace pki::formats
