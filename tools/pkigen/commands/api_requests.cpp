// SPDX-License-Identifier: Apache-2.0
#include "commands/api_requests.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/pki.hpp>

#include "commands/failure.hpp"
#include "print/output.hpp"
#include "print/progress.hpp"
#include "print/remedy_text.hpp"

namespace cli {

namespace {

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// The same request has the same name, so that a second run finds what the first one submitted. A dot of a DNS subdomain
// is between letters or digits.
std::string name_of(const Submission& one) {
  std::string name;
  for (std::size_t i = 0; i < one.subject.size(); ++i) {
    const char c = one.subject[i];
    const bool joins = c == '.' && i > 0 && i + 1 < one.subject.size() && is_letter_or_digit(one.subject[i - 1]) &&
                       is_letter_or_digit(one.subject[i + 1]);
    name.push_back(is_letter_or_digit(c) || joins ? c : '-');
  }
  return fmt::format("pkigen-{}-{}", name, one.public_key_sha256.substr(0, 12));
}

// Somebody has to know what to approve, whether stderr is a terminal or not.
void announce(const Submission& one, const std::string& name) {
  warn({pki::Rule::api_request_pending, pki::Severity::info, one.subject,
        fmt::format("the request {} waits for approval", name), one.row,
        fmt::format("have somebody who may do so run: kubectl certificate approve {}", name)});
}

bool is_of_one_request(pki::Rule rule) {
  return rule == pki::Rule::api_request_denied || rule == pki::Rule::api_request_failed ||
         rule == pki::Rule::api_request_pending || rule == pki::Rule::malformed;
}

// What has to be done depends on whether the key of the request still is there.
pki::Remedy remedy_of(const pki::Finding& finding, const Submission& one) {
  if (finding.rule == pki::Rule::api_request_pending && !one.key_is_kept)
    return "its key is gone now: run this again with a longer --timeout, and have the new request approved";
  const bool ended = finding.rule == pki::Rule::api_request_denied || finding.rule == pki::Rule::api_request_failed;
  if (ended && !one.row.empty())
    return fmt::format("`{}` forgets it, and the next run makes another one", own_command("csr cancel " + one.row));
  return finding.remedy;
}

/// Exchange carries submissions out, one step for all of them after the other.
class Exchange {
 public:
  Exchange(const std::vector<Submission>& submissions, const ApiCall& call)
      : submissions_(submissions),
        call_(call),
        end_(std::chrono::steady_clock::now() + call.options.timeout),
        requests_(submissions.size()) {}

  ApiAnswers run() {
    for (std::size_t i = 0; i < submissions_.size(); ++i)
      attempt(i, [&] { requests_[i] = submit(submissions_[i]); });
    for (std::size_t i = 0; i < submissions_.size(); ++i)
      if (requests_[i]) attempt(i, [&] { wait(submissions_[i], *requests_[i]); });
    return std::move(result_);
  }

 private:
  template <class Step>
  void attempt(std::size_t i, const Step& step) {
    if (broken_) return fail(i, *broken_);
    try {
      step();
    } catch (const pki::Error& error) {
      if (error.code() == pki::Errc::cancelled) throw;
      const auto& finding = error.finding();
      if (!is_of_one_request(finding.rule)) broken_ = finding;
      fail(i, finding);
    }
  }

  void fail(std::size_t i, pki::Finding finding) {
    requests_[i].reset();
    finding.row = submissions_[i].row;
    finding.remedy = remedy_of(finding, submissions_[i]);
    result_.failures.push_back(std::move(finding));
  }

  // One call that comes late still gets a second.
  [[nodiscard]] std::chrono::milliseconds left() const {
    return std::max(std::chrono::floor<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now()),
                    std::chrono::milliseconds(1000));
  }

  // A server that does not answer one call within a minute does not answer.
  [[nodiscard]] pki::ApiOptions of_one_call() const {
    auto options = call_.options;
    options.timeout = std::min(left(), std::chrono::milliseconds(std::chrono::minutes(1)));
    return options;
  }

  [[nodiscard]] pki::ApiRequest submit(const Submission& one) const {
    constexpr std::chrono::seconds shortest{600};
    auto request = pki::submit_request(call_.credentials,
                                       {name_of(one), one.signer, one.request_pem, std::max(shortest, one.validity)},
                                       of_one_call());
    if (call_.approve)
      return pki::approve_request(call_.credentials, request, "PkigenApproved",
                                  fmt::format("approved as {} by pkigen", one.subject), of_one_call());
    if (request.find("Approved") == nullptr) announce(one, request.name);
    return request;
  }

  void wait(const Submission& one, const pki::ApiRequest& request) {
    TerminalLine line(std::chrono::seconds(1));
    auto waiting = call_.options;
    waiting.timeout = left();
    waiting.progress = [&](const pki::ApiWait& state) {
      if (line.is_due())
        line.show(fmt::format("{}: {}", one.subject,
                              !state.problem.empty() ? state.problem
                              : state.approved       ? "approved, waiting for the signer"
                                                     : "waiting for approval"));
    };
    auto answered = pki::wait_for_certificate(call_.credentials, request, waiting);
    const auto source = "request " + request.name;
    result_.answers.push_back({one.row, source, pki::parse_certificates(answered.certificate_pem, source)});
    result_.requests.push_back(std::move(answered));
  }

  const std::vector<Submission>& submissions_;
  const ApiCall& call_;
  std::chrono::steady_clock::time_point end_;
  std::vector<std::optional<pki::ApiRequest>> requests_;  // of the submissions that have not failed
  std::optional<pki::Finding> broken_;                    // why no call makes sense any more
  ApiAnswers result_;
};

}  // namespace

std::array<CLI::Option*, 3> add_api_options(CLI::App& command, ApiChoice& choice) {
  return {command.add_option("--kubeconfig", choice.kubeconfig, "Call the API server as the user of this kubeconfig")
              ->option_text("FILE"),
          command.add_flag("--approve", choice.approve, "Approve the requests, where the user may")->option_text(" "),
          command.add_option("--timeout", choice.timeout, "How long to wait for the certificates [5m]")
              ->option_text("TIME")};
}

ApiCall open_api(const ApiChoice& choice, std::chrono::sys_seconds now) {
  ApiCall call{.credentials = pki::read_api_credentials(choice.kubeconfig), .options = {}, .approve = choice.approve};
  call.options.timeout = pki::parse_duration(choice.timeout);
  call.options.now = now;
  return call;
}

std::variant<pki::ApiSigner, pki::Finding> signer_of(const pki::CatalogRow& row, const pki::CertSpec& spec,
                                                     std::string_view algorithm) {
  auto signer = pki::api_signer(spec, row.issuer, algorithm);
  if (auto* missing = std::get_if<pki::Finding>(&signer)) {
    missing->subject = row.name;
    missing->row = row.name;
  }
  return signer;
}

std::variant<pki::ApiSigner, pki::Finding> signer_of(const pki::CatalogRow& row,
                                                     const pki::CertificateRequest& request) {
  pki::CertSpec spec;
  spec.profile = row.profile;
  spec.common_name = request.common_name;
  spec.organizations = request.organizations;
  spec.sans = request.sans;
  return signer_of(row, spec, request.key_algorithm);
}

Submission submission_of(const pki::WaitingRequest& waiting, pki::ApiSigner signer) {
  return {waiting.row,     waiting.row, std::move(signer), waiting.request.pem, waiting.request.public_key_sha256,
          waiting.validity};
}

Submission submission_of(const pki::UserRequest& user) {
  auto signer = pki::api_signer(user);
  if (auto* missing = std::get_if<pki::Finding>(&signer)) throw NotCarriedOut({std::move(*missing)});
  return {"user " + user.user.name,
          {},
          std::move(std::get<pki::ApiSigner>(signer)),
          user.request.pem,
          user.request.public_key_sha256,
          user.user.validity,
          !user.key.has_value()};
}

ApiAnswers request_from_api(const std::vector<Submission>& submissions, const ApiCall& call) {
  return Exchange(submissions, call).run();
}

}  // namespace cli
