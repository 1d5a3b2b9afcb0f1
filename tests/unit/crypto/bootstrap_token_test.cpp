// SPDX-License-Identifier: Apache-2.0
#include <pki/bootstrap.hpp>

#include <map>
#include <set>
#include <string>

#include <support/catch.hpp>

TEST_CASE("a bootstrap token is 6 and 16 characters, and never the same twice") {
  std::set<std::string> tokens;
  std::map<char, int> characters;
  constexpr int number = 500;
  for (int i = 0; i < number; ++i) {
    const auto token = pki::generate_bootstrap_token();
    CHECK(pki::is_bootstrap_token(token));
    tokens.emplace(token.begin(), token.end());
    for (const auto c : token)
      ++characters[c];
  }
  CHECK(tokens.size() == number);
  // Each of the 36 comes 305 times on average; a number outside of 200 to 430 is 6 standard deviations away.
  CHECK(characters.extract('.').mapped() == number);
  CHECK(characters.size() == 36);
  for (const auto& [character, times] : characters) {
    CAPTURE(character, times);
    CHECK((times > 200 && times < 430));
  }
}
