// SPDX-License-Identifier: Apache-2.0
#include "commands/suggest.hpp"

#include <string>
#include <vector>

#include <support/catch.hpp>

TEST_CASE("The distance counts insertions, deletions, replacements and swaps") {
  struct Case {
    const char* one;
    const char* other;
    std::size_t distance;
  };
  for (const auto& [one, other, distance] :
       {Case{"", "", 0}, Case{"", "renew", 5}, Case{"renew", "renew", 0}, Case{"rene", "renew", 1},
        Case{"rennew", "renew", 1}, Case{"remew", "renew", 1}, Case{"reenw", "renew", 1}, Case{"erenw", "renew", 2},
        Case{"ca", "abc", 3}, Case{"chek-expiration", "check-expiration", 1}, Case{"init", "undo", 3},
        Case{"kitten", "sitting", 3}}) {
    INFO(one << " " << other);
    CHECK(cli::edit_distance(one, other) == distance);
    CHECK(cli::edit_distance(other, one) == distance);
  }
}

TEST_CASE("The nearest words are suggested, and no distant ones") {
  const std::vector<std::string> known{"init", "check-expiration", "renew", "undo", "ca", "sa", "--cert-dir", "-v"};
  struct Case {
    const char* word;
    const char* suggestion;
  };
  for (const auto& [word, suggestion] :
       {Case{"chek-expiration", "did you mean \"check-expiration\"?"},
        Case{"check", "did you mean \"check-expiration\"?"}, Case{"inti", "did you mean \"init\"?"},
        Case{"ta", "did you mean \"ca\" or \"sa\"?"}, Case{"--certdir", "did you mean \"--cert-dir\"?"},
        Case{"--cert", "did you mean \"--cert-dir\"?"}, Case{"Renew", "did you mean \"renew\"?"},
        Case{"-x", "did you mean \"-v\"?"}, Case{"ch", "did you mean \"ca\"?"}, Case{"make-coffee", ""},
        Case{"xyz", ""}, Case{"", ""}}) {
    INFO(word);
    CHECK(cli::did_you_mean(word, known) == suggestion);
  }
}

TEST_CASE("At most three words of the same distance are suggested") {
  const std::vector<std::string> known{"aa", "ab", "ac", "ad"};
  CHECK(cli::did_you_mean("ax", known) == "did you mean \"aa\" or \"ab\" or \"ac\"?");
}

TEST_CASE("A very long word has no suggestion") {
  const std::vector<std::string> known{std::string(100, 'a')};
  CHECK(cli::did_you_mean(std::string(100, 'a'), known).empty());
}
