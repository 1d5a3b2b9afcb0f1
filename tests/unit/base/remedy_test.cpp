#include <string>
#include <support/catch.hpp>
#include <vector>

#include <pki/finding.hpp>

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

TEST_CASE("free advice is a remedy, and empty advice is none") {
  CHECK(Remedy("look").kind == Kind::advice);
  CHECK(Remedy(std::string("look")).text == "look");
  CHECK(Remedy("").kind == Kind::none);
  CHECK(Remedy().kind == Kind::none);
}
