// SPDX-License-Identifier: Apache-2.0
// Answers of an API server: a response of HTTP/1.1, or its body alone, which the mutations of libFuzzer then reach more
// often. Promises: a response or a problem, the same however the octets are divided; a body within its limit; a typed
// error or a request whose name fits into a path; an approval adds its condition and changes nothing else.

#include <algorithm>
#include <string>

#include "base/address.hpp"
#include "formats/api/certificate_request.hpp"
#include "net/http_message.hpp"
#include "properties.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

namespace formats = pki::formats;
using pki::net::HttpResponse;

constexpr std::size_t most_body = 2048;  // less than libFuzzer's inputs have

std::optional<HttpResponse> read_response(std::string_view octets, std::size_t piece) {
  pki::net::ResponseReader reader(most_body);
  bool ended = false;
  for (std::size_t begin = 0; begin < octets.size() && !ended; begin += piece)
    ended = reader.put(octets.substr(begin, piece));
  const bool complete = (ended || reader.finish()) && reader.problem().empty();
  require_plain(reader.problem(), "problem");
  require(complete || !reader.problem().empty(), "what is no response has a problem");
  if (!complete) return std::nullopt;
  auto response = reader.take();
  require(response.body.size() <= most_body, "a body is within its limit");
  require(response.status >= 0 && response.status < 1000, "a status has three digits");
  return response;
}

bool is_same(const HttpResponse& a, const HttpResponse& b) {
  return a.status == b.status && a.retry_after == b.retry_after && a.location == b.location &&
         a.content_encoding == b.content_encoding && a.body == b.body;
}

void check_status(std::string_view json) {
  const auto status = formats::parse_status_document(json);
  require_plain(status.reason, "reason");
  require_plain(status.message, "message");
  require(!status.retry_after || status.retry_after->count() >= 0, "no time to wait is negative");
}

void check_request(const pki::ApiRequest& request) {
  require(pki::base::is_dns_subdomain(request.name) && !request.uid.empty(), "a request has a name and a uid");
  for (const auto& condition : request.conditions) {
    require_plain(condition.reason, "reason");
    require_plain(condition.message, "message");
  }
}

void check_document(std::string_view json) {
  check_status(json);
  auto request = value_of([&] { return formats::parse_request_document(json, "server"); }, pki::Errc::api);
  const auto approved =
      value_of([&] { return formats::with_approval(json, "Reason", "a message", "server"); }, pki::Errc::api);
  if (!request) return;
  check_request(*request);
  if (!approved) return;
  request->conditions.push_back({"Approved", "Reason", "a message"});
  require(formats::parse_request_document(*approved, "server") == *request, "an approval adds its condition alone");
}

}  // namespace

void api_answer(std::string_view input) {
  if (!input.starts_with("HTTP/")) return check_document(input);
  const auto response = read_response(input, std::max<std::size_t>(input.size(), 1));
  for (const std::size_t piece : {1UL, 7UL}) {
    const auto divided = read_response(input, piece);
    require(response.has_value() == divided.has_value(), "octets are a response however they are divided");
    require(!response || is_same(*response, *divided), "a response is the same however it is divided");
  }
  if (response) check_document(response->body);
}

}  // namespace fuzz
