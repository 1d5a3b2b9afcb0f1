// SPDX-License-Identifier: Apache-2.0
#include "formats/kubeconfig/api_access.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/address.hpp"
#include "base/words.hpp"
#include "formats/kubeconfig/kubeconfig_document.hpp"

namespace pki::formats {

namespace {

/// Unsupported is a field with which an API server cannot be called from here.
struct Unsupported {
  const char* field;
  const char* message;
  const char* hint;
};

constexpr auto use_certificate = "use a kubeconfig with a client certificate or a token";

constexpr std::array of_users{
    Unsupported{"exec", "credentials come from a plugin, and no program is started here", use_certificate},
    Unsupported{"auth-provider", "credentials come from a plugin, which is not supported", use_certificate},
    Unsupported{"username", "a name with a password, which no API server accepts since Kubernetes 1.19",
                use_certificate},
    Unsupported{"as", "impersonation is not supported", use_certificate},
    Unsupported{"as-uid", "impersonation is not supported", use_certificate},
    Unsupported{"as-groups", "impersonation is not supported", use_certificate},
    Unsupported{"as-user-extra", "impersonation is not supported", use_certificate},
};
constexpr std::array of_clusters{
    Unsupported{"proxy-url", "a proxy is not supported", "use a host that reaches the API server without one"},
};

bool is_set(const YamlNode* node) {
  if (node == nullptr || node->kind == YamlNode::Kind::null) return false;
  switch (node->kind) {
    case YamlNode::Kind::scalar:
      return !node->text.empty();
    case YamlNode::Kind::list:
      return !node->items.empty();
    default:
      return true;
  }
}

template <class Table>
void refuse_unsupported(const KubeconfigDocument::Entry& entry, const Table& table, const std::string& subject) {
  for (const auto& [field, message, hint] : table) {
    if (is_set(entry.content->find(field)))
      throw Error(Errc::invalid_config, subject, fmt::format("{}.{}: {}", entry.path, field, message), hint);
  }
}

bool is_path(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/-._~%!$&'()*+,;=:@").find(c) != std::string_view::npos;
  });
}

}  // namespace

void check_token(std::string_view token, const std::string& subject) {
  if (std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; })) return;
  throw Error(Errc::malformed, subject, "the token has blanks or control characters, expected one word");
}

ServerUrl parse_server_url(const std::string& url, const std::string& subject) {
  constexpr std::string_view scheme = "https://";
  const auto refuse = [&](std::string_view expected) {
    throw Error(Errc::malformed, subject, fmt::format("server: {}, expected {}", base::shown_url(url), expected));
  };
  if (!url.starts_with(scheme)) refuse("a URL with https");
  const std::string_view rest = std::string_view(url).substr(scheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto authority = rest.substr(0, slash);
  auto path = std::string(rest.substr(slash));
  while (path.ends_with('/'))
    path.pop_back();
  // An IPv6 address without a port has brackets in a URL, and none elsewhere.
  const bool bracketed = authority.starts_with('[') && authority.ends_with(']');
  const auto endpoint = bracketed ? base::parse_host_port(fmt::format("{}:443", authority))
                                  : base::parse_host_port(base::lower_case(authority));
  if (!endpoint || (!bracketed && !authority.starts_with('[') && endpoint->host.find(':') != std::string::npos))
    refuse("https://HOST:PORT");
  if (!is_path(path)) refuse("a path without query and fragment");
  return {endpoint->host, endpoint->port.value_or(443), std::move(path)};
}

ApiAccess parse_api_access(const SecretString& text, const std::string& subject) {
  ApiAccess access{
      .kubeconfig = parse_kubeconfig(text, subject), .server = {}, .server_name = {}, .token = {}, .token_file = {}};
  const KubeconfigDocument document(text, subject);
  const auto [context, cluster, user] = document.current();
  if (access.kubeconfig.skips_verification)
    throw Error(Errc::invalid_config, subject,
                fmt::format("{}.insecure-skip-tls-verify: the API server would not be verified", cluster.path),
                "name its CA in certificate-authority or certificate-authority-data");
  refuse_unsupported(cluster, of_clusters, subject);
  refuse_unsupported(user, of_users, subject);
  access.server = parse_server_url(access.kubeconfig.server, subject);
  access.server_name = document.string(*cluster.content, cluster.path, "tls-server-name");
  if (access.server_name.empty()) access.server_name = access.server.host;
  if (!base::is_dns_subdomain(access.server_name) && !base::parse_ip(access.server_name))
    throw Error(
        Errc::malformed, subject,
        fmt::format("tls-server-name: {}, expected an address or a DNS name", base::shown_value(access.server_name)));
  access.token_file = document.string(*user.content, user.path, "tokenFile");
  access.token = document.secret(user, "token");
  check_token(access.token, subject);
  return access;
}

}  // namespace pki::formats
