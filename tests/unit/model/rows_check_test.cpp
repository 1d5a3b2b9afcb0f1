// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <functional>
#include <string>
#include <vector>

#include <pki/config.hpp>

using namespace pki;
using std::chrono::hours;

namespace {

/// Returns a configuration with a root CA, a CA below it and a leaf of each form.
ClusterConfig sample() {
  ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.168.10.11";
  auto& rows = config.rows.emplace();
  rows.optional = {"kube-proxy.conf"};
  rows.authorities = {{.name = "vpn-root", .path_length = 1}, {.name = "vpn-ca", .issuer = "vpn-root"}};
  rows.leaves = {{.name = "vpn", .issuer = "vpn-ca", .profile = Profile::server, .sans = {"vpn.{dns_domain}"}},
                 {.name = "ci.conf", .issuer = "ca", .form = Form::kubeconfig, .organizations = {"ci"}}};
  rows.overrides = {{.name = "apiserver", .validity = hours{24}}};
  return config;
}

struct Case {
  const char* what;
  std::function<void(RowsConfig&)> change;
  std::string problem;  ///< "FIELD: a part of the message"; empty: valid
};

const Case cases[] = {
    {"nothing changed", [](auto&) {}, ""},
    {"a path in etcd/", [](auto& r) { r.leaves[0].path = "etcd/vpn"; }, ""},
    {"the highest path length", [](auto& r) { r.authorities[0].path_length = 127; }, ""},
    {"no limit of CAs", [](auto& r) { r.authorities[0].path_length.reset(); }, ""},
    {"all roles of the cluster CA", [](auto& r) { r.leaves[1].roles = {Role::worker}; }, ""},
    {"an override by an alias", [](auto& r) { r.overrides[0].name = "kube-apiserver"; }, ""},
    {"an override of an optional row", [](auto& r) { r.overrides[0].name = "kube-proxy.conf"; }, ""},
    {"an algorithm for the token key",
     [](auto& r) { r.overrides[0] = {.name = "sa", .algorithm = KeyAlgorithm::ecdsa_p256}; }, ""},
    {"an unknown optional row", [](auto& r) { r.optional = {"kube-proxy"}; },
     "optionalRows[0]: expected one of kube-p"},
    {"an optional row that is none", [](auto& r) { r.optional = {"apiserver"}; }, "optionalRows[0]: invalid value"},
    {"an optional row twice", [](auto& r) { r.optional.push_back("kube-proxy.conf"); }, "optionalRows[1]: a duplicate"},
    {"no name", [](auto& r) { r.leaves[0].name = ""; }, "certificates[0].name: missing"},
    {"a name with a slash", [](auto& r) { r.leaves[0].name = "etcd/vpn"; }, "certificates[0].name: lower-case"},
    {"a name in upper case", [](auto& r) { r.leaves[0].name = "VPN"; }, "certificates[0].name: lower-case"},
    {"a name with a blank", [](auto& r) { r.leaves[0].name = "my vpn"; }, "certificates[0].name: lower-case"},
    {"a name like a flag", [](auto& r) { r.leaves[0].name = "-vpn"; }, "certificates[0].name: lower-case"},
    {"a hidden name", [](auto& r) { r.leaves[0].name = ".vpn"; }, "certificates[0].name: lower-case"},
    {"dots alone", [](auto& r) { r.leaves[0].name = ".."; }, "certificates[0].name: lower-case"},
    {"a name that is too long", [](auto& r) { r.leaves[0].name = std::string(64, 'a'); },
     "certificates[0].name: at mos"},
    {"the word for all rows", [](auto& r) { r.leaves[0].name = "all"; }, "certificates[0].name: it means all rows"},
    {"the name of a row of Kubernetes", [](auto& r) { r.leaves[0].name = "apiserver"; },
     "certificates[0].name: that of the row apiserver"},
    {"an alias of a row of Kubernetes", [](auto& r) { r.leaves[0].name = "kube-etcd"; },
     "certificates[0].name: that of the row etcd-server"},
    {"the name of an optional row that is off", [](auto& r) { r.leaves[0].name = "kubelet-server"; },
     "certificates[0].name: that of the row kubelet-server"},
    {"a name twice", [](auto& r) { r.leaves[1].name = "vpn"; }, "certificates[1].name: certificates[0] has it"},
    {"the name of an own CA", [](auto& r) { r.leaves[0].name = "vpn-ca"; },
     "certificates[0].name: certificateAuthorities[1]"},
    {"no issuer", [](auto& r) { r.leaves[0].issuer = ""; }, "certificates[0].issuer: missing"},
    {"a kubeconfig without CA", [](auto& r) { r.leaves[1].issuer = ""; }, "certificates[1].issuer: missing"},
    {"an unknown issuer", [](auto& r) { r.leaves[0].issuer = "vpnca"; },
     "certificates[0].issuer: etcd-ca, vpn-root, vpn-ca"},
    {"an issuer that is no CA", [](auto& r) { r.leaves[0].issuer = "apiserver"; },
     "certificates[0].issuer: not a leaf"},
    {"an issuer of its own", [](auto& r) { r.authorities[1].issuer = "vpn-ca"; },
     "certificateAuthorities[1].issuer: another CA"},
    {"a circle of CAs", [](auto& r) { r.authorities[0].issuer = "vpn-ca"; },
     "certificateAuthorities[0].issuer: comes before"},
    {"a path length that is too small", [](auto& r) { r.authorities[0].path_length = 0; },
     "certificateAuthorities[0].pathLength: vpn-ca is one of them"},
    {"a negative path length", [](auto& r) { r.authorities[1].path_length = -1; },
     "certificateAuthorities[1].pathLength: from 0 to 127"},
    {"a path above", [](auto& r) { r.leaves[0].path = "../vpn"; }, "certificates[0].path: without extension"},
    {"an absolute path", [](auto& r) { r.authorities[1].path = "/etc/vpn"; },
     "certificateAuthorities[1].path: without ext"},
    {"another directory", [](auto& r) { r.leaves[0].path = "vpn/vpn"; }, "certificates[0].path: or one in etcd/"},
    {"the saved configuration", [](auto& r) { r.leaves[1].path = "pkigen.yaml"; },
     "certificates[1].path: ends with .conf"},
    {"a kubeconfig in a directory", [](auto& r) { r.leaves[1].path = "etcd/ci.conf"; },
     "certificates[1].path: ends with"},
    {"the path of a row of Kubernetes", [](auto& r) { r.leaves[0].path = "apiserver"; },
     "certificates[0].path: of another"},
    {"the path of the token key", [](auto& r) { r.leaves[0].path = "sa"; }, "certificates[0].path: of another row"},
    {"the path of an own CA", [](auto& r) { r.leaves[0].path = "vpn-ca"; }, "certificates[0].path: of another row"},
    {"a bare key", [](auto& r) { r.leaves[0].form = Form::bare_key; }, "certificates[0].form: keyPair or kubeconfig"},
    {"a CA among the leaves", [](auto& r) { r.leaves[0].profile = Profile::ca; },
     "certificates[0].profile: client, server"},
    {"a kubeconfig of a server", [](auto& r) { r.leaves[1].profile = Profile::server; },
     "certificates[1].profile: client"},
    {"a server without names", [](auto& r) { r.leaves[0].sans.clear(); }, "certificates[0].sans: missing"},
    {"a server of a key pair", [](auto& r) { r.leaves[0].server = "{local_url}"; },
     "certificates[0].server: kubeconfig only"},
    {"an unknown placeholder", [](auto& r) { r.leaves[0].common_name = "{nodename}"; },
     "certificates[0].commonName: placehold"},
    {"a common name without value", [](auto& r) { r.leaves[0].common_name = "{control_plane_host}"; },
     "certificates[0].commonName: always has a value"},
    {"a placeholder of an organization",
     [](auto& r) {
       r.leaves[1].organizations = {"a", "{b}"};
     },
     "certificates[1].organizations[1]: placeholder"},
    {"an empty organization",
     [](auto& r) {
       r.leaves[1].organizations = {"a", ""};
     },
     "certificates[1].organizations[1]: miss"},
    {"a first organization that is empty",
     [](auto& r) {
       r.leaves[1].organizations = {"", "a"};
     },
     "certificates[1].organizations[0]: missing"},
    {"a name that is none",
     [](auto& r) {
       r.leaves[0].sans = {"vpn.example", "a_b"};
     },
     "certificates[0].sans[1]: RFC 1123"},
    {"a mapped address", [](auto& r) { r.leaves[0].sans = {"::ffff:192.0.2.1"}; }, "certificates[0].sans[0]: RFC 1123"},
    {"a name with two placeholders", [](auto& r) { r.leaves[0].sans = {"{node_name}.{dns_domain}"}; },
     "certificates[0].sans[0]: at most one placeholder"},
    {"a name that is none with its value", [](auto& r) { r.leaves[0].sans = {"{dns_domain}_"}; },
     "certificates[0].sans[0]: cluster.local_"},
    {"a server whose name has no value", [](auto& r) { r.leaves[0].sans = {"{control_plane_host}"}; },
     "certificates[0].sans: none of the names has a value"},
    {"no time", [](auto& r) { r.leaves[0].validity = hours{0}; },
     "certificates[0].validityPeriod: at least one minute"},
    {"a negative time", [](auto& r) { r.authorities[0].validity = hours{-1}; },
     "certificateAuthorities[0].validityPeriod: at least one minute"},
    {"a thousand years", [](auto& r) { r.overrides[0].validity = hours{24 * 366 * 1000}; },
     "overrides[0].validityPeriod: at most 1000 years"},
    {"a host without the CA",
     [](auto& r) {
       r.leaves[1].issuer = "front-proxy-ca";
       r.leaves[1].roles = {Role::worker};
     },
     "certificates[1].roles: front-proxy-ca is not on every host"},
    {"a consumer without name", [](auto& r) { r.leaves[0].consumers = {{}}; },
     "certificates[0].consumers[0].process: miss"},
    {"an override of an own row", [](auto& r) { r.overrides[0].name = "vpn"; }, "overrides[0].name: not one that this"},
    {"an override of nothing", [](auto& r) { r.overrides[0].name = "nothing"; },
     "overrides[0].name: the name of a row"},
    {"an override of an optional row that is off", [](auto& r) { r.overrides[0].name = "kubelet-server"; },
     "overrides[0].name: the name of a row"},
    {"an override twice", [](auto& r) { r.overrides.push_back({.name = "kube-apiserver"}); },
     "overrides[1].name: a dupl"},
    {"a validity period of the token key", [](auto& r) { r.overrides[0].name = "sa"; },
     "overrides[0].validityPeriod: expected none, because the row has no certificate"},
    {"a validity period of a token",
     [](auto& r) {
       r.optional.emplace_back("bootstrap-kubelet.conf");
       r.overrides[0].name = "bootstrap-kubelet.conf";
     },
     "overrides[0].validityPeriod: expected none, because the row has no certificate"},
};

}  // namespace

TEST_CASE("rows that contradict one another are refused, with the field and the reason") {
  for (const auto& [what, change, expected] : cases) {
    CAPTURE(what);
    auto config = sample();
    change(*config.rows);
    const auto problems = validate(config).problems;
    if (expected.empty()) {
      CHECK(problems.empty());
      continue;
    }
    REQUIRE(problems.size() >= 1);
    const auto colon = expected.find(": ");
    CHECK(problems.front().subject == expected.substr(0, colon));
    CHECK_THAT(problems.front().message, contains(expected.substr(colon + 2)));
  }
}

TEST_CASE("one mistake is one problem, and every mistake is listed") {
  auto config = sample();
  config.rows->authorities[0].path = "/root";
  config.rows->leaves[0].issuer = "nobody";
  config.rows->leaves[1].name = "all";
  config.dns_domain = "a..b";
  std::vector<std::string> subjects;
  for (const auto& problem : validate(config).problems)
    subjects.push_back(problem.subject);
  CHECK(subjects == std::vector<std::string>{"networking.dnsDomain", "certificateAuthorities[0].path",
                                             "certificates[0].issuer", "certificates[1].name"});
}

TEST_CASE("a validity period longer than that of its CA is a warning") {
  auto config = sample();
  CHECK(validate(config).warnings.empty());
  config.rows->authorities[1].validity = hours{1000};
  config.rows->leaves[0].validity = hours{1001};
  config.rows->overrides.push_back({.name = "scheduler.conf", .validity = config.ca_validity + hours{1}});
  std::vector<std::string> subjects;
  for (const auto& warning : validate(config).warnings) {
    CHECK((warning.rule == Rule::validity_above_ca));
    subjects.push_back(warning.subject);
  }
  CHECK(subjects == std::vector<std::string>{"overrides[1].validityPeriod", "certificates[0].validityPeriod"});
}
