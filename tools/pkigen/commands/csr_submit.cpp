// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/pki.hpp>

#include "commands/api_requests.hpp"
#include "commands/clock.hpp"
#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/csr_requests.hpp"
#include "commands/failure.hpp"
#include "commands/row_names.hpp"
#include "commands/session.hpp"
#include "commands/user.hpp"
#include "commands/write_options.hpp"
#include "print/output.hpp"

namespace cli {

namespace {

struct SubmitOptions {
  RequestChoice choice;
  ApiChoice api;
  UserOptions user;
  std::string output{"text"};
};

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

std::vector<Submission> submissions_of(const std::vector<pki::WaitingRequest>& all, const pki::Catalog& catalog,
                                       bool named) {
  std::vector<Submission> submissions;
  std::vector<pki::Finding> missing;
  for (const auto& waiting : all) {
    auto signer = signer_of(catalog.find_row(waiting.row), waiting.request);
    if (auto* finding = std::get_if<pki::Finding>(&signer))
      missing.push_back(std::move(*finding));
    else
      submissions.push_back(submission_of(waiting, std::move(std::get<pki::ApiSigner>(signer))));
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

int run_for_user(const SubmitOptions& options) {
  auto user = options.user;
  user.api = options.api;
  user.use_api = true;
  user.output = options.output;
  return run_user(user);
}

int run_submit(const SubmitOptions& options) {
  if (!options.user.name.empty()) return run_for_user(options);
  const auto request = parse_request(options.choice.cluster);
  refuse_problems(request);
  const auto now = clock_now();
  const auto call = open_api(options.api, now);
  check_clock(now);
  const auto submissions = prepare(options, request, now);
  auto result = request_from_api(submissions, call);
  if (!result.failures.empty()) throw NotCarriedOut(std::move(result.failures));
  if (result.answers.empty()) return report_import({}, request.layout, options.output);
  const auto session = open(options, request);
  return report_import(import_answers(result.answers, session, options.choice.write, {}, "csr submit", clock_now()),
                       session.layout(), options.output);
}

}  // namespace

void add_csr_submit(CLI::App& csr, Run& run) {
  auto* command = csr.add_subcommand("submit", "Request certificates from the API of the cluster, and import them");
  auto options = std::make_shared<SubmitOptions>();
  auto* rows = command->add_option("ROW", options->choice.rows, "Request only these [what is missing or due]")
                   ->option_text("...");
  auto* user =
      command->add_option("--user", options->user.name, "Make a kubeconfig for this user, as `pkigen user --use-api`")
          ->excludes(rows)
          ->option_text("NAME");
  for (auto* option : add_user_options(*command, options->user))
    option->needs(user);
  add_api_options(*command, options->api).front()->required();
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
