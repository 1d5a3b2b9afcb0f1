// SPDX-License-Identifier: Apache-2.0
#include "commands/renew_from_api.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include <pki/pki.hpp>

#include "commands/clock.hpp"
#include "commands/csr_requests.hpp"
#include "commands/session.hpp"

namespace cli {

namespace {

ApiChoice with_default(ApiChoice choice, const Request& request) {
  if (choice.kubeconfig.empty()) choice.kubeconfig = (request.layout.kubeconfig_dir / "admin.conf").string();
  return choice;
}

const pki::Step* find_renewal(const pki::Plan& plan, std::string_view row) {
  const auto step = std::ranges::find(plan.steps, row, [](const pki::Step& each) { return each.row->name; });
  return step != plan.steps.end() && step->action() == pki::Action::renew ? &*step : nullptr;
}

// The requests of rows that are planned and do not wait already.
pki::Plan plan_of_requests(pki::Plan plan, const pki::Inventory& inventory, const Rows& rows) {
  for (auto& step : plan.steps) {
    const bool asked = std::ranges::find(rows, step.row->name, &pki::CatalogRow::name) != rows.end();
    if (!asked || inventory.find(step.row->name).request) step.what = pki::Skip{};
  }
  plan.failures.clear();
  return plan;
}

void replace_findings(std::vector<pki::Finding>& list, const std::vector<pki::Finding>& better) {
  std::erase_if(list, [&](const pki::Finding& one) {
    return one.rule == pki::Rule::ca_key_missing &&
           std::ranges::find(better, one.row, &pki::Finding::row) != better.end();
  });
}

}  // namespace

ApiRenewal::ApiRenewal(const ApiChoice& choice, const Request& request, const pki::Catalog& catalog,
                       pki::RenewOptions options)
    : catalog_(catalog), options_(std::move(options)), call_(open_api(with_default(choice, request), clock_now())) {}

void ApiRenewal::plan_again(RenewRun& run) const {
  auto& plan = run.renewal.plan;
  plan = plan_of(run.session, options_);
  auto failures = unsigned_;
  failures.insert(failures.end(), result_.failures.begin(), result_.failures.end());
  for (auto* list : {&plan.conflicts, &plan.failures, &plan.warnings})
    replace_findings(*list, failures);
  std::ranges::move(failures, std::back_inserter(named() ? plan.conflicts : plan.failures));
}

void ApiRenewal::choose(RenewRun& run) {
  for (const auto& step : run.renewal.plan.steps)
    if (step.action() == pki::Action::external) options_.requested.push_back(&catalog_.find_row(step.row->name));
  if (options_.requested.empty()) return;
  const auto planned = plan_of(run.session, options_);
  std::erase_if(options_.requested, [&](const pki::CatalogRow* row) {
    const auto* step = find_renewal(planned, row->name);
    if (step == nullptr) return false;  // the plan says why
    const auto signer = signer_of(*row, *step->spec(), step->algorithm());
    const auto* missing = std::get_if<pki::Finding>(&signer);
    if (missing != nullptr && named()) unsigned_.push_back(*missing);
    return missing != nullptr;
  });
  plan_again(run);
}

std::vector<Submission> ApiRenewal::make_requests(const Request& request, const WriteOptions& write) const {
  const auto session = open_session(request, ConfigUse::if_any, take_lock(request.layout, write));
  auto plan = plan_of(session, options_);
  if (!plan.conflicts.empty()) return {};  // the renewal reports them
  plan = plan_of_requests(std::move(plan), session.inventory, options_.requested);
  std::vector<Submission> submissions;
  for (const auto& waiting :
       with_waiting(make_and_save(plan, session, write, "renew", clock_now()), session, options_.requested)) {
    auto signer = signer_of(catalog_.find_row(waiting.row), waiting.request);
    if (auto* found = std::get_if<pki::ApiSigner>(&signer))
      submissions.push_back(submission_of(waiting, std::move(*found)));
  }
  return submissions;
}

void ApiRenewal::fetch(const Request& request, const WriteOptions& write) {
  if (options_.requested.empty()) return;
  result_ = request_from_api(make_requests(request, write), call_);
}

// One bad answer does not keep the others out.
pki::Import ApiRenewal::import_what_fits(const Session& session) {
  for (;;) {
    auto import =
        pki::plan_import(session.inventory, pki::read_requests(session.inventory), result_.answers, clock_now());
    if (import.conflicts.empty()) return import;
    const auto is_refused = [&](const pki::Answer& answer) {
      return std::ranges::any_of(import.conflicts, [&](const pki::Finding& conflict) {
        return conflict.row.empty() || conflict.row == answer.row;
      });
    };
    std::erase_if(result_.answers, is_refused);
    std::ranges::move(import.conflicts, std::back_inserter(result_.failures));
  }
}

void ApiRenewal::take(RenewRun& run) {
  auto import = import_what_fits(run.session);
  options_.requested.clear();
  for (const auto& issued : import.bundle.issued)
    options_.requested.push_back(&catalog_.find_row(issued.row->name));
  plan_again(run);
  std::ranges::move(import.warnings, std::back_inserter(run.renewal.plan.warnings));
  run.answered = std::move(import.bundle);
}

}  // namespace cli
