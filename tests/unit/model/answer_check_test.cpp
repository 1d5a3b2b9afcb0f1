// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <support/catch.hpp>

#include "model/answer_check.hpp"

using pki::Certificate;
using pki::CertSpec;
using pki::Profile;
using pki::Rule;
using pki::model::Difference;
using pki::model::differences_from;
using Kind = pki::GeneralName::Kind;

namespace {

CertSpec asked() {
  CertSpec spec;
  spec.profile = Profile::peer;
  spec.common_name = "kube-etcd";
  spec.organizations = {"b", "a"};
  spec.sans = {{Kind::dns, "cp-1"}, {Kind::ip, "192.0.2.1"}};
  return spec;
}

Certificate found() {
  Certificate certificate;
  certificate.common_name = "kube-etcd";
  certificate.organizations = {"a", "b"};
  certificate.sans = {{Kind::ip, "192.0.2.1"}, {Kind::dns, "cp-1"}};
  certificate.extended_key_usages = {"clientAuth", "serverAuth"};
  return certificate;
}

}  // namespace

TEST_CASE("a certificate that has what was asked for, in any order, has no difference") {
  CHECK(differences_from(asked(), found()).empty());
  auto twice = found();
  twice.sans.push_back(twice.sans.front());
  CHECK(differences_from(asked(), twice).empty());
}

TEST_CASE("each difference of an answer has its rule, and says what was asked for") {
  struct Case {
    const char* name;
    std::function<void(Certificate&)> change;
    std::vector<Difference> differences;
  };
  const std::string none_and_any = "has no extended key usages, and is good for any: expected serverAuth, clientAuth";
  const std::vector<Case> cases{
      {"another common name",
       [](Certificate& c) { c.common_name = "root"; },
       {{Rule::common_name_differs, "has the common name \"root\", expected \"kube-etcd\""}}},
      {"no common name",
       [](Certificate& c) { c.common_name.clear(); },
       {{Rule::common_name_differs, "has the common name \"\", expected \"kube-etcd\""}}},
      {"a further organization",
       [](Certificate& c) { c.organizations.emplace_back("c"); },
       {{Rule::organization_differs, "has the organizations a, b, c, expected b, a"}}},
      {"an organization twice",
       [](Certificate& c) { c.organizations.emplace_back("a"); },
       {{Rule::organization_differs, "has the organizations a, b, a, expected b, a"}}},
      {"no organization",
       [](Certificate& c) { c.organizations.clear(); },
       {{Rule::organization_differs, "has the organizations none, expected b, a"}}},
      {"a further name",
       [](Certificate& c) {
         c.sans.push_back({Kind::dns, "*.example"});
       },
       {{Rule::names_unexplained, "has the names *.example, which were not asked for"}}},
      {"a name of another kind",
       [](Certificate& c) { c.sans.front().kind = Kind::dns; },
       {{Rule::names_missing, "lacks the names 192.0.2.1"},
        {Rule::names_unexplained, "has the names 192.0.2.1, which were not asked for"}}},
      {"no names", [](Certificate& c) { c.sans.clear(); }, {{Rule::names_missing, "lacks the names cp-1, 192.0.2.1"}}},
      {"a further usage",
       [](Certificate& c) { c.extended_key_usages.emplace_back("1.2.3"); },
       {{Rule::usages_wider, "has the usages 1.2.3, which were not asked for"}}},
      {"any usage",
       [](Certificate& c) { c.extended_key_usages = {"2.5.29.37.0"}; },
       {{Rule::usages_wider, "has the usages 2.5.29.37.0, which were not asked for"}}},
      {"no usages", [&](Certificate& c) { c.extended_key_usages.clear(); }, {{Rule::usages_wider, none_and_any}}},
      {"a usage less",
       [](Certificate& c) { c.extended_key_usages = {"serverAuth"}; },
       {{Rule::extended_key_usage_missing, "extended key usage is serverAuth, expected clientAuth"}}},
      {"another usage instead",
       [](Certificate& c) {
         c.extended_key_usages = {"serverAuth", "1.2.3"};
       },
       {{Rule::usages_wider, "has the usages 1.2.3, which were not asked for"},
        {Rule::extended_key_usage_missing, "extended key usage is serverAuth, 1.2.3, expected clientAuth"}}},
  };
  for (const auto& [name, change, differences] : cases) {
    CAPTURE(name);
    auto certificate = found();
    change(certificate);
    CHECK(differences_from(asked(), certificate) == differences);
  }
}

TEST_CASE("usages that were asked for replace those of the profile") {
  auto spec = asked();
  spec.extended_key_usages = {"serverAuth", "1.2.3"};
  auto certificate = found();
  certificate.extended_key_usages = {"1.2.3", "serverAuth"};
  CHECK(differences_from(spec, certificate).empty());
  certificate.extended_key_usages = {"serverAuth"};
  CHECK(differences_from(spec, certificate).at(0).rule == Rule::extended_key_usage_missing);
  certificate.extended_key_usages = {"serverAuth", "1.2.3", "clientAuth"};
  CHECK(differences_from(spec, certificate).at(0).rule == Rule::usages_wider);
}

TEST_CASE("a subject that was asked for octet for octet is right, and any other is compared by its names") {
  auto spec = asked();
  spec.subject_der = "subject";
  spec.common_name.clear();
  auto certificate = found();
  certificate.subject_der = "subject";
  CHECK(differences_from(spec, certificate).empty());
  certificate.subject_der = "another";
  CHECK(differences_from(spec, certificate).at(0).rule == Rule::common_name_differs);
  certificate.common_name.clear();
  CHECK(differences_from(spec, certificate).empty());
}

TEST_CASE("an intermediate CA has the path length of its row, where that has one") {
  CertSpec spec;
  spec.profile = Profile::ca;
  spec.common_name = "middle";
  Certificate certificate;
  certificate.common_name = "middle";
  for (const auto path_length : {std::optional<int>(), std::optional<int>(3)}) {
    certificate.path_length = path_length;
    CHECK(differences_from(spec, certificate).empty());
  }
  spec.path_length = 0;
  const std::string longer = "has the path length 3, expected the path length 0";
  CHECK(differences_from(spec, certificate) == std::vector<Difference>{{Rule::path_length_differs, longer}});
  certificate.path_length.reset();
  const std::string none = "has no path length, expected the path length 0";
  CHECK(differences_from(spec, certificate) == std::vector<Difference>{{Rule::path_length_differs, none}});
  certificate.path_length = 0;
  CHECK(differences_from(spec, certificate).empty());
}
