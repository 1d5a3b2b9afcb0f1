#include "formats/yaml/yaml_guard.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"

#include "formats/yaml/yaml_tree.hpp"

namespace pki::formats {

namespace {

/// A reader must look at a flow collection as a whole before it knows what it is; each sign costs it about 100 bytes.
constexpr std::size_t max_flow_signs = 100'000;
constexpr int max_open_brackets = 64;

unsigned char byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

bool is_forbidden_control(unsigned char byte) {
  return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
}

/// FlowCount counts without regard to quotes and comments: an honest file stays far below in either case.
class FlowCount {
 public:
  void take(char c, int line) {
    if (c == '[' || c == '{') {
      if (++open_ > max_open_brackets) throw YamlError(line, fmt::format("more than {} open brackets", open_ - 1));
    } else if (c == ']' || c == '}') {
      open_ -= open_ > 0 ? 1 : 0;
    } else if (c != ',') {
      return;
    }
    if (++signs_ > max_flow_signs) throw YamlError(line, fmt::format("more than {} brackets and commas", signs_ - 1));
  }

 private:
  int open_{0};
  std::size_t signs_{0};
};

}  // namespace

void guard_yaml(std::string_view text, int first_line) {
  FlowCount flow;
  int line = first_line;
  for (std::size_t i = 0; i < text.size();) {
    const auto length = base::utf8_length(text.substr(i));
    if (length == 0) throw YamlError(line, fmt::format("byte 0x{:02x} is not UTF-8", byte_at(text, i)));
    if (is_forbidden_control(byte_at(text, i)))
      throw YamlError(line, fmt::format("control character 0x{:02x}, expected text", byte_at(text, i)));
    flow.take(text[i], line);
    line += text[i] == '\n' ? 1 : 0;
    i += length;
  }
}

}  // namespace pki::formats
