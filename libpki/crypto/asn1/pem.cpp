#include "crypto/asn1/pem.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>
#include <openssl/evp.h>

#include <pki/error.hpp>

namespace pki::crypto {

namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";

constexpr unsigned char not_base64 = 0xff;
constexpr unsigned char blank = 0xfe;

constexpr std::array<unsigned char, 256> make_table() {
  std::array<unsigned char, 256> table{};
  table.fill(not_base64);
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < digits.size(); ++i)
    table[static_cast<unsigned char>(digits[i])] = static_cast<unsigned char>(i);
  for (const char c : std::string_view(" \t\r\n"))
    table[static_cast<unsigned char>(c)] = blank;
  return table;
}

constexpr auto table = make_table();

std::string_view without_trailing_blanks(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
    line.remove_suffix(1);
  return line;
}

/// label_of is what stands between mark and dashes; empty when the line is not of that form.
std::string_view label_of(std::string_view line, std::string_view mark) {
  line = without_trailing_blanks(line);
  if (line.size() < mark.size() + dashes.size() || !line.starts_with(mark) || !line.ends_with(dashes)) return {};
  return line.substr(mark.size(), line.size() - mark.size() - dashes.size());
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
    throw Error(Errc::malformed, subject, fmt::format("the {} block does not end: no END line", label.substr(0, 64)),
                "the file may have been cut off; restore it from a backup");
  return blocks;
}

template <class String>
std::optional<String> decode_base64(std::string_view body) {
  String out;
  out.reserve(body.size() / 4 * 3 + 3);
  std::uint32_t group = 0;
  unsigned digits = 0;
  unsigned padding = 0;
  for (const char c : body) {
    const auto value = table[static_cast<unsigned char>(c)];
    if (value == blank) continue;
    if (c == '=') {
      if (++padding > 2) return std::nullopt;
    } else if (value == not_base64 || padding != 0) {
      return std::nullopt;
    }
    group = group << 6U | (c == '=' ? 0U : value);
    if (++digits % 4 != 0) continue;
    for (unsigned i = 0; i < 3 - padding; ++i)
      out.push_back(static_cast<char>(group >> (16U - 8U * i) & 0xffU));
  }
  if (digits % 4 != 0) return std::nullopt;
  return out;
}

template <class String>
String to_pem(std::string_view label, std::string_view der) {
  constexpr std::size_t octets_a_line = 48;
  String out;
  out.reserve(2 * label.size() + 40 + der.size() / 3 * 4 + 4 + der.size() / octets_a_line + 1);
  out.append(begin_mark).append(label).append(dashes).append("\n");
  for (; !der.empty(); der.remove_prefix(std::min(octets_a_line, der.size()))) {
    const auto line = der.substr(0, octets_a_line);
    const auto at = out.size();
    out.resize(at + 65);  // 64 columns and the zero that OpenSSL ends with
    const int columns =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + at),
                        reinterpret_cast<const unsigned char*>(line.data()), static_cast<int>(line.size()));
    out.resize(at + static_cast<std::size_t>(columns));
    out.push_back('\n');
  }
  out.append(end_mark).append(label).append(dashes).append("\n");
  return out;
}

template std::optional<std::string> decode_base64(std::string_view);
template std::optional<SecretString> decode_base64(std::string_view);
template std::string to_pem(std::string_view, std::string_view);
template SecretString to_pem(std::string_view, std::string_view);

}  // namespace pki::crypto
