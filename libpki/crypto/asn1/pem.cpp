// SPDX-License-Identifier: Apache-2.0
#include "crypto/asn1/pem.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include <pki/error.hpp>

namespace pki::crypto {

namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr std::size_t longest_label = 64;

std::string_view without_trailing_blanks(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
    line.remove_suffix(1);
  return line;
}

/// Returns whether a text is a label: words of upper-case letters and digits with single blanks between them. RFC 7468
/// allows more, but a file whose line ends were lost has the key itself between the dashes, which no message may quote.
bool is_label(std::string_view text) {
  const auto of_word = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (text.empty() || text.size() > longest_label || !of_word(text.front()) || !of_word(text.back())) return false;
  return std::ranges::all_of(text, [&](char c) { return of_word(c) || c == ' '; }) &&
         text.find("  ") == std::string_view::npos;
}

/// Returns the label between mark and dashes; empty for a line of another form.
std::string_view label_of(std::string_view line, std::string_view mark) {
  line = without_trailing_blanks(line);
  if (line.size() < mark.size() + dashes.size() || !line.starts_with(mark) || !line.ends_with(dashes)) return {};
  const auto label = line.substr(mark.size(), line.size() - mark.size() - dashes.size());
  return is_label(label) ? label : std::string_view();
}

}  // namespace

std::vector<PemBlock> find_pem_blocks(std::string_view text, std::size_t limit, const std::string& subject) {
  if (text.size() > limit)
    throw Error(Errc::malformed, subject, fmt::format("{} bytes, expected at most {}", text.size(), limit));
  std::vector<PemBlock> blocks;
  std::string_view label;
  std::size_t body = 0;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\n', start), text.size());
    const auto line = text.substr(start, end - start);
    if (label.empty()) {
      label = label_of(line, begin_mark);
      body = end;
    } else if (label_of(line, end_mark) == label) {
      blocks.push_back({label, text.substr(body, start - body)});
      label = {};
    }
    start = end + 1;
  }
  if (!label.empty())
    throw Error(Errc::malformed, subject, fmt::format("the {} block does not end: no END line", label),
                "the file may have been cut off; restore it from a backup");
  return blocks;
}

std::optional<PemScanner::Mark> PemScanner::mark_at(std::size_t dash) const {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  const auto rest = text_.substr(dash);
  const bool begins = rest.starts_with(begin_mark);
  if (!begins && !rest.starts_with(end_mark)) return {};
  const auto size = begins ? begin_mark.size() : end_mark.size();
  const auto label = rest.substr(size, rest.substr(size, longest_label + dashes.size()).find(dashes));
  if (size + label.size() == rest.size() || !is_label(label)) return {};
  auto after = dash + size + label.size() + dashes.size();
  while (after < text_.size() && (text_[after] == ' ' || text_[after] == '\t' || text_[after] == '\r'))
    ++after;
  if (after < text_.size() && text_[after] != '\n') return {};
  auto line = dash;
  while (line > 0 && (text_[line - 1] == ' ' || text_[line - 1] == '\t'))
    --line;
  const bool first = line == 0 || (line == byte_order_mark.size() && text_.starts_with(byte_order_mark));
  if (!first && text_[line - 1] != '\n') return {};
  return Mark{begins, label, line, after};
}

std::optional<PemScanner::Mark> PemScanner::next_mark() {
  for (auto dash = text_.find(dashes, at_); dash != std::string_view::npos; dash = text_.find(dashes, dash + 1)) {
    const auto mark = mark_at(dash);
    if (!mark) continue;
    at_ = mark->after;
    return mark;
  }
  at_ = text_.size();
  return {};
}

std::optional<LooseBlock> PemScanner::next() {
  auto begin = std::exchange(begin_, std::nullopt);
  while (!begin || !begin->begins) {
    begin = next_mark();
    if (!begin) return {};
  }
  auto end = next_mark();
  while (end && !end->begins && end->label != begin->label)
    end = next_mark();
  const auto body = text_.substr(begin->after, (end ? end->line : text_.size()) - begin->after);
  const bool ends = end && !end->begins;
  if (!ends) begin_ = end;
  return LooseBlock{begin->label, body, ends};
}

template <class String>
String to_pem(std::string_view label, std::string_view der) {
  constexpr std::size_t octets_per_line = 48;
  String out;
  out.reserve(2 * label.size() + 40 + der.size() / 3 * 4 + 4 + der.size() / octets_per_line + 1);
  out.append(begin_mark).append(label).append(dashes).append("\n");
  for (; !der.empty(); der.remove_prefix(std::min(octets_per_line, der.size()))) {
    base::append_base64(out, der.substr(0, octets_per_line));
    out.push_back('\n');
  }
  out.append(end_mark).append(label).append(dashes).append("\n");
  return out;
}

template std::string to_pem(std::string_view, std::string_view);
template SecretString to_pem(std::string_view, std::string_view);

}  // namespace pki::crypto
