// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <support/catch.hpp>

#include <pki/certificate.hpp>

#include "base/lists.hpp"

using pki::base::sorted;
using pki::base::without;
using List = std::vector<std::string>;

TEST_CASE("a list without another has the rest, in its own order") {
  struct Case {
    List list;
    List others;
    List rest;
  };
  const std::vector<Case> cases{
      {{}, {}, {}},
      {{}, {"a"}, {}},
      {{"b", "a"}, {}, {"b", "a"}},
      {{"c", "b", "a"}, {"b"}, {"c", "a"}},
      {{"a", "b"}, {"b", "a", "c"}, {}},
      {{"a", "b", "a"}, {"b"}, {"a", "a"}},
      {{"a", "b", "a"}, {"a"}, {"b"}},
      {{"a"}, {"A", ""}, {"a"}},
  };
  for (const auto& [list, others, rest] : cases)
    CHECK(without(list, others) == rest);
}

TEST_CASE("a list of names lacks those of another kind or text") {
  using Kind = pki::GeneralName::Kind;
  const std::vector<pki::GeneralName> found{{Kind::dns, "10.0.0.1"}, {Kind::uri, "a"}, {Kind::dns, "b"}};
  const std::vector<pki::GeneralName> wanted{{Kind::ip, "10.0.0.1"}, {Kind::dns, "a"}, {Kind::dns, "b"}};
  CHECK(without(wanted, found) == std::vector<pki::GeneralName>{wanted[0], wanted[1]});
}

TEST_CASE("a sorted list keeps every value, and the original its order") {
  const List list{"b", "c", "a", "b"};
  CHECK(sorted(list) == List{"a", "b", "b", "c"});
  CHECK(list == List{"b", "c", "a", "b"});
  CHECK(sorted(List{}).empty());
  CHECK(sorted(List{"a", "a"}) != sorted(List{"a"}));
}
