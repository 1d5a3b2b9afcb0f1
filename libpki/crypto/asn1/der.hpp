// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include <pki/secret.hpp>

/// DER (X.690), as far as keys and certificates need it. OpenSSL's decoders and encoders are not used for private keys,
/// because they leave copies of the key in freed memory, nor for the facts of certificates, because this reader is
/// fifteen times as fast. Certificates are written here so that every octet is under control.
namespace pki::crypto::der {

inline constexpr unsigned char boolean = 0x01;
inline constexpr unsigned char integer = 0x02;
inline constexpr unsigned char bit_string = 0x03;
inline constexpr unsigned char octet_string = 0x04;
inline constexpr unsigned char null = 0x05;
inline constexpr unsigned char object_id = 0x06;
inline constexpr unsigned char utf8_string = 0x0c;
inline constexpr unsigned char printable_string = 0x13;
inline constexpr unsigned char t61_string = 0x14;
inline constexpr unsigned char utc_time = 0x17;
inline constexpr unsigned char generalized_time = 0x18;
inline constexpr unsigned char universal_string = 0x1c;
inline constexpr unsigned char bmp_string = 0x1e;
inline constexpr unsigned char sequence = 0x30;
inline constexpr unsigned char set = 0x31;
/// Returns the tag [number] of primitive content (IMPLICIT), and of content that is a value itself.
constexpr unsigned char context(unsigned number) { return static_cast<unsigned char>(0x80U | number); }
constexpr unsigned char constructed(unsigned number) { return static_cast<unsigned char>(0xa0U | number); }

/// Malformed is thrown when octets are not DER, or not the expected structure.
struct Malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Value {
  unsigned char tag;
  std::string_view content;
  std::string_view whole;  ///< tag, length and content
};

/// Reader reads consecutive values. It is strict: definite lengths in their shortest form, tags of one octet. Every
/// function throws Malformed; views point into the octets that it was constructed with.
class Reader {
 public:
  explicit Reader(std::string_view octets) noexcept : rest_(octets) {}

  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  [[nodiscard]] bool at(unsigned char tag) const noexcept {
    return !rest_.empty() && static_cast<unsigned char>(rest_.front()) == tag;
  }
  /// Reads any value; the content of one with this tag; the same as a Reader. `what` names the value in errors.
  Value next();
  std::string_view take(unsigned char tag, const char* what);
  [[nodiscard]] Reader enter(unsigned char tag, const char* what) { return Reader(take(tag, what)); }
  /// Reads a non-negative INTEGER and returns its octets without leading zeros: empty for zero.
  std::string_view take_unsigned(const char* what);
  /// Reads a BIT STRING of whole octets.
  std::string_view take_bits(const char* what);
  /// Throws unless everything was read.
  void finish(const char* what) const;

 private:
  std::string_view rest_;
};

/// Returns one value with the octets of `parts` as its content: a std::string, or a SecretString for key material.
template <class String = std::string>
[[nodiscard]] String write(unsigned char tag, std::initializer_list<std::string_view> parts);

/// Returns the INTEGER with these big-endian octets.
template <class String = std::string>
[[nodiscard]] String write_unsigned(std::string_view octets);

/// Returns a BIT STRING of whole octets.
[[nodiscard]] std::string write_bits(std::string_view octets);

}  // namespace pki::crypto::der
