// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/request.hpp>

#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/row_names.hpp"
#include "commands/session.hpp"
#include "commands/write_options.hpp"
#include "print/output.hpp"
#include "print/plan_text.hpp"
#include "print/request_text.hpp"

namespace cli {

namespace {

struct WaitingOptions {
  ClusterOptions cluster;
  WriteOptions write;
  std::vector<std::string> names;
  std::string output{"text"};
};

int run_status(const WaitingOptions& options) {
  const auto layout = parse_request(options.cluster).layout;
  const auto inventory = pki::load(layout, pki::KeyCheck::consistency, {}, nullptr, pki::Links::follow);
  auto waiting = pki::read_requests(inventory);
  std::ranges::move(pki::read_stray_requests(inventory), std::back_inserter(waiting));
  print(options.output == "json" ? to_json(waiting) : to_text(waiting, layout));
  return ok;
}

// The configuration may have lost the row of a request that waits.
std::vector<std::string> chosen(const std::vector<std::string>& names, const Request& request) {
  auto waiting = pki::request_names(request.layout);
  if (std::ranges::find(names, "all") != names.end()) return waiting;
  std::vector<std::string> found;
  std::vector<std::string> others;
  for (const auto& name : names)
    (std::ranges::find(waiting, name) == waiting.end() ? others : found).push_back(name);
  const auto catalog = catalog_of(request);
  for (const auto* row : rows_named(others, catalog))
    found.emplace_back(row->name);
  return found;
}

int run_cancel(const WaitingOptions& options) {
  const auto request = parse_request(options.cluster);
  const auto lock = take_lock(request.layout, options.write);
  const auto number = pki::cancel_requests(lock, chosen(options.names, request));
  print(options.output == "json" ? pki::cancelled_to_json(number)
                                 : fmt::format("{} cancelled\n", count(number, "request")));
  return ok;
}

void add_status(CLI::App& csr, Run& run) {
  auto* command = csr.add_subcommand("status", "List the requests that have not been answered");
  auto options = std::make_shared<WaitingOptions>();
  add_layout_options(*command, options->cluster);
  add_output_option(*command, options->output);
  command->footer(exit_help({ok, failed, usage}));
  command->callback([options, &run] { run = [options] { return run_status(*options); }; });
}

void add_cancel(CLI::App& csr, Run& run) {
  auto* command = csr.add_subcommand("cancel", "Forget requests, with the keys that wait for their certificates");
  auto options = std::make_shared<WaitingOptions>();
  command->add_option("NAME", options->names, "Names as in `pkigen csr status`, or all")->required()->option_text(" ");
  add_layout_options(*command, options->cluster);
  add_lock_option(*command, options->write);
  add_output_option(*command, options->output);
  command->footer("A certificate that is issued for a cancelled request has no key any more.\n\n" +
                  exit_help({ok, failed, usage, locked}));
  command->callback([options, &run] { run = [options] { return run_cancel(*options); }; });
}

}  // namespace

void add_csr(CLI::App& app, Run& run) {
  auto* csr = app.add_subcommand("csr", "Request certificates from a CA whose key is elsewhere, sign and import them");
  csr->require_subcommand(1);
  add_csr_create(*csr, run);
  add_csr_sign(*csr, run);
  add_csr_import(*csr, run);
  add_csr_submit(*csr, run);
  add_status(*csr, run);
  add_cancel(*csr, run);
  csr->footer(exit_help({ok, failed, usage, locked}));
}

}  // namespace cli
