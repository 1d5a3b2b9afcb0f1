// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <pki/abi.hpp>
#include <pki/bundle.hpp>
#include <pki/catalog.hpp>
#include <pki/certificate.hpp>
#include <pki/commit.hpp>
#include <pki/config.hpp>
#include <pki/finding.hpp>
#include <pki/inventory.hpp>
#include <pki/key.hpp>
#include <pki/plan.hpp>
#include <pki/report.hpp>

// Requests for certificates (PKCS #10, RFC 2986) where the key of a CA is elsewhere: a host makes keys and requests,
// the holder of the CA signs, and the host imports the answers. Keys never leave the host that made them.
namespace pki::inline PKI_ABI {

/// CertificateRequest is one PKCS #10 request as found: its facts, and its PEM text. Its own signature was verified,
/// which shows that whoever made it has the private key; nothing else in it is.
struct CertificateRequest {
  std::string pem{};                               ///< one CERTIFICATE REQUEST block
  std::string subject{};                           ///< RFC 4514 text, for people
  std::string subject_der{};                       ///< raw DER of the Name
  std::string common_name{};                       ///< the first CN; empty without one
  std::vector<std::string> organizations{};        ///< every O of the subject, in order
  std::vector<GeneralName> sans{};                 ///< requested subject alternative names, in order
  std::vector<std::string> extended_key_usages{};  ///< requested; as Certificate::extended_key_usages
  bool is_ca{false};                               ///< asks for a CA certificate (basicConstraints CA:TRUE)
  std::string key_algorithm{};                     ///< as PrivateKey::algorithm
  std::string public_key_sha256{};                 ///< as PrivateKey::public_key_sha256

  friend bool operator==(const CertificateRequest&, const CertificateRequest&) = default;
};

/// Returns the request of every CERTIFICATE REQUEST (or NEW CERTIFICATE REQUEST) block of a PEM text, in order; other
/// blocks are ignored. `subject` names the text in errors. Throws Error(malformed) when there is no such block, one
/// does not parse, or its signature is not that of its key.
PKI_EXPORT [[nodiscard]] std::vector<CertificateRequest> parse_requests(std::string_view pem,
                                                                        const std::string& subject);

/// Returns the public key of a request as a PEM block PUBLIC KEY. Throws Error(malformed).
PKI_EXPORT [[nodiscard]] std::string public_key_pem(const CertificateRequest& request);

/// RequestOptions restricts what plan_request does.
struct RequestOptions {
  std::vector<const CatalogRow*> rows{};  ///< the rows to request; empty: those that are missing or due
  Window if_due{};                        ///< without `rows`: what expires within it is due
  bool reuse_key{false};                  ///< request a certificate for the key on disk where there is one
  bool keep_identity{false};  ///< a certificate that is there determines the new one alone, not the configuration
};

/// plan_request decides for which rows a host asks for a certificate: those whose issuer is here without its key, and
/// which are missing, due or named. Its steps create or renew exactly these rows. A row whose request has not been
/// answered yet is kept. Pure. Throws as plan_init and plan_renew do, and Error(not_found) where no CA is external.
PKI_EXPORT [[nodiscard]] Plan plan_request(const ValidConfig& config, const Inventory& inventory,
                                           std::chrono::sys_seconds now, const RequestOptions& options = {});

/// WaitingRequest is a request whose answer has not been imported yet. It has a secret: its key.
struct WaitingRequest {
  std::string row{};                     ///< name of the catalog row
  std::chrono::sys_seconds requested{};  ///< when it was made
  CertificateRequest request{};          ///< what was asked for
  std::optional<PrivateKey> key{};       ///< waits for its certificate; empty: that of the row on disk is kept
  std::string replaces{};                ///< SHA-256 of the certificate (PEM) that was there; empty: none was
  std::chrono::seconds validity{};       ///< wanted validity of the certificate
  std::string cluster{};                 ///< kubeconfig: name of the cluster
  std::string server{};                  ///< kubeconfig: URL of the API server
  bool in_catalog{true};                 ///< false: the catalog has no such row, and the request can only be cancelled
};

/// make_requests generates the keys of a plan of plan_request and signs the requests with them, in catalog order.
/// Writes nothing. Throws Error(crypto), Error(mismatch) for a plan with conflicts, Error(cancelled).
PKI_EXPORT [[nodiscard]] std::vector<WaitingRequest> make_requests(const Plan& plan, const Inventory& inventory,
                                                                   std::chrono::sys_seconds now,
                                                                   const KeyOptions& options = {});

/// save_requests stores requests with their keys in files of their own (0600) below CERTIFICATES_DIR/.pkigen, durably;
/// a request of the same row is replaced. Throws Error(io).
PKI_EXPORT void save_requests(const Lock& lock, std::span<const WaitingRequest> requests);

/// Returns the requests that wait, in the order of the catalog of `inventory`, without those that were answered.
/// Throws Error(io) or Error(malformed) when one cannot be read.
PKI_EXPORT [[nodiscard]] std::vector<WaitingRequest> read_requests(const Inventory& inventory);

/// Returns the requests of rows that the catalog of `inventory` does not have, by name: a configuration may lose rows
/// while their requests wait. Throws as read_requests does.
PKI_EXPORT [[nodiscard]] std::vector<WaitingRequest> read_stray_requests(const Inventory& inventory);

/// Returns the names of the rows that cancel_requests can forget a request of, sorted. They may be in no catalog, and
/// their requests unreadable, or answered. Throws Error(io).
PKI_EXPORT [[nodiscard]] std::vector<std::string> request_names(const Layout& layout);

/// cancel_requests forgets the requests of the rows with these names, with their keys, and returns how many there were.
/// Throws Error(io).
PKI_EXPORT std::size_t cancel_requests(const Lock& lock, std::span<const std::string> rows);

/// RequestItem is one request on its way to the holder of the CA: it has no secret.
struct RequestItem {
  std::string row{};                       ///< name of the catalog row; empty: none is named
  std::string source{};                    ///< the file that it comes from, for messages
  std::string issuer{};                    ///< name of the row of the CA; empty: as the row says
  std::string issuer_public_key_sha256{};  ///< of the CA certificate on the host that asks; empty: not known
  std::chrono::seconds validity{};         ///< wanted; 0: not said
  CertificateRequest request{};            ///< what is asked for
};

/// RequestBundle is all requests of a host as one document of the kind RequestBundle (JSON).
struct RequestBundle {
  std::vector<RequestItem> items{};  ///< in catalog order
  std::string digest{};              ///< "sha256:" and hex: of all items, for people to compare on both sides
};

/// Returns the requests as they travel.
PKI_EXPORT [[nodiscard]] RequestBundle to_bundle(std::span<const WaitingRequest> requests, const Inventory& inventory);
/// Returns a bundle as JSON.
PKI_EXPORT [[nodiscard]] std::string to_json(const RequestBundle& bundle);
/// parse_request_bundle reads what to_json returns. Throws Error(malformed): not JSON, too large, a missing or odd
/// field, a duplicate row, a request that does not parse; Error(mismatch) when the digest is not that of the content.
PKI_EXPORT [[nodiscard]] RequestBundle parse_request_bundle(std::string_view text, const std::string& subject);

/// SigningOptions says what the holder of a CA signs.
struct SigningOptions {
  std::vector<GeneralName> allowed_sans{};         ///< names that requests may have beside those of their rows
  std::optional<Profile> profile{};                ///< of requests that name no row: they keep their own names
  std::string ca{};                                ///< name of the CA row for these; empty: the first CA of the catalog
  bool allow_masters{false};                       ///< whether these may ask for the group system:masters
  std::optional<std::chrono::seconds> validity{};  ///< of the certificates; empty: as the configuration says
};

/// SigningStep is one certificate that is to be signed.
struct SigningStep {
  RequestItem item{};                 ///< only its public key is used
  const CatalogRow* issuer{nullptr};  ///< the CA that signs, of SigningPlan::catalog
  CertSpec spec{};                    ///< everything that the certificate says
};

/// SigningPlan is what a holder of CA keys decides about requests; with conflicts none of them is signed.
struct SigningPlan {
  Catalog catalog{default_catalog()};  ///< that of the inventory
  std::vector<SigningStep> steps{};    ///< in the order of the requests
  std::vector<Finding> conflicts{};    ///< all of them
  std::vector<Finding> warnings{};     ///< for people; none of them stops the plan
};

/// plan_signing decides what requests get. Nothing in a request is trusted but its public key: subject, names and
/// usages come from its row and `config`, which describes the host that asks, and each difference is a conflict. A
/// request without a row gets the names that it asks for, with the usages of `options.profile`. Refuses keys below 2048
/// bits RSA, keys of CAs, requests for CAs and for wildcards that are not allowed by name, two requests for one row,
/// and another CA than the one of the host that asks. Pure. `config` may be null where no request names a row.
PKI_EXPORT [[nodiscard]] SigningPlan plan_signing(const ValidConfig* config, const Inventory& inventory,
                                                  std::span<const RequestItem> items, std::chrono::sys_seconds now,
                                                  const SigningOptions& options = {});

/// Returns a plan as a versioned JSON object of the kind SigningPlan.
PKI_EXPORT [[nodiscard]] std::string to_json(const SigningPlan& plan);

/// Answer is one signed certificate on its way back.
struct Answer {
  std::string row{};                 ///< name of the catalog row; empty: none is named
  std::string source{};              ///< the file that it comes from, for messages
  std::vector<Certificate> chain{};  ///< the certificate, then the intermediates after it
};

/// AnswerBundle is all answers to a RequestBundle as one document of the kind CertificateBundle (JSON).
struct AnswerBundle {
  std::vector<Answer> answers{};  ///< in the order of the requests
  std::string digest{};           ///< as RequestBundle::digest
};

/// sign_requests signs each step of a plan with the key of its CA, one of `signers` or that of the inventory, and
/// verifies the result. Throws Error(ca_key_missing), Error(mismatch) for a plan with conflicts and for a signer that
/// is not the key of its CA, Error(crypto).
PKI_EXPORT [[nodiscard]] AnswerBundle sign_requests(const SigningPlan& plan, const Inventory& inventory,
                                                    const Signers& signers = {});

/// Returns a bundle as JSON.
PKI_EXPORT [[nodiscard]] std::string to_json(const AnswerBundle& bundle);
/// parse_answer_bundle reads what to_json returns. Throws as parse_request_bundle does.
PKI_EXPORT [[nodiscard]] AnswerBundle parse_answer_bundle(std::string_view text, const std::string& subject);

/// Import is what becomes of answers; with conflicts nothing is written.
struct Import {
  Bundle bundle{};  ///< certificates, keys and whole kubeconfigs, ready for `commit`; without files on conflicts
  std::vector<Finding> conflicts{};  ///< all of them
  std::vector<Finding> warnings{};   ///< for people
};

/// plan_import matches each answer with the request that waits for it, by its public key, and judges it as everything
/// that is found: its chain to the CA on disk, its purpose, its identity and its dates. Requests without an answer go
/// on waiting. `commit` of the bundle ends the requests that it answers.
PKI_EXPORT [[nodiscard]] Import plan_import(const Inventory& inventory, std::span<const WaitingRequest> waiting,
                                            std::span<const Answer> answers, std::chrono::sys_seconds now);

/// Imported is the result of importing answers.
struct Imported {
  std::vector<Issued> issued{};     ///< the certificates that are in place now
  bool dry_run{false};              ///< nothing was written
  CommitResult written{};           ///< what the commit did
  std::vector<Finding> failures{};  ///< what the program could not do afterwards, such as hooks and restarts
};

/// Returns what was imported as a versioned JSON object of the kind Import.
PKI_EXPORT [[nodiscard]] std::string to_json(const Imported& imported);
/// Returns the number of requests that were cancelled as a versioned JSON object of the kind Cancellation.
PKI_EXPORT [[nodiscard]] std::string cancelled_to_json(std::size_t number);

/// Returns the requests that wait as a versioned JSON object of the kind RequestList; it has no secrets.
PKI_EXPORT [[nodiscard]] std::string to_json(std::span<const WaitingRequest> waiting);

}  // namespace pki::inline PKI_ABI
