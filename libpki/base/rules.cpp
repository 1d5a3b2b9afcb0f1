// SPDX-License-Identifier: Apache-2.0
#include <pki/finding.hpp>

#include <algorithm>
#include <array>

namespace pki::inline PKI_ABI {

namespace {

constexpr auto kubeadm_config = "kubeadm Configuration (v1beta4)";
constexpr auto pki_document = "Kubernetes: PKI certificates and requirements";
constexpr auto external_ca = "Kubernetes: Certificate Management with kubeadm, External CA mode";
constexpr auto manual_renewal = "Kubernetes: Certificate Management with kubeadm, Manual certificate renewal";
constexpr auto ca_rotation = "Kubernetes: Manual Rotation of CA Certificates";
constexpr auto kubeconfig_document = "Kubernetes: Organizing Cluster Access Using kubeconfig Files";

// clang-format off
constexpr std::array table{
    RuleInfo{Rule::invalid_value, "invalid-value", "a value of the request or of the configuration cannot be used", kubeadm_config},
    RuleInfo{Rule::unknown_name, "unknown-name", "no row of the catalog has that name", ""},
    RuleInfo{Rule::not_found, "not-found", "a file that the request needs does not exist", ""},
    RuleInfo{Rule::malformed, "malformed", "a file does not parse as what it should be", "RFC 7468; RFC 5280 4.1; RFC 8017 A.1; RFC 5915"},
    RuleInfo{Rule::mismatch, "mismatch", "two things that belong together do not match", ""},
    RuleInfo{Rule::ca_key_missing, "ca-key-missing", "the key of an external CA is needed, and it is not here", external_ca},
    RuleInfo{Rule::locked, "locked", "another process writes to the same directory", ""},
    RuleInfo{Rule::io, "io", "the operating system refused an operation", ""},
    RuleInfo{Rule::crypto, "crypto", "OpenSSL refused an operation", ""},
    RuleInfo{Rule::cancelled, "cancelled", "the program that called the library requested a stop", ""},
    RuleInfo{Rule::api, "api", "the API server refused a call", "Kubernetes API Conventions: Response Status Kind"},
    RuleInfo{Rule::api_unreachable, "api-unreachable", "the API server cannot be reached, or did not answer in time", ""},
    RuleInfo{Rule::api_untrusted, "api-untrusted", "the certificate of the API server does not lead to the CA of the kubeconfig, or has other names", "RFC 9110 4.3.4; RFC 6125"},
    RuleInfo{Rule::api_answer_invalid, "api-answer-invalid", "an answer of the API server is not what Kubernetes answers", ""},
    RuleInfo{Rule::api_signer_missing, "api-signer-missing", "no signer of the Kubernetes API issues such a certificate", "Kubernetes: Certificates and Certificate Signing Requests, Kubernetes signers"},
    RuleInfo{Rule::api_request_denied, "api-request-denied", "a request for a certificate was denied", "Kubernetes: Certificates and Certificate Signing Requests"},
    RuleInfo{Rule::api_request_failed, "api-request-failed", "the signer refused an approved request for a certificate", "Kubernetes: Certificates and Certificate Signing Requests"},
    RuleInfo{Rule::api_request_pending, "api-request-pending", "a request for a certificate was not approved or not signed in time", "Kubernetes: Certificates and Certificate Signing Requests"},
    RuleInfo{Rule::value_missing, "value-missing", "a configuration field without a default is not set", kubeadm_config},
    RuleInfo{Rule::values_conflict, "values-conflict", "two fields of a configuration or of a kubeconfig exclude each other", "kubeadm Configuration (v1beta4); Kubernetes: Organizing Cluster Access Using kubeconfig Files"},
    RuleInfo{Rule::value_unused, "value-unused", "a configuration field has no effect beside another one", kubeadm_config},
    RuleInfo{Rule::validity_above_default, "validity-above-default", "a configured validity is longer than the default", kubeadm_config},
    RuleInfo{Rule::validity_above_ca, "validity-above-ca", "certificates are configured to be valid longer than their CA", kubeadm_config},
    RuleInfo{Rule::endpoint_port_differs, "endpoint-port-differs", "the control plane endpoint names another port than the API server binds", kubeadm_config},
    RuleInfo{Rule::config_syntax, "config-syntax", "the configuration file is not YAML or JSON, or too large", "YAML 1.2.2; RFC 8259"},
    RuleInfo{Rule::config_type, "config-type", "a configuration field holds a value of another type", kubeadm_config},
    RuleInfo{Rule::config_duplicate_field, "config-duplicate-field", "a configuration field is set twice", "YAML 1.2.2, 3.2.1.3"},
    RuleInfo{Rule::config_unknown_field, "config-unknown-field", "a configuration field does not exist and is ignored", kubeadm_config},
    RuleInfo{Rule::config_unknown_kind, "config-unknown-kind", "a document has a kind that its API group does not have", kubeadm_config},
    RuleInfo{Rule::config_document_missing, "config-document-missing", "the configuration file holds neither InitConfiguration nor ClusterConfiguration", kubeadm_config},
    RuleInfo{Rule::config_document_duplicate, "config-document-duplicate", "the configuration file holds two documents of one kind", kubeadm_config},
    RuleInfo{Rule::config_document_ignored, "config-document-ignored", "a document of another API group, or a JoinConfiguration beside an InitConfiguration, is ignored", kubeadm_config},
    RuleInfo{Rule::config_version_unsupported, "config-version-unsupported", "a document has an API version that is not supported", kubeadm_config},
    RuleInfo{Rule::config_version_deprecated, "config-version-deprecated", "a document has a deprecated API version", kubeadm_config},
    RuleInfo{Rule::list_shortened, "list-shortened", "there are more findings than are listed", ""},
    RuleInfo{Rule::file_irregular, "file-irregular", "a path is no regular file: a symbolic link, a directory or a device", ""},
    RuleInfo{Rule::file_empty, "file-empty", "a file is empty", ""},
    RuleInfo{Rule::file_too_large, "file-too-large", "a file is larger than any of its kind", ""},
    RuleInfo{Rule::file_hard_links, "file-hard-links", "a secret has further names (hard links)", ""},
    RuleInfo{Rule::file_open_mode, "file-open-mode", "a secret can be read or written by other users", "CIS Kubernetes Benchmark 1.1.13, 1.1.15, 1.1.17, 1.1.21, 4.1.5"},
    RuleInfo{Rule::file_linked, "file-linked", "a file or directory is a symbolic link, which reading follows and writing refuses", ""},
    RuleInfo{Rule::file_unreadable, "file-unreadable", "a file may not be read by the user who runs the command", ""},
    RuleInfo{Rule::directory_unsafe, "directory-unsafe", "another user can replace what is in a directory", "CIS Kubernetes Benchmark 1.1.19"},
    RuleInfo{Rule::label_refused, "label-refused", "the kernel refuses the security label that a replaced file had", ""},
    RuleInfo{Rule::file_missing, "file-missing", "the files of a row do not exist", pki_document},
    RuleInfo{Rule::certificate_missing, "certificate-missing", "a private key exists without its certificate", pki_document},
    RuleInfo{Rule::key_missing, "key-missing", "a certificate or public key exists without its private key", pki_document},
    RuleInfo{Rule::public_key_missing, "public-key-missing", "a private key exists without its public key file", pki_document},
    RuleInfo{Rule::key_mismatch, "key-mismatch", "a private key does not belong to its certificate or public key", "RFC 5280 4.1.2.7"},
    RuleInfo{Rule::certificate_order, "certificate-order", "the certificate of the key is not the first one of its file", "RFC 8446 4.4.2"},
    RuleInfo{Rule::not_yet_valid, "not-yet-valid", "the validity period of a certificate has not begun", "RFC 5280 4.1.2.5"},
    RuleInfo{Rule::expired, "expired", "the validity period of a certificate has ended", "RFC 5280 4.1.2.5"},
    RuleInfo{Rule::ca_cannot_sign, "ca-cannot-sign", "the certificate of a CA does not allow it to sign certificates", "RFC 5280 4.2.1.3, 4.2.1.9"},
    RuleInfo{Rule::leaf_is_ca, "leaf-is-ca", "a CA certificate is where a server or client certificate should be", "RFC 5280 4.2.1.9"},
    RuleInfo{Rule::extended_key_usage_missing, "extended-key-usage-missing", "a certificate lacks an extended key usage that its purpose needs", "RFC 5280 4.2.1.12"},
    RuleInfo{Rule::ca_missing, "ca-missing", "the certificate of the issuer does not exist", pki_document},
    RuleInfo{Rule::not_signed_by_ca, "not-signed-by-ca", "the chain of a certificate does not verify against its CA", "RFC 5280 6.1"},
    RuleInfo{Rule::outlives_ca, "outlives-ca", "a certificate is valid longer than its CA", "RFC 5280 6.1.3"},
    RuleInfo{Rule::chain_refused, "chain-refused", "OpenSSL does not accept the chain of a certificate for its purpose", "RFC 5280 6.1"},
    RuleInfo{Rule::chain_expired, "chain-expired", "a certificate that the chain needs has expired", "RFC 5280 6.1.3"},
    RuleInfo{Rule::chain_expires_first, "chain-expires-first", "a certificate that the chain needs expires before the certificate itself", "RFC 5280 6.1.3"},
    RuleInfo{Rule::serial_negative, "serial-negative", "the serial number of a certificate is negative, which Kubernetes refuses since 1.32", "RFC 5280 4.1.2.2"},
    RuleInfo{Rule::signature_weak, "signature-weak", "a certificate is signed with MD5, or with SHA-1, which Kubernetes refuses since 1.24", "RFC 6194; RFC 6151"},
    RuleInfo{Rule::server_without_names, "server-without-names", "the certificate of a server has no alternative names, without which Kubernetes refuses it since 1.19", "RFC 5280 4.2.1.6; RFC 9525 2"},
    RuleInfo{Rule::name_refused, "name-refused", "a DNS name of a certificate is one that Go refuses", "RFC 5280 4.2.1.6"},
    RuleInfo{Rule::key_identifier_critical, "key-identifier-critical", "a key identifier of a certificate is marked critical, which Go refuses", "RFC 5280 4.2.1.1, 4.2.1.2"},
    RuleInfo{Rule::kubeconfig_ca_differs, "kubeconfig-ca-differs", "a kubeconfig trusts another CA than that of the cluster", kubeconfig_document},
    RuleInfo{Rule::kubeconfig_ca_missing, "kubeconfig-ca-missing", "a kubeconfig names no CA", kubeconfig_document},
    RuleInfo{Rule::kubeconfig_server_missing, "kubeconfig-server-missing", "a kubeconfig names no API server", kubeconfig_document},
    RuleInfo{Rule::credentials_missing, "credentials-missing", "a kubeconfig lacks the client certificate or key of its user", kubeconfig_document},
    RuleInfo{Rule::credentials_elsewhere, "credentials-elsewhere", "a kubeconfig points to its credentials, there is nothing in it to renew", kubeconfig_document},
    RuleInfo{Rule::renewed_elsewhere, "renewed-elsewhere", "a certificate is not renewed, because it is in a file that others maintain", ""},
    RuleInfo{Rule::reference_not_read, "reference-not-read", "a kubeconfig points to a file that was not read", kubeconfig_document},
    RuleInfo{Rule::kubeconfigs_not_found, "kubeconfigs-not-found", "no kubeconfig is in the directory of the kubeconfigs", kubeconfig_document},
    RuleInfo{Rule::names_missing, "names-missing", "a certificate lacks subject alternative names", "RFC 5280 4.2.1.6"},
    RuleInfo{Rule::names_unexplained, "names-unexplained", "a certificate has subject alternative names that the configuration does not explain", "RFC 5280 4.2.1.6"},
    RuleInfo{Rule::common_name_differs, "common-name-differs", "the common name is not the configured one", pki_document},
    RuleInfo{Rule::organization_differs, "organization-differs", "the organizations are not the configured ones", pki_document},
    RuleInfo{Rule::identity_of_another, "identity-of-another", "a client certificate has the name or a group of another component, or lacks its own", pki_document},
    RuleInfo{Rule::server_differs, "server-differs", "a kubeconfig names another API server than the configuration", pki_document},
    RuleInfo{Rule::key_algorithm_differs, "key-algorithm-differs", "a key has another algorithm than the configured one", kubeadm_config},
    RuleInfo{Rule::key_algorithm_replaced, "key-algorithm-replaced", "no new keys are made with the algorithm of the old one", kubeadm_config},
    RuleInfo{Rule::validity_differs, "validity-differs", "a certificate was issued for another time than the configured one", kubeadm_config},
    RuleInfo{Rule::path_length_differs, "path-length-differs", "the path length of a CA is not the configured one", "RFC 5280 4.2.1.9"},
    RuleInfo{Rule::ends_with_ca, "ends-with-ca", "a new certificate ends with its CA, before its configured validity", "RFC 5280 6.1.3"},
    RuleInfo{Rule::renewal_without_effect, "renewal-without-effect", "a certificate ends with its CA already, a renewal would not lengthen it", ca_rotation},
    RuleInfo{Rule::ca_ends_soon, "ca-ends-soon", "a CA ends sooner than a certificate that it signs today would", ca_rotation},
    RuleInfo{Rule::clock_behind, "clock-behind", "a certificate was made later than the clock of this host shows", "RFC 5280 4.1.2.5"},
    RuleInfo{Rule::etcd_assumed_external, "etcd-assumed-external", "etcd is taken to be external, because nothing says otherwise", pki_document},
    RuleInfo{Rule::role_inferred, "role-inferred", "no configuration names the role of the host: it is taken from the files that are there", pki_document},
    RuleInfo{Rule::row_removed, "row-removed", "a file was made for a row that the configuration no longer has, and nothing watches it", ""},
    RuleInfo{Rule::write_unfinished, "write-unfinished", "a write was interrupted, or is in progress", ""},
    RuleInfo{Rule::write_recovered, "write-recovered", "an interrupted write was finished or undone", ""},
    RuleInfo{Rule::hook_failed, "hook-failed", "a hook failed or was killed", ""},
    RuleInfo{Rule::hooks_pending, "hooks-pending", "deploy hooks have not all succeeded since a renewal", ""},
    RuleInfo{Rule::hook_unsafe, "hook-unsafe", "a hook was not run, because other users can change it", ""},
    RuleInfo{Rule::restart_failed, "restart-failed", "a static pod was not restarted, or does not serve", manual_renewal},
    RuleInfo{Rule::restart_pending, "restart-pending", "processes were not restarted since a renewal", manual_renewal},
    RuleInfo{Rule::old_certificate_served, "old-certificate-served", "a process serves the certificate that was replaced", manual_renewal},
    RuleInfo{Rule::manifest_away, "manifest-away", "the manifest of a static pod is not in its place", manual_renewal},
    RuleInfo{Rule::manifest_put_back, "manifest-put-back", "the manifest of a static pod was put back after an interrupted restart", manual_renewal},
    RuleInfo{Rule::ca_key_on_disk, "ca-key-on-disk", "the private keys of CAs are on this host", external_ca},
    RuleInfo{Rule::key_weak, "key-weak", "a request has a key that verifiers refuse", "NIST SP 800-57 part 1, 5.6.1; CA/Browser Forum Baseline Requirements 6.1.5"},
    RuleInfo{Rule::usages_wider, "usages-wider", "a request or an answer has extended key usages beyond its purpose", "RFC 5280 4.2.1.12"},
    RuleInfo{Rule::request_pending, "request-pending", "a certificate was requested, and the answer has not been imported", external_ca},
    RuleInfo{Rule::answer_unmatched, "answer-unmatched", "a certificate has the key of no request that waits", "RFC 2986 3"},
    RuleInfo{Rule::answer_outdated, "answer-outdated", "an answer is older than the certificate on disk", "RFC 5280 4.1.2.5"},
    RuleInfo{Rule::user_irrevocable, "user-irrevocable", "the certificate of a user is valid until it expires, whatever happens", "Kubernetes: Authenticating, X509 client certificates"},
    RuleInfo{Rule::randomness_awaited, "randomness-awaited", "the kernel has not gathered enough randomness for keys", ""},
    RuleInfo{Rule::conflicts, "conflicts", "a plan was not carried out, because it has conflicts", ""},
    RuleInfo{Rule::usage, "usage", "a command line cannot be understood", ""},
    RuleInfo{Rule::out_of_memory, "out-of-memory", "there is not enough memory", ""},
    RuleInfo{Rule::unexpected, "unexpected", "a failure that has no rule of its own", ""},
};
// clang-format on

constexpr bool every_rule_has_its_place() {
  if (table.size() != static_cast<std::size_t>(Rule::unexpected) + 1) return false;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].rule != static_cast<Rule>(i)) return false;
  }
  return true;
}

constexpr bool is_kebab_case(std::string_view id) {
  const auto is_allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !id.empty() && !id.starts_with('-') && !id.ends_with('-') && id.find("--") == std::string_view::npos &&
         std::ranges::all_of(id, is_allowed);
}

constexpr bool ids_are_unique() {
  return std::ranges::all_of(
      table, [](const RuleInfo& info) { return std::ranges::count(table, info.id, &RuleInfo::id) == 1; });
}

static_assert(every_rule_has_its_place());
static_assert(std::ranges::all_of(table, is_kebab_case, &RuleInfo::id));
static_assert(ids_are_unique());
static_assert(std::ranges::none_of(table, &std::string_view::empty, &RuleInfo::description));

}  // namespace

std::span<const RuleInfo> rules() noexcept { return table; }

std::string_view to_string(Rule rule) noexcept { return table[static_cast<std::size_t>(rule)].id; }

std::string_view to_string(Severity severity) noexcept {
  constexpr std::array<std::string_view, 3> names{"info", "warning", "error"};
  return names[static_cast<std::size_t>(severity)];
}

}  // namespace pki::inline PKI_ABI
