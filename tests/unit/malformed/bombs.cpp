// SPDX-License-Identifier: Apache-2.0
#include "bombs.hpp"

#include "crypto/asn1/der.hpp"
#include "crypto/asn1/pem.hpp"

namespace der = pki::crypto::der;
using namespace std::string_literals;

namespace {

constexpr std::string_view common_name{"\x55\x04\x03", 3};
constexpr std::string_view alternative_names{"\x55\x1d\x11", 3};
constexpr std::string_view key_usages{"\x55\x1d\x25", 3};

std::string sequence(std::string_view content) { return der::write(der::sequence, {content}); }

std::string attribute(std::string_view oid, unsigned char tag, std::string_view value) {
  return sequence(der::write(der::object_id, {oid}) + der::write(tag, {value}));
}

std::string rdn(std::string_view attributes) { return der::write(der::set, {attributes}); }

std::string extension(std::string_view oid, std::string_view value) {
  return sequence(der::write(der::object_id, {oid}) + der::write(der::octet_string, {value}));
}

/// numbered returns octets that differ from those of any other number.
std::string numbered(std::size_t number) {
  std::string octets = "\x2a";
  for (; number > 0x7f; number >>= 7U)
    octets.push_back(static_cast<char>(0x80U | (number & 0x7fU)));
  octets.push_back(static_cast<char>(number));
  return octets;
}

std::string extensions(std::size_t size) {
  std::string list;
  for (std::size_t i = 0; list.size() < size; ++i)
    list += extension(numbered(i), "");
  return list;
}

std::string names(std::size_t size) {
  std::string list;
  for (std::size_t i = 0; list.size() < size; ++i)
    list += der::write(der::context(2), {std::to_string(i)});
  return list;
}

std::string nested(std::size_t size) {
  std::string value;
  while (value.size() < size)
    value = sequence(value);
  return value;
}

/// Parts are what a certificate is made of.
struct Parts {
  std::string serial = "\x01";
  std::string name = sequence(rdn(attribute(common_name, der::utf8_string, "x")));
  std::string modulus = std::string(128, '\x55');
  std::string algorithm = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b";
  std::string extensions;
};

std::string certificate(const Parts& parts) {
  const auto algorithm = sequence(der::write(der::object_id, {parts.algorithm}) + der::write(der::null, {}));
  const auto rsa =
      sequence(der::write(der::object_id, {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"}) + der::write(der::null, {}));
  const auto key = sequence(der::write_unsigned(parts.modulus) + der::write_unsigned("\x01\0\x01"s));
  const auto dates =
      sequence(der::write(der::utc_time, {"200101000000Z"}) + der::write(der::utc_time, {"300101000000Z"}));
  const auto list = parts.extensions.empty() ? ""s : der::write(der::constructed(3), {sequence(parts.extensions)});
  // Subject and issuer are the same, so that the reader looks at the signature as well.
  const auto body = sequence(der::write(der::constructed(0), {der::write_unsigned("\x02")}) +
                             der::write(der::integer, {parts.serial}) + algorithm + parts.name + dates + parts.name +
                             sequence(rsa + der::write_bits(key)) + list);
  return sequence(body + algorithm + der::write_bits(std::string(128, '\x33')));
}

}  // namespace

std::string repeat(std::string_view piece, std::size_t size) {
  std::string text;
  while (text.size() + piece.size() <= size)
    text += piece;
  return text;
}

std::vector<Bomb> pem_bombs(std::string_view label, std::size_t size) {
  const auto begin = "-----BEGIN " + std::string(label) + "-----\n";
  const auto end = "-----END " + std::string(label) + "-----\n";
  const auto room = size - begin.size() - end.size();
  return {
      {"blocks that do not end", repeat(begin, size)},
      {"blocks of nothing", repeat(begin + end, size)},
      {"blocks of a bit", repeat(begin + "MAA=\n" + end, size)},
      {"blocks of another kind", repeat("-----BEGIN X-----\n-----END X-----\n", size)},
      {"one block of zeros", begin + repeat("A", room / 4 * 4) + "\n" + end},
      {"one block of blanks", begin + repeat(" \t", room) + "\n" + end},
      {"one block of padding", begin + repeat("=", room) + "\n" + end},
      {"one block of ends of another kind", begin + repeat("-----END X-----\n", room) + end},
      {"dashes", repeat("-", size)},
      {"a label without end", "-----BEGIN " + repeat("A", size - 11)},
      {"line feeds", repeat("\n", size)},
      {"NUL", repeat("\0"s, size)},
  };
}

std::vector<Bomb> certificate_bombs(std::size_t size) {
  const auto with = [](auto Parts::*part, std::string value) {
    Parts parts;
    parts.*part = std::move(value);
    return certificate(parts);
  };
  const auto small = attribute(common_name, der::utf8_string, "");
  return {
      {"serial number", with(&Parts::serial, std::string(size, '\x7f'))},
      {"negative serial number", with(&Parts::serial, "\x80" + std::string(size, '\0'))},
      {"many relative names", with(&Parts::name, sequence(repeat(rdn(small), size / 2)))},
      {"one relative name of many", with(&Parts::name, sequence(rdn(repeat(small, size / 2))))},
      {"a name of control characters",
       with(&Parts::name, sequence(rdn(attribute(common_name, der::utf8_string, std::string(size / 2, '\x1b')))))},
      {"a name in UTF-32",
       with(&Parts::name, sequence(rdn(attribute(common_name, der::universal_string, std::string(size / 2, '\x01')))))},
      {"an attribute type",
       with(&Parts::name, sequence(rdn(attribute(std::string(size / 2, '\x81') + "\x01", der::utf8_string, "x"))))},
      {"a modulus", with(&Parts::modulus, std::string(size, '\x55'))},
      {"a signature algorithm", with(&Parts::algorithm, std::string(size / 2, '\x81') + "\x01")},
      {"many extensions", with(&Parts::extensions, extensions(size))},
      {"many names", with(&Parts::extensions, extension(alternative_names, sequence(names(size))))},
      {"many odd names",
       with(&Parts::extensions,
            extension(alternative_names, sequence(repeat(der::write(der::context(7), {"a"}), size))))},
      {"a deep name", with(&Parts::extensions, extension(alternative_names, nested(size)))},
      {"a deep extension", with(&Parts::extensions, extension("\x2a\x03", nested(size)))},
      {"many key usages",
       with(&Parts::extensions,
            extension(key_usages, sequence(repeat(der::write(der::object_id, {"\x2a\x03"}), size))))},
      {"a key usage",
       with(&Parts::extensions,
            extension(key_usages, sequence(der::write(der::object_id, {std::string(size, '\x81') + "\x01"}))))},
  };
}

std::vector<Bomb> yaml_bombs(std::string_view head, std::size_t size) {
  const std::string begin(head);
  const auto room = size - begin.size() - 1024;
  std::string stairs;
  for (std::string indent; stairs.size() < room; indent += " ")
    stairs += indent + "a:\n";
  std::string laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char name = 'b'; name < 'j'; ++name)
    laughs += name + ": &"s + name + " [" + repeat("*"s + static_cast<char>(name - 1) + ",", 27) + "*a]\n";
  const auto long_name = std::string(room / 2, 'n');
  return {
      {"a billion laughs", begin + laughs},
      {"merge keys", begin + "a: &a {x: 1}\n" + repeat("b: {<<: *a}\n", room)},
      {"an anchor of itself", begin + "a: &a [*a]\n"},
      {"brackets", begin + "a: " + repeat("[", room)},
      {"braces", begin + "a: " + repeat("{a: ", room)},
      {"brackets, JSON", repeat("[", size)},
      {"objects, JSON", repeat("{\"a\":", size)},
      {"pairs of brackets", begin + "a: [" + repeat("[],", room) + "]\n"},
      {"commas", begin + "a: [" + repeat(",", room) + "]\n"},
      {"stairs", begin + stairs},
      {"dashes in a line", begin + "a:\n  " + repeat("- ", room)},
      {"question marks", begin + repeat("? ", room)},
      {"colons", begin + repeat(":", room)},
      {"quotes", begin + "a: " + repeat("\"", room)},
      {"escapes", begin + "a: \"" + repeat("\\N", room) + "\"\n"},
      {"quotes in quotes", begin + "a: '" + repeat("''", room)},
      {"escapes", begin + "a: \"" + repeat("\\n", room) + "\"\n"},
      {"one long text", begin + "a: " + repeat("x", room) + "\n"},
      {"one long number", begin + "a: " + repeat("1", room) + "\n"},
      {"a long block", begin + "a: |\n" + repeat("  x\n", room)},
      {"a long folded text", begin + "a: >\n" + repeat("  x\n\n", room)},
      {"a text of many lines", begin + "a: x\n" + repeat("  x\n", room)},
      {"many fields", begin + repeat("a: 1\n", room)},
      {"many items", begin + "a:\n" + repeat("- 1\n", room)},
      {"many empty objects", begin + "a:\n" + repeat("- {}\n", room)},
      {"many duplicates below a long name", begin + long_name + ":\n" + repeat(" a: 1\n", room / 2)},
      {"many lists below a long name", begin + long_name + ":\n" + repeat("- {a: 1}\n", room / 2)},
      {"many comments", begin + repeat("#\n", room)},
      {"one comment", begin + "a: 1 #" + repeat("#", room)},
      {"many documents", repeat("---\na\n", size)},
      {"ends of documents", begin + repeat("...\n", room)},
      {"closing brackets", begin + "a: {}" + repeat("}", room)},
      {"tags", begin + "a: " + repeat("!", room)},
      {"directives", repeat("%a\n", size)},
      {"tabs", begin + repeat("\t", room)},
      {"bytes that are no text", begin + repeat("\xff", room)},
      {"NUL", begin + repeat("\0"s, room)},
  };
}
