// SPDX-License-Identifier: Apache-2.0
#include "verbs/api_caller.hpp"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <pki/error.hpp>
#include <pki/version.hpp>

#include "base/address.hpp"
#include "base/cancel.hpp"
#include "base/words.hpp"
#include "formats/api/certificate_request.hpp"

namespace pki::verbs {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A server that stops in the middle of a response is asked again within the time of the whole call.
constexpr seconds longest_attempt{20};
constexpr milliseconds first_pause{200};
constexpr milliseconds longest_pause{5000};

bool is_busy(int status) { return status == 429 || status == 500 || (status >= 502 && status <= 504); }

// RFC 9110 10.2.3 also allows a date, which Kubernetes never sends.
std::optional<seconds> parse_seconds(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return seconds(value);
}

std::string describe(const net::HttpResponse& response) {
  const auto status = formats::parse_status_document(response.body);
  if (status.message.empty()) return fmt::format("status {}", response.status);
  return fmt::format("status {}, {}", response.status, status.message);
}

net::HttpsServer server_of(const ApiCredentials& credentials) {
  net::HttpsServer server;
  server.host = credentials.host;
  server.port = credentials.port;
  server.name = credentials.server_name.empty() ? credentials.host : credentials.server_name;
  for (const auto& one : credentials.ca_certificates)
    server.trusted.push_back(one.pem);
  for (const auto& one : credentials.client_chain)
    server.certificate.push_back(one.pem);
  if (credentials.client_key) server.key = credentials.client_key->pem();
  return server;
}

}  // namespace

ApiCaller::ApiCaller(const ApiCredentials& credentials, const ApiOptions& options)
    : server_(server_of(credentials)),
      path_(credentials.path),
      subject_("https://" + base::join_host_port(credentials.host, credentials.port)),
      options_(options),
      end_(begin_ + options.timeout) {
  if (!credentials.token.empty()) authorization_ = SecretString("Bearer ") + credentials.token;
}

milliseconds ApiCaller::elapsed() const { return std::chrono::floor<milliseconds>(net::Clock::now() - begin_); }

milliseconds ApiCaller::next_pause() {
  const auto pause = std::min(longest_pause, first_pause * (1 << std::min(failures_, 10)));
  ++failures_;
  return pause;
}

ApiCaller::Attempt ApiCaller::judge(net::Exchanged exchanged) {
  switch (exchanged.failure) {
    case net::Failure::none:
      break;
    case net::Failure::untrusted:
      fail(Rule::api_untrusted, exchanged.problem);
    case net::Failure::refused:
      fail(Rule::api, exchanged.problem);
    case net::Failure::nonsense:
      fail(Rule::api_answer_invalid, exchanged.problem);
    case net::Failure::unreachable:
    case net::Failure::interrupted:
      return {.problem = "not reachable: " + exchanged.problem,
              .rule = Rule::api_unreachable,
              .pause = next_pause(),
              .sent = exchanged.failure == net::Failure::interrupted};
  }
  auto& response = exchanged.response;
  const auto encoding = base::lower_case(response.content_encoding);
  if (!encoding.empty() && encoding != "identity")
    fail(Rule::api_answer_invalid, "the answer is compressed, although nobody asked for it");
  if (!is_busy(response.status)) {
    failures_ = 0;
    return {.response = std::move(response)};
  }
  auto asked = parse_seconds(response.retry_after);
  if (!asked) asked = formats::parse_status_document(response.body).retry_after;
  const auto pause = next_pause();
  return {.problem = fmt::format("the API server is busy or failing: {}", describe(response)),
          .pause = asked ? std::max<milliseconds>(*asked, first_pause) : pause,
          .sent = true};
}

ApiCaller::Attempt ApiCaller::attempt(const std::string& method, const std::string& target, const std::string& body) {
  base::refuse_stopped(options_.stop);
  net::HttpRequest request{method, path_ + target, {}, body};
  request.headers.emplace_back("Accept", "application/json");
  request.headers.emplace_back("User-Agent", fmt::format("libpki/{}", PKI_VERSION_TEXT));
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  if (!authorization_.empty()) request.headers.emplace_back("Authorization", authorization_);
  const auto now = options_.now + std::chrono::floor<seconds>(elapsed());
  const net::Limit limit{std::min(end_, net::Clock::now() + longest_attempt), options_.stop};
  auto exchanged = net::exchange(server_, request, now, limit);
  base::refuse_stopped(options_.stop);
  return judge(std::move(exchanged));
}

net::HttpResponse ApiCaller::call(const std::string& method, const std::string& target, const std::string& body) {
  while (true) {
    auto result = attempt(method, target, body);
    if (result.response) return std::move(*result.response);
    const bool waits = result.pause < end_ - net::Clock::now();
    if (!result.sent || !waits) {
      const auto asks = std::chrono::ceil<seconds>(result.pause).count();
      fail(result.rule, elapsed() < options_.timeout && result.sent && result.rule == Rule::api
                            ? fmt::format("{}; the next call would be in {} s", result.problem, asks)
                            : result.problem);
    }
    (void)sleep(result.pause);
  }
}

bool ApiCaller::sleep(milliseconds pause) const {
  const auto until = net::Clock::now() + pause;
  std::mutex mutex;
  std::unique_lock guard(mutex);
  std::condition_variable_any never;
  (void)never.wait_until(guard, options_.stop, std::min(until, end_), [] { return false; });
  base::refuse_stopped(options_.stop);
  return until < end_;
}

void ApiCaller::refuse(const net::HttpResponse& response) const {
  const auto text = describe(response);
  if (response.status >= 300 && response.status < 400)
    fail(Rule::api,
         fmt::format("the server redirects to {}, which is not followed", base::shown_url(response.location)),
         "name the API server itself in the kubeconfig");
  if (response.status == 401)
    fail(Rule::api, "the API server does not accept the credentials of the kubeconfig: " + text);
  if (response.status == 403) fail(Rule::api, "the user of the kubeconfig may not do this: " + text);
  if (response.status == 404) fail(Rule::api, "the API server does not know certificates.k8s.io/v1: " + text);
  fail(Rule::api, "the API server refuses the call: " + text);
}

void ApiCaller::fail(Rule rule, const std::string& message, const Remedy& remedy) const {
  throw Error(Errc::api, Finding{rule, Severity::error, subject_, message, {}, remedy});
}

}  // namespace pki::verbs
