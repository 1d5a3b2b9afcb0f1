// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/pki.hpp>

#include "commands/clock.hpp"
#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/csr_requests.hpp"
#include "commands/failure.hpp"
#include "commands/row_names.hpp"
#include "commands/session.hpp"
#include "commands/write_options.hpp"
#include "print/output.hpp"
#include "print/progress.hpp"

namespace cli {

namespace {

struct SubmitOptions {
  RequestChoice choice;
  std::string kubeconfig;
  std::string timeout{"5m"};
  std::string output{"text"};
  bool approve{false};
};

/// Submission is one request on its way.
struct Submission {
  pki::WaitingRequest waiting;
  pki::ApiSigner signer;
  pki::ApiRequest request{};
};

pki::CertSpec spec_of(const pki::CatalogRow& row, const pki::CertificateRequest& request) {
  pki::CertSpec spec;
  spec.profile = row.profile;
  spec.common_name = request.common_name;
  spec.organizations = request.organizations;
  spec.sans = request.sans;
  return spec;
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

/// Leaves what the API does not issue out of a plan. Of rows that were named it is an error.
void leave_to_others(pki::Plan& plan, bool named) {
  std::vector<pki::Finding> missing;
  for (auto& step : plan.steps) {
    if (step.spec() == nullptr) continue;
    auto signer = signer_of(*step.row, *step.spec(), step.algorithm());
    auto* finding = std::get_if<pki::Finding>(&signer);
    if (finding == nullptr) continue;
    step.what = pki::Skip{};
    missing.push_back(std::move(*finding));
  }
  if (named && !missing.empty()) throw NotCarriedOut(std::move(missing));
  const auto creates = [](const pki::Step& step) { return step.action() == pki::Action::create; };
  if (std::ranges::none_of(plan.steps, creates)) plan.config_to_save.reset();
}

std::vector<Submission> submissions_of(std::vector<pki::WaitingRequest> all, const pki::Catalog& catalog, bool named) {
  std::vector<Submission> submissions;
  std::vector<pki::Finding> missing;
  for (auto& waiting : all) {
    const auto& row = catalog.find_row(waiting.row);
    auto signer = signer_of(row, spec_of(row, waiting.request), waiting.request.key_algorithm);
    if (const auto* finding = std::get_if<pki::Finding>(&signer))
      missing.push_back(*finding);
    else
      submissions.push_back({std::move(waiting), std::move(std::get<pki::ApiSigner>(signer)), {}});
  }
  if (named && !missing.empty()) throw NotCarriedOut(std::move(missing));
  return submissions;
}

Session open(const SubmitOptions& options, const Request& request) {
  auto session = open_session(request, ConfigUse::always, take_lock(request.layout, options.choice.write));
  refuse_problems(*session.config);
  return session;
}

/// Makes the requests that are missing, and returns them with those that wait. The lock is free afterwards.
std::vector<Submission> prepare(const SubmitOptions& options, const Request& request, std::chrono::sys_seconds now) {
  const auto session = open(options, request);
  warn(session.config->warnings);
  const auto named = rows_named(options.choice.rows, session.inventory.catalog);
  auto plan = plan_requests(options.choice, named, request, session, now);
  leave_to_others(plan, !named.empty());
  auto made = make_and_save(plan, session, options.choice.write, "csr submit", now);
  fail(plan.failures);
  return submissions_of(with_waiting(std::move(made), session, named), session.inventory.catalog, !named.empty());
}

// The same request has the same name, so that a second run finds what the first one submitted.
std::string name_of(const pki::WaitingRequest& waiting) {
  std::string row = waiting.row;
  std::ranges::replace_if(
      row, [](char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.'); }, '-');
  return fmt::format("pkigen-{}-{}", row, waiting.request.public_key_sha256.substr(0, 12));
}

pki::ApiRequestSpec request_of(const Submission& submission) {
  constexpr std::chrono::seconds shortest{600};
  return {name_of(submission.waiting), submission.signer, submission.waiting.request.pem,
          std::max(shortest, submission.waiting.validity)};
}

void submit(std::vector<Submission>& submissions, const pki::ApiCredentials& credentials, pki::ApiOptions options,
            bool approve) {
  options.timeout = std::min(options.timeout, std::chrono::milliseconds(std::chrono::minutes(1)));
  for (auto& one : submissions) {
    one.request = pki::submit_request(credentials, request_of(one), options);
    if (approve)
      one.request = pki::approve_request(credentials, one.request, "PkigenApproved",
                                         fmt::format("approved as {} by pkigen", one.waiting.row), options);
  }
}

// Somebody has to know what to approve, whether stderr is a terminal or not.
void announce(const std::vector<Submission>& submissions) {
  for (const auto& one : submissions)
    warn({pki::Rule::api_request_pending, pki::Severity::info, one.waiting.row,
          fmt::format("the request {} waits for approval", one.request.name), one.waiting.row,
          fmt::format("have somebody who may do so run: kubectl certificate approve {}", one.request.name)});
}

std::vector<pki::Answer> wait(const std::vector<Submission>& submissions, const pki::ApiCredentials& credentials,
                              pki::ApiOptions options) {
  const auto end = std::chrono::steady_clock::now() + options.timeout;
  TerminalLine line(std::chrono::seconds(1));
  std::vector<pki::Answer> answers;
  for (const auto& one : submissions) {
    options.timeout = std::max(std::chrono::floor<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()),
                               std::chrono::milliseconds(1000));
    options.progress = [&](const pki::ApiWait& state) {
      if (line.is_due())
        line.show(fmt::format("{}: {}", one.waiting.row,
                              !state.problem.empty() ? state.problem
                              : state.approved       ? "approved, waiting for the signer"
                                                     : "waiting for approval"));
    };
    const auto answered = pki::wait_for_certificate(credentials, one.request, options);
    answers.push_back({one.waiting.row, "request " + one.request.name,
                       pki::parse_certificates(answered.certificate_pem, "request " + one.request.name)});
  }
  return answers;
}

int run_submit(const SubmitOptions& options) {
  const auto request = parse_request(options.choice.cluster);
  refuse_problems(request);
  const auto credentials = pki::read_api_credentials(options.kubeconfig);
  pki::ApiOptions api;
  api.timeout = pki::parse_duration(options.timeout);
  const auto now = clock_now();
  check_clock(now);
  api.now = now;
  auto submissions = prepare(options, request, now);
  if (submissions.empty()) return report_import({}, request.layout, options.output);
  submit(submissions, credentials, api, options.approve);
  if (!options.approve) announce(submissions);
  const auto answers = wait(submissions, credentials, api);
  const auto session = open(options, request);
  return report_import(import_answers(answers, session, options.choice.write, "csr submit", clock_now()),
                       session.layout(), options.output);
}

}  // namespace

void add_csr_submit(CLI::App& csr, Run& run) {
  auto* command = csr.add_subcommand("submit", "Request certificates from the API of the cluster, and import them");
  auto options = std::make_shared<SubmitOptions>();
  command->add_option("ROW", options->choice.rows, "Request only these [what is missing or due]")->option_text("...");
  command->add_option("--kubeconfig", options->kubeconfig, "Call the API server as the user of this kubeconfig")
      ->required()
      ->option_text("FILE");
  command->add_flag("--approve", options->approve, "Approve the requests, where the user may");
  command->add_option("--timeout", options->timeout, "How long to wait for the certificates [5m]")->option_text("TIME");
  add_request_options(*command, options->choice);
  add_cluster_options(*command, options->choice.cluster);
  add_output_option(*command, options->output);
  add_write_options(*command, options->choice.write);
  command->footer(
      fmt::format(
          "The API issues certificates of clients and kubelets with the CA of the cluster; {}, the API server,\n"
          "etcd and the front proxy have no signer. A run that ends early is taken up by the next one.\n\n",
          pki::masters_group) +
      exit_help({ok, failed, usage, locked}));
  command->callback([options, &run] { run = [options] { return run_submit(*options); }; });
}

}  // namespace cli
