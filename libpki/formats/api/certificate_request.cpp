// SPDX-License-Identifier: Apache-2.0
#include "formats/api/certificate_request.hpp"

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <pki/error.hpp>

#include "base/address.hpp"
#include "base/base64.hpp"

namespace pki::formats {

namespace {

using Json = nlohmann::ordered_json;

constexpr auto api_version = "certificates.k8s.io/v1";
constexpr auto kind = "CertificateSigningRequest";

// No object of the API is as deep; a document without a limit would take memory for every bracket.
constexpr int most_depth = 64;

// Returns a value that is discarded where the text is not JSON, or too deep.
Json parse(std::string_view text) {
  bool deep = false;
  const auto limit = [&](int depth, Json::parse_event_t /*event*/, Json& /*value*/) {
    deep = deep || depth > most_depth;
    return !deep;
  };
  auto value = Json::parse(text, limit, false);
  return deep ? Json(Json::value_t::discarded) : value;
}

std::string text_of(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

[[noreturn]] void refuse(const std::string& subject, const std::string& message) {
  throw Error(Errc::api, Finding{Rule::api_answer_invalid, Severity::error, subject, message});
}

const Json& member(const Json& object, const char* name) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}

// Missing members and null are empty, as for Go.
std::string string_of(const Json& object, const char* name, const std::string& subject) {
  const auto& value = member(object, name);
  if (value.is_null()) return {};
  if (!value.is_string()) refuse(subject, fmt::format("{} of the request: found no string", name));
  return value.get<std::string>();
}

std::string decoded(const Json& object, const char* name, const std::string& subject) {
  auto octets = base::parse_base64(string_of(object, name, subject));
  if (!octets) refuse(subject, fmt::format("{} of the request: not valid base64", name));
  return std::move(*octets);
}

const Json& list_of(const Json& object, const char* name, const std::string& subject) {
  static const auto none = Json::array();
  const auto& value = member(object, name);
  if (value.is_null()) return none;
  if (!value.is_array()) refuse(subject, fmt::format("{} of the request: found no list", name));
  return value;
}

Json parse_request(std::string_view json, const std::string& subject) {
  auto object = parse(json);
  if (object.is_discarded()) refuse(subject, fmt::format("the answer is not JSON, or too deep, expected a {}", kind));
  if (!object.is_object() || string_of(object, "kind", subject) != kind ||
      string_of(object, "apiVersion", subject) != api_version)
    refuse(subject, fmt::format("the answer is no {} of {}", kind, api_version));
  return object;
}

std::vector<ApiCondition> conditions_of(const Json& status, const std::string& subject) {
  std::vector<ApiCondition> conditions;
  for (const auto& one : list_of(status, "conditions", subject)) {
    const auto value = string_of(one, "status", subject);
    // The API wants a status since v1, and "False" for none of the three.
    if (value != "True" && !value.empty()) continue;
    conditions.push_back({string_of(one, "type", subject), to_plain(string_of(one, "reason", subject), 128),
                          to_plain(string_of(one, "message", subject), 512)});
  }
  return conditions;
}

std::optional<std::chrono::seconds> seconds_of(const Json& object, const char* name) {
  const auto& value = member(object, name);
  if (!value.is_number_unsigned()) return std::nullopt;
  const auto count = value.get<std::uint64_t>();
  if (count > std::uint64_t{std::numeric_limits<std::int32_t>::max()}) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(count));
}

}  // namespace

std::string to_request_document(const std::string& name, const ApiRequestSpec& spec) {
  Json content{{"request", base::to_base64(spec.request_pem)}, {"signerName", spec.signer.name}};
  if (spec.expiration) content["expirationSeconds"] = spec.expiration->count();
  content["usages"] = spec.signer.usages;
  return text_of({{"apiVersion", api_version}, {"kind", kind}, {"metadata", {{"name", name}}}, {"spec", content}});
}

ApiRequest parse_request_document(std::string_view json, const std::string& subject) {
  const auto object = parse_request(json, subject);
  const auto& metadata = member(object, "metadata");
  const auto& spec = member(object, "spec");
  const auto& status = member(object, "status");
  ApiRequest request;
  request.name = string_of(metadata, "name", subject);
  request.uid = string_of(metadata, "uid", subject);
  request.signer_name = string_of(spec, "signerName", subject);
  request.request_pem = decoded(spec, "request", subject);
  for (const auto& usage : list_of(spec, "usages", subject)) {
    if (!usage.is_string()) refuse(subject, "usages of the request: found no string");
    request.usages.push_back(usage.get<std::string>());
  }
  request.expiration = seconds_of(spec, "expirationSeconds");
  request.conditions = conditions_of(status, subject);
  request.certificate_pem = decoded(status, "certificate", subject);
  if (request.name.empty() || request.uid.empty()) refuse(subject, "the answer is a request without name or uid");
  // The name becomes part of later calls' first line.
  if (!base::is_dns_subdomain(request.name)) refuse(subject, "the name of the request is not a DNS subdomain");
  return request;
}

std::string with_approval(std::string_view json, const std::string& reason, const std::string& message,
                          const std::string& subject) {
  auto object = parse_request(json, subject);
  auto& status = object["status"];
  if (!status.is_object() && !status.is_null()) refuse(subject, "status of the request: found no object");
  auto conditions = list_of(status, "conditions", subject);
  conditions.push_back({{"type", "Approved"}, {"status", "True"}, {"reason", reason}, {"message", message}});
  status["conditions"] = std::move(conditions);
  return text_of(object);
}

std::string to_delete_options(const std::string& uid) {
  return text_of({{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"preconditions", {{"uid", uid}}}});
}

ApiStatus parse_status_document(std::string_view json) {
  const auto object = parse(json);
  if (object.is_discarded()) return {};
  const auto text = [&](const char* name, std::size_t most) {
    const auto& value = member(object, name);
    return value.is_string() ? to_plain(value.get<std::string>(), most) : std::string();
  };
  const auto& status = member(object, "kind");
  if (!status.is_string() || status.get<std::string>() != "Status") return {};
  return {text("reason", 128), text("message", 512), seconds_of(member(object, "details"), "retryAfterSeconds")};
}

}  // namespace pki::formats
