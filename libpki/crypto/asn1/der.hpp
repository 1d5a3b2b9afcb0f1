#pragma once

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include <pki/secret.hpp>

/// DER (X.690), as much as keys and certificates need. Private keys are read and written here and not by OpenSSL's
/// decoders and encoders, because those leave copies of the key in freed memory; certificates are read here
/// because it is fifteen times as fast, and written here because every octet is then ours.
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
/// context is the tag [number] with primitive content (IMPLICIT), constructed the one with a value inside.
constexpr unsigned char context(unsigned number) { return static_cast<unsigned char>(0x80U | number); }
constexpr unsigned char constructed(unsigned number) { return static_cast<unsigned char>(0xa0U | number); }

/// Malformed says why octets are not DER, or not the structure that they should be.
struct Malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Value {
  unsigned char tag;
  std::string_view content;
  std::string_view whole;  ///< tag, length and content
};

/// Reader walks over values that follow one another. It is strict: definite, shortest lengths, one-octet tags.
/// Every function throws Malformed; views point into the text that it was made from.
class Reader {
 public:
  explicit Reader(std::string_view octets) noexcept : rest_(octets) {}

  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  [[nodiscard]] bool at(unsigned char tag) const noexcept {
    return !rest_.empty() && static_cast<unsigned char>(rest_.front()) == tag;
  }
  /// next takes any value, take the content of one with this tag, enter a Reader of that content.
  Value next();
  std::string_view take(unsigned char tag, const char* what);
  [[nodiscard]] Reader enter(unsigned char tag, const char* what) { return Reader(take(tag, what)); }
  /// take_unsigned takes a non-negative INTEGER and gives its octets without leading zeros: empty for zero.
  std::string_view take_unsigned(const char* what);
  /// take_bits takes a BIT STRING of whole octets.
  std::string_view take_bits(const char* what);
  /// finish throws unless everything was taken.
  void finish(const char* what) const;

 private:
  std::string_view rest_;
};

/// write makes one value of its parts' octets; the result is a std::string, or a SecretString for key material.
template <class String = std::string>
[[nodiscard]] String write(unsigned char tag, std::initializer_list<std::string_view> parts);

/// write_unsigned makes an INTEGER of big-endian octets.
template <class String = std::string>
[[nodiscard]] String write_unsigned(std::string_view octets);

/// write_bits makes a BIT STRING of whole octets.
[[nodiscard]] std::string write_bits(std::string_view octets);

/// to_hex writes octets in lower case.
[[nodiscard]] std::string to_hex(std::string_view octets);

}  // namespace pki::crypto::der
