// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <support/catch.hpp>

#include "base/usages.hpp"

using pki::CertSpec;
using pki::Profile;
using pki::base::usages_of;
using Usages = std::vector<std::string>;

namespace {

CertSpec spec_of(Profile profile, Usages own = {}) {
  CertSpec spec;
  spec.profile = profile;
  spec.extended_key_usages = std::move(own);
  return spec;
}

}  // namespace

TEST_CASE("a profile has the extended key usages of its purpose") {
  struct Case {
    Profile profile;
    Usages usages;
  };
  const std::vector<Case> cases{
      {Profile::none, {}},
      {Profile::ca, {}},
      {Profile::server, {"serverAuth"}},
      {Profile::client, {"clientAuth"}},
      {Profile::peer, {"serverAuth", "clientAuth"}},
  };
  for (const auto& [profile, usages] : cases) {
    CAPTURE(usages);
    CHECK(usages_of(profile) == usages);
    CHECK(usages_of(spec_of(profile)) == usages);
  }
}

TEST_CASE("the usages that a certificate is to keep replace those of its profile") {
  CHECK(usages_of(spec_of(Profile::client, {"serverAuth", "1.2.3"})) == Usages{"serverAuth", "1.2.3"});
  CHECK(usages_of(spec_of(Profile::peer, {"clientAuth"})) == Usages{"clientAuth"});
}
