// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <pki/abi.hpp>
#include <pki/bundle.hpp>
#include <pki/certificate.hpp>
#include <pki/finding.hpp>
#include <pki/key.hpp>
#include <pki/request.hpp>
#include <pki/secret.hpp>

namespace pki::inline PKI_ABI {

// Certificates from the API of a cluster (certificates.k8s.io/v1): a request is submitted, somebody approves it, the
// controller manager signs, and the answer is checked.

/// ApiCredentials is where an API server is, how it is recognised, and how a caller proves who it is.
struct ApiCredentials {
  std::string kubeconfig{};                    ///< the path of the kubeconfig that they come from
  std::string cluster{};                       ///< name of the cluster entry
  std::string server{};                        ///< its URL, as it is written there
  std::string host{};                          ///< an address, or a DNS name
  int port{443};                               ///< 1 to 65535
  std::string path{};                          ///< prefix of all paths, without a slash at its end; usually empty
  std::string server_name{};                   ///< the name or address that the server's certificate must have
  std::vector<Certificate> ca_certificates{};  ///< the server's certificate must lead to one of them
  std::vector<Certificate> client_chain{};     ///< the client's certificate, then intermediates; empty: none
  std::optional<PrivateKey> client_key{};      ///< the key of `client_chain`
  SecretString token{};                        ///< bearer token; empty: none
};

/// Reads the credentials of the current context of a kubeconfig, from its text and from the files to which it refers:
/// `kubeconfig` is its path, and paths in it are relative to its directory. A token file takes precedence over a token,
/// as for client-go. Throws Error(malformed) as every reader of kubeconfigs does, for a server without https, and
/// without CAs: this library trusts no system store; Error(io) for a file that cannot be read; Error(mismatch) for a
/// key that is not that of the certificate; Error(invalid_config) for what is not supported: insecure-skip-tls-verify,
/// plugins, passwords, impersonation, a proxy, and a user without certificate and token.
PKI_EXPORT [[nodiscard]] ApiCredentials read_api_credentials(const SecretString& text,
                                                             const std::filesystem::path& kubeconfig);

/// Reads the kubeconfig, too. Throws Error(io) as well when it cannot be read.
PKI_EXPORT [[nodiscard]] ApiCredentials read_api_credentials(const std::filesystem::path& kubeconfig);

/// ApiSigner is who signs a request, and for what the certificate is to be used.
struct ApiSigner {
  std::string name{};                 ///< "kubernetes.io/kube-apiserver-client"
  std::vector<std::string> usages{};  ///< in the API's words: "digital signature", "client auth"

  friend bool operator==(const ApiSigner&, const ApiSigner&) = default;
};

/// Returns the signer of Kubernetes that issues a certificate with the profile, names and alternative names of `spec`,
/// and the usages that it demands; or why there is none: an error of Rule::api_signer_missing. `issuer` is the row of
/// the CA that should sign: Kubernetes' signers use the CA of the cluster, "ca", alone. `key_algorithm` is that of the
/// key, as PrivateKey::algorithm. Pure.
PKI_EXPORT [[nodiscard]] std::variant<ApiSigner, Finding> api_signer(const CertSpec& spec, std::string_view issuer,
                                                                     std::string_view key_algorithm);

/// ApiRequestSpec is the content of a request that is to be submitted.
struct ApiRequestSpec {
  std::string name{};         ///< of the object: letters of a DNS subdomain (RFC 1123), at most 200
  ApiSigner signer{};         ///< as `api_signer` returns it
  std::string request_pem{};  ///< PKCS#10, `CERTIFICATE REQUEST`
  /// How long the certificate should be valid, 600 s at least. The signer may shorten it. Empty: as the signer decides.
  std::optional<std::chrono::seconds> expiration{};
};

/// ApiCondition is one condition of a request.
struct ApiCondition {
  std::string type{};     ///< "Approved", "Denied" or "Failed"
  std::string reason{};   ///< one word, for programs
  std::string message{};  ///< for people

  friend bool operator==(const ApiCondition&, const ApiCondition&) = default;
};

/// ApiRequest is a request as the API server has it.
struct ApiRequest {
  std::string name{};                 ///< of the object
  std::string uid{};                  ///< differs from that of every other object, also a later one of the same name
  std::string signer_name{};          ///< as ApiSigner::name
  std::string request_pem{};          ///< PKCS#10
  std::vector<std::string> usages{};  ///< as ApiSigner::usages
  std::optional<std::chrono::seconds> expiration{};  ///< as ApiRequestSpec::expiration
  std::vector<ApiCondition> conditions{};            ///< those that hold
  std::string certificate_pem{};                     ///< the answer; empty until the signer has signed

  /// Returns the condition of a type, or null.
  PKI_EXPORT [[nodiscard]] const ApiCondition* find(std::string_view type) const noexcept;

  friend bool operator==(const ApiRequest&, const ApiRequest&) = default;
};

/// ApiWait is the state of `wait_for_certificate`.
struct ApiWait {
  std::chrono::milliseconds elapsed{};  ///< since the beginning of the call
  bool approved{false};                 ///< the signer has not signed yet
  std::string problem{};                ///< why the API server could not be asked last; empty: it was
};

/// ApiOptions are the options of every call of an API server.
struct ApiOptions {
  /// The instant of the call; the certificate of the server must be valid then.
  std::chrono::sys_seconds now{};
  /// Limits the whole call: name resolution, connecting, retries and waiting.
  std::chrono::milliseconds timeout{std::chrono::seconds(30)};
  /// How often `wait_for_certificate` asks.
  std::chrono::milliseconds interval{std::chrono::seconds(1)};
  /// Called by `wait_for_certificate` on the calling thread after each time that it asked. May be empty.
  std::function<void(const ApiWait&)> progress{};
  /// Once a stop is requested the call ends within a tenth of a second with Error(cancelled). By default it never is.
  std::stop_token stop{};
};

// Each of the following connects to the API server and throws, where nothing else is said: Error(api) when the server
// cannot be reached, is not the one that the kubeconfig trusts, refuses the caller, or answers nonsense;
// Error(cancelled) after ApiOptions::stop. A server that is busy (429, 5xx) or breaks a connection is asked again,
// after the time that it names or with growing intervals, until `timeout`. No redirect is followed, no environment
// variable names a proxy.

/// Creates the request. Where an object of that name exists it is used if it is the same request, and otherwise the
/// name gets a number at its end. Throws Error(invalid_config) for a specification that no API server accepts.
PKI_EXPORT [[nodiscard]] ApiRequest submit_request(const ApiCredentials& credentials, const ApiRequestSpec& spec,
                                                   const ApiOptions& options);

/// Approves exactly the request that `submit_request` returned: Error(api) where another one has its name by now.
/// `reason` is one word, `message` a text for people; both are kept with the request. One that is approved stays as it
/// is.
PKI_EXPORT [[nodiscard]] ApiRequest approve_request(const ApiCredentials& credentials, const ApiRequest& request,
                                                    const std::string& reason, const std::string& message,
                                                    const ApiOptions& options);

/// Waits until the request has its certificate and returns it. A server that cannot be reached meanwhile is asked
/// again. Throws Error(api) with Rule::api_request_denied, api_request_failed, or api_request_pending when
/// ApiOptions::timeout has passed. The answer is not checked: see `check_answer`.
PKI_EXPORT [[nodiscard]] ApiRequest wait_for_certificate(const ApiCredentials& credentials, const ApiRequest& request,
                                                         const ApiOptions& options);

/// Deletes the request, and no later one of the same name. One that does not exist any more is no error.
PKI_EXPORT void delete_request(const ApiCredentials& credentials, const ApiRequest& request, const ApiOptions& options);

/// ApiExpectation is what the answer to a request must be.
struct ApiExpectation {
  std::string public_key_sha256{};             ///< as PrivateKey::public_key_sha256, of the key of the request
  CertSpec spec{};                             ///< profile, common name, organizations and alternative names
  std::vector<Certificate> ca_certificates{};  ///< the chain must lead to one of them
};

/// Returns the certificates of an answer, the issued one first. Throws Error(malformed) when it is not PEM, and
/// Error(mismatch) with everything that is wrong, by the rules of `plan_import`: another key, other names or usages, a
/// CA, no chain to the expected CA that OpenSSL accepts at `now`.
PKI_EXPORT [[nodiscard]] std::vector<Certificate> check_answer(const ApiRequest& request,
                                                               const ApiExpectation& expected,
                                                               std::chrono::sys_seconds now);

/// UserRequest is a request for the certificate of a person or a program. It has a secret: its key.
struct UserRequest {
  UserSpec user{};                  ///< whom the certificate names
  CertificateRequest request{};     ///< what is submitted
  std::optional<PrivateKey> key{};  ///< the new key; empty: it stays with the user, as UserSpec::key_file says
};

/// make_user_requests makes a key and a request for each user, in that order. Throws Error(invalid_config) for an empty
/// name and for `public_key_pem`, with which nobody can sign a request; Error(cancelled).
PKI_EXPORT [[nodiscard]] std::vector<UserRequest> make_user_requests(std::span<const UserSpec> users,
                                                                     KeyAlgorithm algorithm,
                                                                     const KeyOptions& options = {});
/// Returns a request that the user has made as one for the API, which signs the names in a request and no others.
/// Throws Error(mismatch) with all differences from the name and groups of `user`, Error(malformed) for a weak key.
PKI_EXPORT [[nodiscard]] UserRequest take_user_request(const UserSpec& user, const CertificateRequest& request);

/// Returns the signer of Kubernetes for the certificate of a user, or an error as the other one does. Pure.
PKI_EXPORT [[nodiscard]] std::variant<ApiSigner, Finding> api_signer(const UserRequest& request);

/// Returns the kubeconfig for a certificate that the API has signed; cluster, server and CA are those of the kubeconfig
/// with which the API was called. Throws as `check_answer` does.
PKI_EXPORT [[nodiscard]] UserKubeconfig user_kubeconfig(const ApiCredentials& credentials, const UserRequest& request,
                                                        const ApiRequest& answered, std::chrono::sys_seconds now);

}  // namespace pki::inline PKI_ABI
