// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <support/catch.hpp>
#include <vector>

#include <pki/finding.hpp>
#include <pki/shell.hpp>

using pki::Remedy;
using Kind = pki::Remedy::Kind;

TEST_CASE("a remedy in words names rows and paths, and no command") {
  struct Case {
    Remedy remedy;
    const char* words;
  };
  const std::vector<Case> cases{
      {{}, ""},
      {"use another backup", "use another backup"},
      {"", ""},
      {Remedy::set_field("clusterName"), "set clusterName in the configuration"},
      {Remedy::set_option("profile and validity"), "set profile and validity in the call"},
      {{Kind::init, {}}, "create the PKI"},
      {{Kind::init, {"ca", "apiserver"}}, "create ca and apiserver"},
      {{Kind::renew, {"apiserver"}}, "renew apiserver"},
      {{Kind::prune_sans, {"apiserver"}}, "add the names to the configuration, or drop them in a renewal of apiserver"},
      {{Kind::restore, {}, {"/k/ca.crt"}}, "restore /k/ca.crt from a backup or another control plane"},
      {{Kind::restore_or_init, {"apiserver"}, {"/k/a.key"}, {"/k/a.crt", "/k/a.key"}},
       "restore /k/a.key from a backup, or move /k/a.crt and /k/a.key away and create apiserver"},
      {{Kind::recreate, {"admin.conf"}, {"/k/admin.conf"}}, "move /k/admin.conf away and create admin.conf"},
      {{Kind::supply_ca_key, {"ca", "apiserver"}, {"/k/ca.key"}},
       "have the holder of ca sign it, or put the CA key at /k/ca.key and renew apiserver"},
      {{Kind::supply_ca_key_to_init, {"ca", "apiserver"}, {"/k/ca.key"}, {"/k/a.crt", "/k/a.key"}},
       "have the holder of ca sign it, or put the CA key at /k/ca.key, move /k/a.crt and /k/a.key away and create "
       "apiserver"},
      {{Kind::import_answer, {"apiserver"}}, "import the answer to the request for apiserver"},
      {{Kind::rotate_ca, {"ca"}}, "replace ca and everything that it signed"},
      {{Kind::rejoin_kubelet, {"kubelet.conf"}, {"/k/kubelet.conf"}},
       "the kubelet renews it while it is valid; once it has expired, move /k/kubelet.conf away, create kubelet.conf "
       "and restart the kubelet"},
      {{Kind::check_clock, {}}, "check the clock of this host"},
      {{Kind::name_config, {}}, "name the configuration file of the cluster"},
      {{Kind::name_kubeconfigs, {}}, "name the directory of the kubeconfigs"},
      {{Kind::list_backups, {}}, "list the backups and choose one"},
      {{Kind::restart, {"apiserver"}}, "restart the processes that use apiserver"},
      {{Kind::run_hooks, {"apiserver"}}, "run the deploy hooks for apiserver"},
      {{Kind::name_directories, {}, {"/real/pki", "/real"}}, "use /real/pki and /real instead"},
      {{Kind::recover, {}}, "the next command that writes finishes or undoes it"},
  };
  for (const auto& each : cases)
    CHECK(to_text(each.remedy) == each.words);
}

TEST_CASE("a path in a remedy is one word of a shell") {
  const std::string blank = "/k b/it's.key";
  const std::string word = "'/k b/it'\\''s.key'";
  struct Case {
    Remedy remedy;
    std::string words;
  };
  const std::vector<Case> cases{
      {{Kind::restore, {}, {blank, "/k/a"}}, "restore " + word + " and /k/a from a backup or another control plane"},
      {{Kind::restore_or_init, {"a"}, {blank}, {blank}},
       "restore " + word + " from a backup, or move " + word + " away and create a"},
      {{Kind::recreate, {"a"}, {blank}}, "move " + word + " away and create a"},
      {{Kind::supply_ca_key, {"ca", "a"}, {blank}},
       "have the holder of ca sign it, or put the CA key at " + word + " and renew a"},
      {{Kind::supply_ca_key_to_init, {"ca", "a"}, {"/k/ca.key"}, {blank}},
       "have the holder of ca sign it, or put the CA key at /k/ca.key, move " + word + " away and create a"},
      {{Kind::rejoin_kubelet, {"a"}, {blank}},
       "the kubelet renews it while it is valid; once it has expired, move " + word +
           " away, create a and restart the kubelet"},
      {{Kind::name_directories, {}, {blank}}, "use " + word + " instead"},
  };
  for (const auto& each : cases)
    CHECK(to_text(each.remedy) == each.words);
}

TEST_CASE("a text becomes one word of a shell, which fits into a message as it is") {
  struct Case {
    std::string text;
    std::string word;
  };
  const std::vector<Case> cases{
      {"/etc/kubernetes/pki/ca.crt", "/etc/kubernetes/pki/ca.crt"},
      {"", "''"},
      {"/a b", "'/a b'"},
      {"it's", "'it'\\''s'"},
      {"'", "''\\'''"},
      {"$HOME", "'$HOME'"},
      {"~", "'~'"},
      {"a\"b\\c", "'a\"b\\c'"},
      {"*?[a]{b}!#&;|<>()", "'*?[a]{b}!#&;|<>()'"},
      {"/k\xc3\xbc"
       "be",
       "'/k\xc3\xbc"
       "be'"},
      {"a`b", "$'a\\140b'"},
      {"a\nb", "$'a\\012b'"},
      {"a\x1b[1m", "$'a\\033[1m'"},
      {"\xc2\x9b", "$'\\302\\233'"},  // C1
      {"a\xff"
       "7",
       "$'a\\3777'"},
      {"it's `a\\b`", "$'it\\'s \\140a\\\\b\\140'"},
      {"\xc3\xbc\xff", "$'\xc3\xbc\\377'"},
  };
  for (const auto& [text, word] : cases) {
    CAPTURE(text);
    CHECK(pki::to_shell_word(text) == word);
    CHECK(pki::to_plain(word) == word);
  }
}

TEST_CASE("free advice is a remedy, and empty advice is none") {
  CHECK(Remedy("look").kind == Kind::advice);
  CHECK(Remedy(std::string("look")).text == "look");
  CHECK(Remedy("").kind == Kind::none);
  CHECK(Remedy().kind == Kind::none);
}
