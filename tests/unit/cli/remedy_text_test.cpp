// SPDX-License-Identifier: Apache-2.0
#include "print/remedy_text.hpp"

#include <string>
#include <support/catch.hpp>
#include <vector>

using cli::remedy_text;
using pki::Remedy;
using Kind = pki::Remedy::Kind;

namespace {

const cli::CallFlags none;
const cli::CallFlags all{"/k/pki", "/k", "/c.yaml"};

}  // namespace

TEST_CASE("a remedy is worded with commands that repeat the flags of this call") {
  struct Case {
    Remedy remedy;
    const char* without;
    const char* with_all;
  };
  const std::vector<Case> cases{
      {{Kind::renew, {"apiserver"}},
       "`pkigen renew apiserver` corrects this",
       "`pkigen renew apiserver --cert-dir /k/pki --kubeconfig-dir /k --config /c.yaml` corrects this"},
      {{Kind::init, {"admin.conf"}},
       "`pkigen init admin.conf` creates it",
       "`pkigen init admin.conf --cert-dir /k/pki --kubeconfig-dir /k --config /c.yaml` creates it"},
      {{Kind::init, {"ca", "apiserver"}},
       "`pkigen init ca apiserver` creates them",
       "`pkigen init ca apiserver --cert-dir /k/pki --kubeconfig-dir /k --config /c.yaml` creates them"},
      {{Kind::init, {}},
       "`pkigen init` creates it",
       "`pkigen init --cert-dir /k/pki --kubeconfig-dir /k --config /c.yaml` creates it"},
      {{Kind::prune_sans, {"apiserver"}},
       "add them to the configuration, or drop them with `pkigen renew --prune-sans apiserver`",
       "add them to the configuration, or drop them with `pkigen renew --prune-sans apiserver --cert-dir /k/pki "
       "--kubeconfig-dir /k --config /c.yaml`"},
      {{Kind::restore_or_init, {"apiserver"}, {"/k/a.key"}, {"/k/a.crt"}},
       "restore /k/a.key from a backup, or move /k/a.crt away and run `pkigen init apiserver`",
       "restore /k/a.key from a backup, or move /k/a.crt away and run `pkigen init apiserver --cert-dir /k/pki "
       "--kubeconfig-dir /k --config /c.yaml`"},
      {{Kind::recreate, {"scheduler.conf"}, {"/k/scheduler.conf"}},
       "move /k/scheduler.conf away and run `pkigen init scheduler.conf`",
       "move /k/scheduler.conf away and run `pkigen init scheduler.conf --cert-dir /k/pki --kubeconfig-dir /k "
       "--config /c.yaml`"},
      {{Kind::rejoin_kubelet, {"kubelet.conf"}, {"/k/kubelet.conf"}},
       "the kubelet renews it while it is valid; once it has expired, move /k/kubelet.conf away, run `pkigen init "
       "kubelet.conf` and restart the kubelet",
       "the kubelet renews it while it is valid; once it has expired, move /k/kubelet.conf away, run `pkigen init "
       "kubelet.conf --cert-dir /k/pki --kubeconfig-dir /k --config /c.yaml` and restart the kubelet"},
      {{Kind::supply_ca_key, {"ca", "apiserver"}, {"/k/ca.key"}},
       "`pkigen csr create --bundle requests.json apiserver` requests it from the holder of ca, or put the CA key at "
       "/k/ca.key and run `pkigen renew apiserver`",
       "`pkigen csr create --bundle requests.json apiserver --cert-dir /k/pki --kubeconfig-dir /k --config /c.yaml` "
       "requests it from the holder of ca, or put the CA key at /k/ca.key and run `pkigen renew apiserver --cert-dir "
       "/k/pki --kubeconfig-dir /k --config /c.yaml`"},
      {{Kind::import_answer, {"apiserver"}},
       "it was requested: import the certificate with `pkigen csr import FILE`",
       "it was requested: import the certificate with `pkigen csr import FILE --cert-dir /k/pki --kubeconfig-dir /k "
       "--config /c.yaml`"},
      {{Kind::supply_ca_key_to_init, {"ca", "apiserver"}, {"/k/ca.key"}, {"/k/a.crt"}},
       "move /k/a.crt away, then `pkigen csr create --bundle requests.json apiserver` requests it from the holder of "
       "ca, "
       "or put the CA key at /k/ca.key and run `pkigen init apiserver`",
       "move /k/a.crt away, then `pkigen csr create --bundle requests.json apiserver --cert-dir /k/pki "
       "--kubeconfig-dir "
       "/k --config /c.yaml` requests it from the holder of ca, or put the CA key at /k/ca.key and run `pkigen init "
       "apiserver --cert-dir /k/pki --kubeconfig-dir /k --config /c.yaml`"},
      {{Kind::restart, {"apiserver"}, {"/etc/kubernetes/manifests", "/m n"}},
       "`pkigen renew --if-needed --restart-static-pods --manifests-dir '/m n'` restarts the static pods that use them",
       "`pkigen renew --if-needed --restart-static-pods --manifests-dir '/m n' --cert-dir /k/pki --kubeconfig-dir /k "
       "--config /c.yaml` restarts the static pods that use them"},
      {{Kind::list_backups, {}},
       "`pkigen backups` lists them",
       "`pkigen backups --cert-dir /k/pki --kubeconfig-dir /k` lists them"},
      {{Kind::restart, {"apiserver"}},
       "`pkigen renew --if-needed --restart-static-pods` restarts the static pods that use them",
       "`pkigen renew --if-needed --restart-static-pods --cert-dir /k/pki --kubeconfig-dir /k --config /c.yaml` "
       "restarts "
       "the static pods that use them"},
      {{Kind::run_hooks, {"apiserver"}},
       "`pkigen renew --if-needed` with the deploy hooks runs them again",
       "`pkigen renew --if-needed --cert-dir /k/pki --kubeconfig-dir /k --config /c.yaml` with the deploy hooks runs "
       "them "
       "again"},
      {{Kind::name_directories, {}, {"/real/pki"}},
       "name the directories themselves: --cert-dir /real/pki",
       "name the directories themselves: --cert-dir /real/pki"},
      {[] {
         Remedy remedy(Kind::name_directories, {}, {"/srv/pki", "/real k"});
         remedy.text = "chown 0 /srv";
         return remedy;
       }(),
       "name the directories themselves: --cert-dir /srv/pki --kubeconfig-dir '/real k'; chown 0 /srv",
       "name the directories themselves: --cert-dir /srv/pki --kubeconfig-dir '/real k'; chown 0 /srv"},
      {{Kind::recover, {}, {"/k/pki"}},
       "`pkigen recover` finishes or undoes it, and so does every command that writes",
       "`pkigen recover --cert-dir /k/pki --kubeconfig-dir /k` finishes or undoes it, and so does every command that "
       "writes"},
  };
  for (const auto& each : cases) {
    CHECK(remedy_text(each.remedy, none) == each.without);
    CHECK(remedy_text(each.remedy, all) == each.with_all);
  }
}

TEST_CASE("a remedy without a command is worded the same under all flags") {
  struct Case {
    Remedy remedy;
    const char* words;
  };
  const std::vector<Case> cases{
      {{}, ""},
      {"chmod 600 /k/a.key", "chmod 600 /k/a.key"},
      {Remedy::set_field("nodeRegistration.name"), "pass --node-name"},
      {Remedy::set_field("localAPIEndpoint.advertiseAddress"), "pass --apiserver-advertise-address"},
      {Remedy::set_field("networking.serviceSubnet"), "pass --service-cidr"},
      {Remedy::set_field("clusterName"), "pass --cluster-name"},
      {Remedy::set_option("allowed_sans"), "pass --allow-san NAME"},
      {Remedy::set_option("allow_masters"), "pass --allow-masters"},
      {Remedy::set_option("profile and validity"), "pass --profile client|server|peer and --valid-for TIME"},
      {Remedy::set_option("config"), "name the configuration of the host that asks with --config FILE"},
      {Remedy::set_option("config or allowed_sans"),
       "name the configuration of the host that asks with --config FILE, or pass --allow-san NAME"},
      {Remedy::set_option("another"), "set another in the call"},
      {Remedy::set_field("etcd.external.caFile"), "set etcd.external.caFile in the configuration file"},
      {{Kind::restore, {}, {"/k/ca.crt"}}, "restore /k/ca.crt from a backup or another control plane"},
      {{Kind::rotate_ca, {"ca"}}, "replace ca and everything that it signed"},
      {{Kind::check_clock, {}}, "check the clock of this host"},
      {{Kind::name_config, {}}, "name the configuration of the cluster with --config FILE"},
      {{Kind::name_kubeconfigs, {}}, "name their directory with --kubeconfig-dir"},
  };
  for (const auto& each : cases) {
    CHECK(remedy_text(each.remedy, none) == each.words);
    CHECK(remedy_text(each.remedy, all) == each.words);
  }
}

TEST_CASE("a directory that came from the configuration file is named for a command that takes no file") {
  const Remedy remedy(Kind::recover, {}, {"/from/config"});
  CHECK(remedy_text(remedy, {.cert_dir = {}, .kubeconfig_dir = {}, .config = "c.yaml"})
            .starts_with("`pkigen recover --cert-dir /from/config` "));
}

TEST_CASE("what a shell would take apart is quoted") {
  const Remedy remedy(Kind::renew, {"all"});
  CHECK(remedy_text(remedy, {.cert_dir = "it's $HOME", .kubeconfig_dir = {}, .config = "-"}) ==
        "`pkigen renew all --cert-dir 'it'\\''s $HOME' --config -` corrects this");
}

TEST_CASE("a path in a remedy is one word of a shell") {
  const std::string path = "/k b/it's";
  const std::string word = "'/k b/it'\\''s'";
  struct Case {
    Remedy remedy;
    std::string words;
  };
  const std::vector<Case> cases{
      {{Kind::restore_or_init, {"a"}, {path}, {path, "/k"}},
       "restore " + word + " from a backup, or move " + word + " and /k away and run `pkigen init a`"},
      {{Kind::recreate, {"a"}, {path, "/k"}}, "move " + word + " and /k away and run `pkigen init a`"},
      {{Kind::rejoin_kubelet, {"a"}, {path}},
       "the kubelet renews it while it is valid; once it has expired, move " + word +
           " away, run `pkigen init a` and restart the kubelet"},
      {{Kind::supply_ca_key, {"ca", "a"}, {path}},
       "`pkigen csr create --bundle requests.json a` requests it from the holder of ca, or put the CA key at " + word +
           " and run `pkigen renew a`"},
      {{Kind::supply_ca_key_to_init, {"ca", "a"}, {"/k"}, {path}},
       "move " + word +
           " away, then `pkigen csr create --bundle requests.json a` requests it from the holder of ca, or put the CA "
           "key "
           "at /k and run `pkigen init a`"},
      {{Kind::restore, {}, {path}}, "restore " + word + " from a backup or another control plane"},
      {{Kind::restore, {}, {"/k\xff`"}}, "restore $'/k\\377\\140' from a backup or another control plane"},
  };
  for (const auto& [remedy, words] : cases)
    CHECK(remedy_text(remedy, none) == words);
}

TEST_CASE("a command has the flags of this call, or the directories of a PKI") {
  CHECK(cli::own_command("renew all") == "pkigen renew all");
  cli::set_call_flags({"/k/pki", "/k/conf", "/c.yaml"});
  CHECK(cli::own_command("renew all") ==
        "pkigen renew all --cert-dir /k/pki --kubeconfig-dir /k/conf --config /c.yaml");
  cli::set_call_flags({});
  CHECK(cli::command_for("check-expiration", {"/k/pki", "/k"}) == "pkigen check-expiration --cert-dir /k/pki");
  CHECK(cli::command_for("check-expiration", {"/k/my pki", "/k/conf"}) ==
        "pkigen check-expiration --cert-dir '/k/my pki' --kubeconfig-dir /k/conf");
}

TEST_CASE("findings in words have advice only") {
  cli::set_call_flags({"/k/pki", {}, {}});
  const pki::Finding finding{pki::Rule::expired, pki::Severity::error, "/k/pki/a.crt",
                             "expired",          "apiserver",          {Kind::renew, {"apiserver"}}};
  pki::Renewal renewal;
  renewal.plan.conflicts = renewal.plan.warnings = renewal.failures = {finding};
  const auto worded = cli::in_words(renewal);
  for (const auto* list : {&worded.plan.conflicts, &worded.plan.warnings, &worded.failures}) {
    CHECK(list->front().remedy.kind == Kind::advice);
    CHECK(list->front().remedy.text == "`pkigen renew apiserver --cert-dir /k/pki` corrects this");
    CHECK(list->front().rule == pki::Rule::expired);
  }
  pki::Report report;
  report.notes = {finding};
  CHECK(cli::in_words(report).notes.front().remedy.kind == Kind::advice);
  CHECK(cli::in_words(std::vector{finding}).front().remedy.kind == Kind::advice);
  cli::set_call_flags({});
}
