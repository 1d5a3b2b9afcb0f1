// SPDX-License-Identifier: Apache-2.0
#include "formats/yaml/yaml_scalar.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace pki::formats {

namespace {

constexpr std::array<std::string_view, 5> nulls{"", "~", "null", "Null", "NULL"};

/// Kubernetes' reader follows YAML 1.1: "on" and "no" are booleans.
constexpr std::array<std::string_view, 22> booleans{"true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes",
                                                    "YES",  "no",   "No",   "NO",    "on",    "On",    "ON",  "off",
                                                    "Off",  "OFF",  "y",    "Y",     "n",     "N"};

constexpr std::array<std::string_view, 12> special_numbers{".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf", "+.INF",
                                                           "-.inf", "-.Inf", "-.INF", ".nan",  ".NaN",  ".NAN"};

template <class Table>
bool holds(const Table& table, std::string_view text) {
  return std::find(table.begin(), table.end(), text) != table.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// skip_digits removes decimal digits and underscores from the front. Returns whether there was a digit.
bool skip_digits(std::string_view& text) {
  bool any = false;
  while (!text.empty() && (is_digit(text.front()) || text.front() == '_')) {
    any = any || is_digit(text.front());
    text.remove_prefix(1);
  }
  return any;
}

bool is_based_number(std::string_view text) {
  if (text.size() < 3 || text[0] != '0') return false;
  const auto digits = text[1] == 'x' ? "0123456789abcdefABCDEF_" : text[1] == 'b' ? "01_" : "01234567_";
  if (text[1] != 'x' && text[1] != 'b' && text[1] != 'o') return false;
  return text.substr(2).find_first_not_of(digits) == std::string_view::npos;
}

bool is_number(std::string_view text) {
  if (holds(special_numbers, text)) return true;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  if (is_based_number(text)) return true;
  if (text.starts_with('_')) return false;
  bool any = skip_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    any = skip_digits(text) || any;
  }
  if (!any) return false;
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return skip_digits(text) && text.empty();
}

/// Dates and sexagesimal numbers ("2001-01-01", "10:30") are not strings for some readers.
bool may_be_date_or_time(std::string_view text) {
  return is_digit(text.front()) && text.find_first_not_of("0123456789:-_ TtZz.+") == std::string_view::npos &&
         text.find_first_of(":-") != std::string_view::npos;
}

/// Brackets are plain after the first character of a scalar outside of flow collections; URLs of servers have them.
bool is_safe_plain(std::string_view text) {
  if (text.empty() || type_of_plain(text) != ScalarType::string || may_be_date_or_time(text)) return false;
  const char first = text.front();
  if (!is_letter(first) && !is_digit(first) && first != '/') return false;
  const auto safe = [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("-._/:@+=,[]").find(c) != std::string_view::npos;
  };
  return text.back() != ':' && std::all_of(text.begin(), text.end(), safe);
}

/// Returns whether a double-quoted scalar holds a character as it is. Others are refused by YAML readers or, as line
/// breaks, folded.
bool stands_for_itself(char32_t c) {
  return !base::is_control(c) && c != 0x2028 && c != 0x2029 && c != 0xfffe && c != 0xffff;
}

std::string escape(char32_t c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return c < 0x100 ? fmt::format("\\x{:02x}", static_cast<unsigned>(c))
                       : fmt::format("\\u{:04x}", static_cast<unsigned>(c));
  }
}

template <class Text>
void append_scalar(Text& out, std::string_view text) {
  if (is_safe_plain(text)) {
    out += text;
    return;
  }
  out += '"';
  while (!text.empty()) {
    auto octets = text;
    const auto c = base::next_character(text);
    if (!c) text.remove_prefix(1);  // not UTF-8: written as it is, for the reader to refuse
    octets.remove_suffix(text.size());
    if (c && (c == U'"' || c == U'\\' || !stands_for_itself(*c))) {
      out += std::string_view(escape(*c));
    } else {
      out += octets;
    }
  }
  out += '"';
}

}  // namespace

ScalarType type_of_plain(std::string_view text) noexcept {
  if (holds(nulls, text)) return ScalarType::null;
  if (holds(booleans, text)) return ScalarType::boolean;
  return is_number(text) ? ScalarType::number : ScalarType::string;
}

std::string yaml_scalar(std::string_view text) {
  std::string out;
  append_scalar(out, text);
  return out;
}

void append_yaml_scalar(SecretString& out, std::string_view text) { append_scalar(out, text); }

}  // namespace pki::formats
