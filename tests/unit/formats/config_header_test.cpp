// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>

#include <pki/config.hpp>

#include "formats/kubeadm/config_header.hpp"

#include "config_samples.hpp"

using namespace pki;
using namespace pki::formats;
using namespace sample;

TEST_CASE(
    "each version of kubeadm's interface is read, read with a warning, or refused, with the kubeadm that converts it") {
  struct Case {
    const char* version;
    bool read;
    bool deprecated;
    const char* way_out;
  };
  const Case cases[] = {
      {"v1beta4", true, false, ""},
      {"v1beta3", true, true, "kubeadm 1.31 or later"},
      {"v1beta2", true, true, "kubeadm 1.22 to 1.26"},
      {"v1beta1", true, true, "kubeadm 1.15 to 1.21"},
      {"v1alpha3", false, false, "kubeadm 1.13 or 1.14"},
      {"v1alpha2", false, false, "kubeadm 1.12"},
      {"v1alpha1", false, false, "kubeadm 1.11"},
      {"v1", false, false, "kubeadm.k8s.io/v1beta4, which kubeadm reads since 1.31"},
      {"v1beta5", false, false, "kubeadm.k8s.io/v1beta4"},
      {"v1BETA4", false, false, "kubeadm.k8s.io/v1beta4"},
      {"", false, false, "kubeadm.k8s.io/v1beta4"},
  };
  for (const auto& [version, read, deprecated, way_out] : cases) {
    CAPTURE(version);
    ConfigReader reader("k.yaml");
    CHECK(version_of(reader, {"kubeadm.k8s.io", version, "ClusterConfiguration", 3}).has_value() == read);
    const auto file = reader.result();
    REQUIRE(file.problems.size() == (read ? 0U : 1U));
    REQUIRE(file.warnings.size() == (deprecated ? 1U : 0U));
    if (read && !deprecated) continue;
    const auto& finding = read ? file.warnings[0] : file.problems[0];
    CHECK(finding.subject == "k.yaml:3: apiVersion");
    CHECK_THAT(finding.remedy.text, contains(way_out));
  }
}

TEST_CASE("a header is read from any place of a document") {
  ConfigReader reader("k.yaml");
  const auto header = read_header(reader, parse_yaml("a: 1\nkind: K\napiVersion: g/v\n", 5));
  REQUIRE(header);
  CHECK(header->group == "g");
  CHECK(header->version == "v");
  CHECK(header->kind == "K");
  CHECK(header->line == 7);
  CHECK(read_header(reader, parse_yaml("kind: K\napiVersion: v1\n"))->group.empty());
  CHECK(reader.result().problems.empty());
}
