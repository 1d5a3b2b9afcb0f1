// SPDX-License-Identifier: Apache-2.0
#include "crypto/asn1/der.hpp"

#include <algorithm>
#include <cstddef>

namespace pki::crypto::der {

namespace {

using namespace std::string_view_literals;

unsigned char octet(std::string_view text, std::size_t index) { return static_cast<unsigned char>(text[index]); }

void append_length(std::string& out, std::size_t length) {
  if (length < 0x80) {
    out.push_back(static_cast<char>(length));
    return;
  }
  std::string octets;
  for (; length != 0; length >>= 8U)
    octets.insert(octets.begin(), static_cast<char>(length & 0xffU));
  out.push_back(static_cast<char>(0x80U | octets.size()));
  out += octets;
}

std::string_view without_leading_zeros(std::string_view octets) {
  octets.remove_prefix(std::min(octets.find_first_not_of('\0'), octets.size()));
  return octets;
}

struct Head {
  std::size_t size;  // of tag and length together
  std::size_t length;
};

Head read_head(std::string_view rest) {
  if (rest.size() < 2) throw Malformed("the data end too early");
  if ((octet(rest, 0) & 0x1fU) == 0x1fU) throw Malformed("a tag of more than one octet");
  const std::size_t first = octet(rest, 1);
  if (first < 0x80) return {2, first};
  const std::size_t count = first & 0x7fU;
  if (count == 0 || count > 4) throw Malformed("a length that is not DER");
  if (rest.size() < 2 + count) throw Malformed("the data end too early");
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i)
    length = length << 8U | octet(rest, 2 + i);
  if (length < 0x80 || octet(rest, 2) == 0) throw Malformed("a length that is not DER");
  return {2 + count, length};
}

}  // namespace

Value Reader::next() {
  const auto [head, length] = read_head(rest_);
  if (rest_.size() - head < length) throw Malformed("the data end too early");
  const Value value{octet(rest_, 0), rest_.substr(head, length), rest_.substr(0, head + length)};
  rest_.remove_prefix(head + length);
  return value;
}

std::string_view Reader::take(unsigned char tag, const char* what) {
  if (!at(tag)) throw Malformed(std::string("no ") + what + " where it is expected");
  return next().content;
}

std::string_view Reader::take_unsigned(const char* what) {
  const auto content = take(integer, what);
  if (content.empty() || (octet(content, 0) & 0x80U) != 0) throw Malformed(std::string("the ") + what + " is negative");
  if (content.size() > 1 && octet(content, 0) == 0 && (octet(content, 1) & 0x80U) == 0)
    throw Malformed(std::string("the ") + what + " has leading zeros");
  return without_leading_zeros(content);
}

std::string_view Reader::take_bits(const char* what) {
  const auto content = take(bit_string, what);
  if (content.empty() || content.front() != '\0') throw Malformed(std::string("the ") + what + " is not whole octets");
  return content.substr(1);
}

void Reader::finish(const char* what) const {
  if (!done()) throw Malformed(std::string("something follows the ") + what);
}

template <class String>
String write(unsigned char tag, std::initializer_list<std::string_view> parts) {
  std::size_t length = 0;
  for (const auto part : parts)
    length += part.size();
  std::string head(1, static_cast<char>(tag));
  append_length(head, length);
  String out;
  out.reserve(head.size() + length);
  out.append(head);
  for (const auto part : parts)
    out.append(part);
  return out;
}

template <class String>
String write_unsigned(std::string_view octets) {
  octets = without_leading_zeros(octets);
  const bool needs_zero = octets.empty() || (octet(octets, 0) & 0x80U) != 0;
  return write<String>(integer, {needs_zero ? "\0"sv : ""sv, octets});
}

template std::string write(unsigned char, std::initializer_list<std::string_view>);
template SecretString write(unsigned char, std::initializer_list<std::string_view>);
template std::string write_unsigned(std::string_view);
template SecretString write_unsigned(std::string_view);

std::string write_bits(std::string_view octets) { return write(bit_string, {"\0"sv, octets}); }

}  // namespace pki::crypto::der
