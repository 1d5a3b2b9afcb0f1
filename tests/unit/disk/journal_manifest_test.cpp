// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <disk/journal_manifest.hpp>
#include <support/catch.hpp>

using namespace pki::disk;

namespace {

const std::string sha(64, 'a');
const std::string other(64, 'b');
const std::string head = "pkigen-transaction 1\nid " + sha + "\n";

}  // namespace

TEST_CASE("a journal is read as it is written") {
  const JournalManifest manifest{sha, {{"ca.crt", sha, other}, {"a b", "", other}, {"gone", sha, ""}}};
  const auto text = to_manifest(manifest);
  CHECK(text == head + sha + " " + other + " ca.crt\n- " + other + " a b\n" + sha + " - gone\nend\n");
  const auto parsed = parse_journal_manifest(text, "m");
  CHECK(parsed.id == sha);
  CHECK(parsed.entries == manifest.entries);
}

TEST_CASE("a journal that differs in any way from what is written is refused") {
  const std::string good = sha + " " + other + " x\n";
  CHECK(parse_journal_manifest(head + good + "end\n", "m").entries.size() == 1);
  for (const std::string& text :
       {std::string(), std::string("end\n"), head, head + good, head + good + "end", head + good + "end\nmore\n",
        "pkigen-transaction 2\nid " + sha + "\nend\n", std::string("pkigen-transaction 1\nend\n"),
        std::string("pkigen-transaction 1\nid short\nend\n"), head + good + good + "end\n", head + sha + " x\nend\n",
        head + "short " + other + " x\nend\n", head + sha + " " + std::string(64, 'G') + " x\nend\n",
        head + sha + " " + other + " a/b\nend\n", head + sha + " " + other + " ..\nend\n",
        head + sha + " " + other + " \nend\n", head + sha + " " + other + " .pkigen-txn\nend\n",
        head + sha + " " + other + " a\tb\nend\n"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_journal_manifest(text, "m"), contains("m: the journal"));
  }
}

TEST_CASE("the name of a file in a root is one printable component that is not reserved") {
  for (const char* name : {"ca.crt", "a b", ".hidden", "\xc3\xa9"}) {
    CAPTURE(name);
    CHECK(valid_name(name));
  }
  for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("a/b"),
                                  std::string("a\nb"), std::string("a\x7f"), std::string("a\0b", 3),
                                  std::string(".pkigen"), std::string(".pkigen-txn"), std::string(256, 'x')}) {
    CAPTURE(name);
    CHECK_FALSE(valid_name(name));
  }
}
