// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <utility>

#include "formats/yaml/yaml_events.hpp"

using namespace pki::formats;

namespace {

/// Reads to the end of the text; returns the line and the message of the error.
std::string error_of(std::string_view text) {
  try {
    YamlEvents events(text, 1);
    while (events.next().type != YAML_STREAM_END_EVENT) {
    }
  } catch (const YamlError& error) {
    return std::to_string(error.line) + " " + error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a mark of libyaml is a byte offset, whatever the characters before it") {
  for (const std::string before : {"", "\xef\xbb\xbf", "# \xc3\xa4\n", "# \xe2\x82\xac\r\n", "# \xf0\x9f\x94\x91\n",
                                   "\xef\xbb\xbf# \xc2\x85# \xe2\x80\xa8"}) {
    CAPTURE(before);
    const auto text = before + "'\xc3\xa4' # end";
    YamlEvents events(text, 1);
    const auto* event = &events.next();
    while (event->type != YAML_SCALAR_EVENT)
      event = &events.next();
    CHECK(events.offset_of(event->start_mark) == before.size());
    CHECK(events.offset_of(event->end_mark) == before.size() + 4);
  }
}

TEST_CASE("a text cannot choose another encoding") {
  CHECK_THAT(error_of(std::string("\xff\xfe"
                                  "a\0",
                                  4)),
             contains("1 a byte that is not UTF-8"));
  CHECK_THAT(error_of(std::string("\xfe\xff\0a", 4)), contains("1 a byte that is not UTF-8"));
}

TEST_CASE("an error of libyaml has the line where it is, and none of the text") {
  const std::pair<std::string, const char*> cases[] = {
      {"a: secret: b\n", "1 not valid YAML: mapping values are not allowed in this context"},
      {"a: 1\nb: [secret\nc: d\n", "not valid YAML: did not find expected ',' or ']' while parsing a flow sequence"},
      {"a: 1\nb: @secret\n", "2 not valid YAML: found character that cannot start any token"},
      {"a:\n\tsecret: 1\n", "2 not valid YAML: found a tab used as indentation, expected spaces"},
      {"a: 1\n\tsecret: 2\n", "2 not valid YAML: found a tab used as indentation, expected spaces"},
      {"a:\n  b: 1\n\t c: secret\n", "3 not valid YAML: found a tab used as indentation, expected spaces"},
      {"a: 1\nb: 'secret\nc: 2\n", "2 not valid YAML: a quote is not closed"},
      {"a: 1\nb: \"secret\n\n\n", "2 not valid YAML: a quote is not closed"},
      {"a: \"\\q secret\"\n", "1 not valid YAML: found unknown escape character"},
      {"%YAML 3.0\n---\nsecret\n", "1 not valid YAML: found incompatible YAML document"},
      {"a: 1\nb: \x1b[1m\n", "2 a control character, expected text"},
      {"a: 1\nb: \xc2\x9b\n", "2 a control character, expected text"},
      {"a: 1\nb: \xef\xbf\xbe\n", "2 a control character, expected text"},
      {"a: 1\nb: \x7f\n", "2 a control character, expected text"},
      {"a: 1\nb: \xe2\x82", "2 a byte that is not UTF-8"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    const auto error = error_of(text);
    CHECK_THAT(error, contains(expected));
    CHECK(error.find("secret") == std::string::npos);
  }
}

TEST_CASE("a tab between tokens is no indentation") {
  for (const auto* text : {"a:\tb\n", "a: b\t# c\n", "{a:\tb,\tc: d}\n", "a: 'b\n\tc'\n"})
    CHECK(error_of(text).empty());
}
