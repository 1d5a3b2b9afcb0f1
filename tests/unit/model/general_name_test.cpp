// SPDX-License-Identifier: Apache-2.0
#include <pki/certificate.hpp>

#include <string>
#include <utility>
#include <vector>

#include <support/catch.hpp>

using namespace pki;
using Kind = GeneralName::Kind;

TEST_CASE("a name in a list is shown as it is, and in quotes where it could be taken for several") {
  const std::vector<std::pair<GeneralName, std::string>> table{
      {{Kind::dns, "api.example"}, "api.example"},
      {{Kind::dns, "*.example"}, "*.example"},
      {{Kind::dns, "under_score"}, "under_score"},
      {{Kind::ip, "2001:db8::1"}, "2001:db8::1"},
      {{Kind::email, "a@b.example"}, "a@b.example"},
      {{Kind::uri, "spiffe://cluster.local/ns/a?b=c"}, "spiffe://cluster.local/ns/a?b=c"},
      {{Kind::dns, "a b"}, "\"a b\""},
      {{Kind::dns, " "}, "\" \""},
      {{Kind::dns, "a "}, "\"a \""},
      {{Kind::dns, ""}, "\"\""},
      {{Kind::dns, "a,DNS:evil"}, "\"a,DNS:evil\""},
      {{Kind::dns, "a;b"}, "\"a;b\""},
      {{Kind::dns, "a\"b"}, "\"a\\\"b\""},
      {{Kind::dns, "a\\b"}, "\"a\\\\b\""},
      {{Kind::dns, "\xc3\xa4"}, "\"\xc3\xa4\""},
      {{Kind::other, "\x88\x01\x2a"}, "(another kind of name)"},
  };
  for (const auto& [name, text] : table)
    CHECK(to_text(name) == text);
}
