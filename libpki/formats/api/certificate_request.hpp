// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <pki/cluster_api.hpp>

// The documents of certificates.k8s.io/v1. Those of a server may be anything: they are bounded in depth, and every text
// of them is shown as to_plain makes it.
namespace pki::formats {

/// Returns a CertificateSigningRequest with this name and content.
[[nodiscard]] std::string to_request_document(const std::string& name, const ApiRequestSpec& spec);

/// Reads a CertificateSigningRequest. `subject` names the server in errors. Throws Error(api) for anything else.
[[nodiscard]] ApiRequest parse_request_document(std::string_view json, const std::string& subject);

/// Returns a CertificateSigningRequest as the server sent it, with the condition Approved. Throws Error(api) as
/// parse_request_document does.
[[nodiscard]] std::string with_approval(std::string_view json, const std::string& reason, const std::string& message,
                                        const std::string& subject);

/// Returns the DeleteOptions that delete the object with this uid and no other.
[[nodiscard]] std::string to_delete_options(const std::string& uid);

/// ApiStatus is a Status, the answer of an API server that refuses a call.
struct ApiStatus {
  std::string reason;   ///< one word, "AlreadyExists"
  std::string message;  ///< for people
  std::optional<std::chrono::seconds> retry_after;
};

/// Returns the Status that `json` is; its texts are empty where it is anything else.
[[nodiscard]] ApiStatus parse_status_document(std::string_view json);

}  // namespace pki::formats
