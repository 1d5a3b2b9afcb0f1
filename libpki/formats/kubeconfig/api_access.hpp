// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <pki/secret.hpp>

#include "formats/kubeconfig/kubeconfig.hpp"

namespace pki::formats {

/// ServerUrl is the URL of an API server in its parts.
struct ServerUrl {
  std::string host;
  int port{443};
  std::string path;  ///< without a slash at its end; usually empty
};

/// ApiAccess is how the user of a kubeconfig's current context calls the API server.
struct ApiAccess {
  Kubeconfig kubeconfig;    ///< the certificates and keys, or the files with them
  ServerUrl server;         ///< clusters[].cluster.server
  std::string server_name;  ///< tls-server-name; where it is empty the host of the server
  SecretString token;       ///< as written; empty: none
  std::string token_file;   ///< tokenFile
};

/// Returns the parts of a URL with https; `subject` names the kubeconfig. Throws Error(malformed).
[[nodiscard]] ServerUrl parse_server_url(const std::string& url, const std::string& subject);

/// Throws Error(malformed) for a token with octets that a header must not have (RFC 6750 2.1).
void check_token(std::string_view token, const std::string& subject);

/// Reads the current context of a kubeconfig. Throws Error(malformed) as parse_kubeconfig does, for a server without
/// https and for a token with octets that no header may have; Error(invalid_config) for what would be needed to call
/// the server and is not supported here: insecure-skip-tls-verify, exec, auth-provider, username, as, as-uid,
/// as-groups, as-user-extra and proxy-url.
[[nodiscard]] ApiAccess parse_api_access(const SecretString& text, const std::string& subject);

}  // namespace pki::formats
