// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include <disk/backup_manifest.hpp>
#include <support/catch.hpp>

using namespace pki::disk;

namespace {

const std::string sha(64, 'a');

}  // namespace

TEST_CASE("a manifest is read as it is written") {
  const pki::SecretString content("text");
  const Attributes attributes{{"system.posix_acl_access", std::string("\2\0\0\0", 4)}, {"user.a b", ""}};
  const std::vector<Original> originals{{"pki", "a b.key", true, 0640, 12, 34, &content, attributes},
                                        {"etcd", "ca.crt", false, 0, 0, 0, nullptr}};
  const auto entries = parse_backup_manifest(to_manifest(originals), "m");
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].existed);
  CHECK(entries[0].root == "pki");
  CHECK(entries[0].name == "a b.key");
  CHECK(entries[0].mode == 0640);
  CHECK(entries[0].uid == 12);
  CHECK(entries[0].gid == 34);
  CHECK(entries[0].digest == "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1");
  CHECK(entries[0].attributes == attributes);
  CHECK_FALSE(entries[1].existed);
  CHECK_FALSE(entries[1].attributes);
  CHECK(entries[1].root == "etcd");
  CHECK(entries[1].name == "ca.crt");
}

TEST_CASE("a manifest of version 1 is read, and says nothing about attributes") {
  const auto entries = parse_backup_manifest("pkigen-backup 1\n0600 1 2 " + sha + " pki/x\nend\n", "m");
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].uid == 1);
  CHECK_FALSE(entries[0].attributes);
}

TEST_CASE("attributes that a manifest cannot hold are an error") {
  const pki::SecretString content("text");
  const auto with = [&](Attributes attributes) {
    return std::vector<Original>{{"pki", "x", true, 0600, 0, 0, &content, std::move(attributes)}};
  };
  CHECK_THROWS_WITH(to_manifest(with({{"user.a\nb", "x"}})), contains("pki/x: has an extended attribute"));
  Attributes many;
  for (int i = 0; i < 200; ++i)
    many.push_back({"user." + std::to_string(1000 + i), std::string(65536, 'x')});
  CHECK_THROWS_WITH(to_manifest(with(many)), contains("too large for a backup"));
}

TEST_CASE("a manifest that differs in any way from what is written is refused") {
  const std::string head = "pkigen-backup 2\n";
  const std::string good = "0600 0 0 " + sha + " pki/x\n";
  const std::string label = "attribute YWJj security.selinux\n";
  CHECK(parse_backup_manifest(head + good + label + "end\n", "m")[0].attributes->at(0).value == "abc");
  CHECK(parse_backup_manifest(head + good + "absent etcd/y\nend\n", "m").size() == 2);
  CHECK(parse_backup_manifest(head + "0644 0 0 " + sha + " kubeconfig/a b\nend\n", "m")[0].name == "a b");
  const std::vector<std::string> bad{"",
                                     "end\n",
                                     head,
                                     "pkigen-backup 3\nend\n",
                                     "pkigen-backup 1\n" + good + label + "end\n",
                                     head + label + good + "end\n",
                                     head + "absent pki/x\n" + label + "end\n",
                                     head + good + label + label + "end\n",
                                     head + good + "attribute YWJj user.b\nattribute YWJj user.a\nend\n",
                                     head + good + "attribute YWJ security.selinux\nend\n",
                                     head + good + "attribute  user.a\nend\n",
                                     head + good + "attribute - \nend\n",
                                     head + good + "attribute YWJj\nend\n",
                                     head + good + "attribute YWJj user.\x7f\nend\n",
                                     head + good + "attribute YWJj " + std::string(256, 'x') + "\nend\n",
                                     head + "end",
                                     head + good,
                                     head + good + "end\nmore\n",
                                     head + good + good + "end\n",
                                     head + good + "absent pki/x\nend\n",
                                     head + "absent ../x\nend\n",
                                     head + "absent /etc/x\nend\n",
                                     head + "absent pki/../x\nend\n",
                                     head + "absent pki/..\nend\n",
                                     head + "absent pki/.\nend\n",
                                     head + "absent pki/\nend\n",
                                     head + "absent pki\nend\n",
                                     head + "absent other/x\nend\n",
                                     head + "absent pki/.pkigen-txn\nend\n",
                                     head + "absent pki/.pkigen\nend\n",
                                     head + "absent pki/a/b\nend\n",
                                     head + "absent pki/" + std::string("a\0b", 3) + "\nend\n",
                                     head + "absent pki/a\tb\nend\n",
                                     head + "absent pki/" + std::string(256, 'x') + "\nend\n",
                                     head + "absent pki/a\r\nend\n",
                                     head + "9999 0 0 " + sha + " pki/x\nend\n",
                                     head + "-600 0 0 " + sha + " pki/x\nend\n",
                                     head + "77777 0 0 " + sha + " pki/x\nend\n",
                                     head + "0600 x 0 " + sha + " pki/x\nend\n",
                                     head + "0600 0 99999999999999 " + sha + " pki/x\nend\n",
                                     head + "0600 0 0 short pki/x\nend\n",
                                     head + "0600 0 0 " + std::string(64, 'G') + " pki/x\nend\n",
                                     head + "0600 0 0 " + sha + "\nend\n",
                                     head + "0600  0 0 " + sha + " pki/x\nend\n",
                                     head + "\nend\n"};
  for (const auto& text : bad) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_backup_manifest(text, "m"), pki::Error);
  }
  std::string huge = head;
  for (int i = 0; i < 5000; ++i)
    huge += "absent pki/" + std::to_string(i) + "\n";
  CHECK_THROWS_WITH(parse_backup_manifest(huge + "end\n", "m"), contains("too many files"));
}
