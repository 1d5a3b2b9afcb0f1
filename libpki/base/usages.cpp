// SPDX-License-Identifier: Apache-2.0
#include "base/usages.hpp"

namespace pki::base {

std::vector<std::string> usages_of(Profile profile) {
  std::vector<std::string> usages;
  const bool peer = profile == Profile::peer;
  if (peer || profile == Profile::server) usages.emplace_back(server_auth);
  if (peer || profile == Profile::client) usages.emplace_back(client_auth);
  return usages;
}

std::vector<std::string> usages_of(const CertSpec& spec) {
  return spec.extended_key_usages.empty() ? usages_of(spec.profile) : spec.extended_key_usages;
}

}  // namespace pki::base
