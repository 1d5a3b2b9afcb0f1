// SPDX-License-Identifier: Apache-2.0
#include "commands/output_format.hpp"

#include <string>
#include <vector>

#include <support/catch.hpp>

namespace {

std::string format_of(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (auto& word : words)
    arguments.push_back(word.data());
  return cli::output_format(arguments);
}

}  // namespace

TEST_CASE("the output format is found in every way to write it, and the last one wins") {
  const struct {
    std::vector<std::string> words;
    std::string format;
  } cases[] = {
      {{"pkigen"}, ""},
      {{"pkigen", "-o", "json"}, "json"},
      {{"pkigen", "init", "-ojson"}, "json"},
      {{"pkigen", "init", "-o=json"}, "json"},
      {{"pkigen", "init", "-vo", "json"}, "json"},
      {{"pkigen", "init", "-vojson"}, "json"},
      {{"pkigen", "init", "--output", "json"}, "json"},
      {{"pkigen", "init", "--output=json", "--bad"}, "json"},
      {{"pkigen", "init", "-o", "json", "-o", "text"}, "text"},
      {{"pkigen", "init", "-o", "text", "--output=yaml"}, "yaml"},
      {{"pkigen", "init", "--output-file", "json"}, ""},
      {{"pkigen", "init", "--output-file=json"}, ""},
      {{"pkigen", "init", "-v", "json"}, ""},
      {{"pkigen", "init", "-", "json"}, ""},
      {{"pkigen", "init", "--", "-o", "json"}, ""},
      {{"pkigen", "init", "-o"}, ""},
      {{"pkigen", "init", "--output"}, ""},
      {{"pkigen", "init", "json", "output", "o"}, ""},
  };
  for (const auto& [words, format] : cases) {
    CAPTURE(words);
    CHECK(format_of(words) == format);
  }
}
