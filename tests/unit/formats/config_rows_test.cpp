// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>

#include <pki/config.hpp>

#include "config_samples.hpp"

using namespace pki;
using namespace sample;

namespace {

const std::string pki_head = std::string(head) + "---\napiVersion: pkigen/v1\nkind: PkiConfiguration\n";

std::string problems_of(const std::string& fields) { return all(parse_config(pki_head + fields, "k.yaml").problems); }

}  // namespace

TEST_CASE("a configuration that mentions no rows has none, and one with an empty list has an empty list") {
  CHECK_FALSE(good(pki_head + "naming: kubeadm\n").rows);
  for (const auto* list :
       {"optionalRows: []\n", "certificateAuthorities: []\n", "certificates: []\n", "overrides: []\n"}) {
    CAPTURE(list);
    CHECK(good(pki_head + list).rows == RowsConfig{});
  }
}

TEST_CASE("each field of a row is read, and its line is known") {
  const auto file = parse_config(pki_head +
                                     "certificateAuthorities:\n- name: vpn-ca\n  pathLength: 0\n"
                                     "certificates:\n- name: vpn\n  issuer: vpn-ca\n  profile: server\n"
                                     "  sans: [vpn.example]\n  roles: [worker, etcd]\n"
                                     "  consumers:\n  - process: vpn\n    reloadMode: automatic\n",
                                 "k.yaml");
  CHECK(all(file.problems).empty());
  CHECK(all(file.warnings).empty());
  REQUIRE(file.config.rows);
  const auto& [optional, authorities, leaves, overrides] = *file.config.rows;
  REQUIRE(authorities.size() == 1);
  CHECK(authorities.front() == CaConfig{.name = "vpn-ca", .path_length = 0});
  REQUIRE(leaves.size() == 1);
  CHECK(leaves.front() == LeafConfig{.name = "vpn",
                                     .issuer = "vpn-ca",
                                     .profile = Profile::server,
                                     .sans = {"vpn.example"},
                                     .roles = {Role::worker, Role::etcd_host},
                                     .consumers = {{"vpn", ReloadMode::automatic}}});
  CHECK(file.lines.at("certificates[0].issuer") == 11);
  CHECK(file.lines.at("certificates[0].sans[0]") == 13);
  CHECK(file.lines.at("certificates[0].consumers[0].process") == 16);
}

TEST_CASE("a row of a wrong type is a problem with file, line and field") {
  const struct {
    const char* fields;
    const char* problem;
  } cases[] = {
      {"optionalRows: kubelet-server\n",
       "k.yaml:6: optionalRows: found the string \"kubelet-server\", expected a list"},
      {"optionalRows: [1]\n", "k.yaml:6: optionalRows[0]: found the number 1, expected a string"},
      {"certificates: {}\n", "k.yaml:6: certificates: found an object, expected a list of objects"},
      {"certificates:\n- vpn\n", "k.yaml:7: certificates[0]: found the string \"vpn\", expected an object"},
      {"certificates:\n- name: 5\n", "k.yaml:7: certificates[0].name: found the number 5, expected a string"},
      {"certificates:\n- profile: ca\n", "k.yaml:7: certificates[0].profile: found the string \"ca\", expected client"},
      {"certificates:\n- form: bareKey\n", "certificates[0].form: found the string \"bareKey\", expected keyPair or"},
      {"certificates:\n- roles: [master]\n", "k.yaml:7: certificates[0].roles[0]: found the string \"master\""},
      {"certificates:\n- validityPeriod: 1y\n", "k.yaml:7: certificates[0].validityPeriod: "},
      {"certificates:\n- encryptionAlgorithm: DSA\n", "k.yaml:7: certificates[0].encryptionAlgorithm: "},
      {"certificates:\n- consumers: [etcd]\n", "k.yaml:7: certificates[0].consumers[0]: found the string \"etcd\""},
      {"certificates:\n- consumers: [{process: a, reloadMode: no}]\n", "consumers[0].reloadMode: found"},
      {"certificateAuthorities:\n- name: a\n- pathLength: one\n", "k.yaml:8: certificateAuthorities[1].pathLength: "},
      {"overrides:\n- encryptionAlgorithm: rsa\n", "k.yaml:7: overrides[0].encryptionAlgorithm: "},
      {"certificates:\n- name: a\n  name: b\n", "k.yaml:8: certificates[0].name: "},
  };
  for (const auto& [fields, problem] : cases) {
    CAPTURE(fields);
    CHECK_THAT(problems_of(fields), contains(problem));
  }
}

TEST_CASE("an unknown field of a row is a warning with file, line and field") {
  const auto file = parse_config(pki_head +
                                     "certificates:\n- name: vpn\n  issuer: ca\n  usages: [any]\n"
                                     "certificateAuthorities:\n- name: vpn-ca\n  sans: [a]\n",
                                 "k.yaml");
  CHECK(all(file.problems).empty());
  REQUIRE(file.warnings.size() == 2);
  CHECK(file.warnings[0].subject == "k.yaml:9: certificates[0].usages");
  CHECK(file.warnings[1].subject == "k.yaml:12: certificateAuthorities[0].sans");
}
