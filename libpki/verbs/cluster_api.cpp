// SPDX-License-Identifier: Apache-2.0
#include <pki/cluster_api.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/address.hpp"
#include "base/lists.hpp"
#include "base/utf8.hpp"
#include "base/words.hpp"
#include "formats/api/certificate_request.hpp"
#include "verbs/api_caller.hpp"

namespace pki::inline PKI_ABI {

namespace {

using verbs::ApiCaller;

const std::string collection = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

// A request that is not ours has each of these names.
constexpr int most_names = 10;
// How often a request that others change meanwhile is approved anew.
constexpr int most_conflicts = 5;

std::string path_of(const std::string& name) { return collection + "/" + name; }

void check_spec(const ApiRequestSpec& spec) {
  constexpr std::size_t longest_name = 200;
  const auto refuse = [](const char* field, const std::string& message) {
    throw Error(Errc::invalid_config, field, message);
  };
  if (spec.name.size() > longest_name || !base::is_dns_subdomain(spec.name))
    refuse("name", fmt::format("{}, expected a DNS subdomain of at most {} characters", base::shown_value(spec.name),
                               longest_name));
  if (spec.signer.name.empty() || !base::is_plain_text(spec.signer.name)) refuse("signer", "expected DOMAIN/NAME");
  if (spec.signer.usages.empty()) refuse("usages", "empty, expected at least one");
  if (spec.request_pem.empty()) refuse("request", "empty, expected PKCS#10 as PEM");
  if (spec.expiration &&
      (spec.expiration->count() < 600 || spec.expiration->count() > std::numeric_limits<std::int32_t>::max()))
    refuse("expiration", fmt::format("{} s, expected 600 s or more, and less than 69 years", spec.expiration->count()));
}

bool is_same(const ApiRequest& request, const ApiRequestSpec& spec) {
  return request.request_pem == spec.request_pem && request.signer_name == spec.signer.name &&
         base::sorted(request.usages) == base::sorted(spec.signer.usages);
}

bool is_done(const net::HttpResponse& response) { return response.status >= 200 && response.status < 300; }

ApiRequest parse(const ApiCaller& api, const net::HttpResponse& response) {
  return formats::parse_request_document(response.body, api.subject());
}

[[noreturn]] void report_gone(const ApiCaller& api, const std::string& name) {
  api.fail(Rule::api, fmt::format("the request {} was deleted", name));
}

std::string reason_of(const ApiCondition& condition) {
  if (condition.message.empty()) return condition.reason.empty() ? "without a reason" : condition.reason;
  return condition.reason.empty() ? condition.message : fmt::format("{}: {}", condition.reason, condition.message);
}

void refuse_ended(const ApiCaller& api, const ApiRequest& request) {
  if (const auto* denied = request.find("Denied"))
    api.fail(Rule::api_request_denied, fmt::format("the request {} was denied: {}", request.name, reason_of(*denied)));
  if (const auto* failed = request.find("Failed"))
    api.fail(Rule::api_request_failed,
             fmt::format("the signer {} refuses the request {}: {}", base::shown_name(request.signer_name),
                         request.name, reason_of(*failed)));
}

/// Returns what the server has by the name of a request now. Throws Error(api) when that is another request.
ApiRequest current_of(const ApiCaller& api, const ApiRequest& request, const net::HttpResponse& response) {
  if (response.status == 404) report_gone(api, request.name);
  if (!is_done(response)) api.refuse(response);
  auto current = parse(api, response);
  if (current.uid != request.uid || current.request_pem != request.request_pem)
    api.fail(Rule::api, fmt::format("another request has the name {} by now", request.name));
  return current;
}

[[noreturn]] void report_pending(const ApiCaller& api, const ApiRequest& request, const std::string& problem) {
  const auto seconds = std::chrono::round<std::chrono::seconds>(api.elapsed()).count();
  const bool approved = request.find("Approved") != nullptr;
  auto message = fmt::format("the request {} was not {} within {} s", request.name,
                             approved ? "signed, although it is approved," : "approved", seconds);
  if (!problem.empty()) message += "; last, " + problem;
  api.fail(Rule::api_request_pending, message,
           approved
               ? Remedy("check that the controller manager runs and has the key of the CA")
               : Remedy(fmt::format("have somebody who may do so run: kubectl certificate approve {}", request.name)));
}

}  // namespace

ApiRequest submit_request(const ApiCredentials& credentials, const ApiRequestSpec& spec, const ApiOptions& options) {
  check_spec(spec);
  ApiCaller api(credentials, options);
  for (int number = 1; number <= most_names; ++number) {
    const auto name = number == 1 ? spec.name : fmt::format("{}-{}", spec.name, number);
    auto response = api.call("POST", collection, formats::to_request_document(name, spec));
    const bool exists = response.status == 409;
    if (exists) response = api.call("GET", path_of(name));
    if (exists && response.status == 404) continue;  // deleted meanwhile
    if (!is_done(response)) api.refuse(response);
    auto request = parse(api, response);
    if (is_same(request, spec)) return request;
    if (!exists)
      api.fail(Rule::api_answer_invalid, fmt::format("the request {} is not what was submitted", request.name));
  }
  api.fail(Rule::api, fmt::format("other requests have the names {} to {}-{}", spec.name, spec.name, most_names),
           "delete requests that are not needed any more");
}

ApiRequest approve_request(const ApiCredentials& credentials, const ApiRequest& request, const std::string& reason,
                           const std::string& message, const ApiOptions& options) {
  ApiCaller api(credentials, options);
  for (int conflicts = 0; conflicts < most_conflicts; ++conflicts) {
    auto response = api.call("GET", path_of(request.name));
    auto current = current_of(api, request, response);
    refuse_ended(api, current);
    if (current.find("Approved") != nullptr) return current;
    response = api.call("PUT", path_of(request.name) + "/approval",
                        formats::with_approval(response.body, reason, message, api.subject()));
    if (response.status != 409) return current_of(api, request, response);
  }
  api.fail(Rule::api, fmt::format("the request {} is changed by others all the time", request.name));
}

ApiRequest wait_for_certificate(const ApiCredentials& credentials, const ApiRequest& request,
                                const ApiOptions& options) {
  ApiCaller api(credentials, options);
  auto current = request;
  while (true) {
    auto attempt = api.attempt("GET", path_of(request.name));
    if (attempt.response) {
      current = current_of(api, request, *attempt.response);
      refuse_ended(api, current);
      if (!current.certificate_pem.empty()) return current;
    }
    if (options.progress) options.progress({api.elapsed(), current.find("Approved") != nullptr, attempt.problem});
    if (!api.sleep(std::max(options.interval, attempt.pause))) report_pending(api, current, attempt.problem);
  }
}

void delete_request(const ApiCredentials& credentials, const ApiRequest& request, const ApiOptions& options) {
  ApiCaller api(credentials, options);
  const auto response = api.call("DELETE", path_of(request.name), formats::to_delete_options(request.uid));
  // Conflict: the name has another uid by now.
  if (!is_done(response) && response.status != 404 && response.status != 409) api.refuse(response);
}

}  // namespace pki::inline PKI_ABI
