// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"

#include <array>
#include <cstdint>
#include <utility>

namespace pki::base {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr unsigned char none = 0xff;

constexpr std::array<unsigned char, 256> make_values() {
  std::array<unsigned char, 256> values{};
  for (auto& value : values)
    value = none;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<unsigned char>(i);
  return values;
}

constexpr auto values = make_values();

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Reader reads one character after the other; at the end the padding must match the incomplete group.
template <class String>
class Reader {
 public:
  explicit Reader(std::size_t length) { out_.resize(length / 4 * 3 + 3); }

  [[nodiscard]] bool read(char c) {
    if (is_blank(c)) return true;
    if (c == '=') return ++padding_ <= 2;
    const auto value = values[static_cast<unsigned char>(c)];
    if (value == none || padding_ != 0) return false;
    bits_ = bits_ << 6 | value;
    if (++count_ % 4 == 0) flush(3);
    return true;
  }

  [[nodiscard]] bool finish(UnusedBits unused) {
    const auto rest = count_ % 4;
    if (rest == 0) return padding_ == 0;
    if (rest + padding_ != 4) return false;
    bits_ <<= 6 * padding_;
    const auto mask = rest == 2 ? 0xffffU : 0xffU;
    if (unused == UnusedBits::refuse && (bits_ & mask) != 0) return false;
    flush(rest - 1);
    return true;
  }

  [[nodiscard]] String&& result() {
    out_.resize(size_);
    return std::move(out_);
  }

 private:
  void flush(std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i)
      out_[size_++] = static_cast<char>(bits_ >> (16 - 8 * i) & 0xffU);
    bits_ = 0;
  }

  String out_;  ///< large enough for every text of that length
  std::size_t size_{0};
  std::uint32_t bits_{0};
  std::size_t count_{0};
  std::size_t padding_{0};
};

}  // namespace

template <class String>
void append_base64(String& out, std::string_view bytes) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    out.push_back(alphabet[group >> 18 & 63U]);
    out.push_back(alphabet[group >> 12 & 63U]);
    out.push_back(i + 1 < bytes.size() ? alphabet[group >> 6 & 63U] : '=');
    out.push_back(i + 2 < bytes.size() ? alphabet[group & 63U] : '=');
  }
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

template <class String>
std::optional<String> parse_base64(std::string_view text, UnusedBits unused) {
  Reader<String> reader(text.size());
  for (const char c : text) {
    if (!reader.read(c)) return std::nullopt;
  }
  if (!reader.finish(unused)) return std::nullopt;
  return reader.result();
}

template void append_base64(std::string&, std::string_view);
template void append_base64(SecretString&, std::string_view);
template std::optional<std::string> parse_base64(std::string_view, UnusedBits);
template std::optional<SecretString> parse_base64(std::string_view, UnusedBits);

}  // namespace pki::base
