// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <pki/cluster_api.hpp>
#include <pki/request.hpp>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace cli {

/// ApiChoice is how a command asks the API of the cluster for certificates.
struct ApiChoice {
  std::string kubeconfig;
  std::string timeout{"5m"};
  bool approve{false};
};

/// add_api_options adds --kubeconfig, --approve and --timeout, and returns them in this order.
std::array<CLI::Option*, 3> add_api_options(CLI::App& command, ApiChoice& choice);

/// ApiCall is what the calls of one command have in common.
struct ApiCall {
  pki::ApiCredentials credentials;
  pki::ApiOptions options;  ///< the timeout is that of all calls together
  bool approve{false};
};

/// open_api reads the kubeconfig and calls nobody. Throws as pki::read_api_credentials and pki::parse_duration do.
[[nodiscard]] ApiCall open_api(const ApiChoice& choice, std::chrono::sys_seconds now);

/// Returns the signer of the API for a row, or why no signer issues its certificate.
[[nodiscard]] std::variant<pki::ApiSigner, pki::Finding> signer_of(const pki::CatalogRow& row,
                                                                   const pki::CertSpec& spec,
                                                                   std::string_view algorithm);
/// Returns the signer for a request that waits.
[[nodiscard]] std::variant<pki::ApiSigner, pki::Finding> signer_of(const pki::CatalogRow& row,
                                                                   const pki::CertificateRequest& request);

/// Submission is one request on its way.
struct Submission {
  std::string subject;  ///< for people: a row, or a user
  std::string row;      ///< name of the catalog row; empty: none
  pki::ApiSigner signer;
  std::string request_pem;          ///< one CERTIFICATE REQUEST block
  std::string public_key_sha256;    ///< of its key
  std::chrono::seconds validity{};  ///< wanted; the API takes ten minutes at least
  bool key_is_kept{true};           ///< a later run can use the certificate
};

/// Returns the submission of a request that waits.
[[nodiscard]] Submission submission_of(const pki::WaitingRequest& waiting, pki::ApiSigner signer);
/// Returns the submission of a user's request. Throws NotCarriedOut where the API has no signer for the user.
[[nodiscard]] Submission submission_of(const pki::UserRequest& user);

/// ApiAnswers is what became of submissions.
struct ApiAnswers {
  std::vector<pki::Answer> answers;       ///< in the order of the submissions, without those that failed
  std::vector<pki::ApiRequest> requests;  ///< the request of each answer
  std::vector<pki::Finding> failures;     ///< each with its row
};

/// request_from_api submits requests, approves them where that was asked for, says who has to otherwise, and waits for
/// the certificates. A request that is denied, fails or waits too long is a failure of its row alone; one that nobody
/// can carry out because the API server cannot be used is a failure of all rows that have no answer yet.
[[nodiscard]] ApiAnswers request_from_api(const std::vector<Submission>& submissions, const ApiCall& call);

}  // namespace cli
