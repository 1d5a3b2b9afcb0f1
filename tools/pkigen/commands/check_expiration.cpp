// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <pki/pki.hpp>
#include <pki/report.hpp>

#include "commands/as_of.hpp"
#include "commands/clock.hpp"
#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/session.hpp"
#include "host/live.hpp"
#include "print/output.hpp"
#include "print/progress.hpp"
#include "print/remedy_text.hpp"
#include "print/report_text.hpp"

namespace cli {

namespace {

namespace fs = std::filesystem;

struct CheckOptions {
  ClusterOptions cluster;
  std::string kubelet_dir{"/var/lib/kubelet/pki"};
  std::vector<std::string> also;
  std::string output{"text"};
  std::string output_file;
  std::string warn_within{"30d"};
  std::string as_of;
  LiveOptions live;
  bool exit_zero{false};
  bool quiet{false};
};

// The configuration of --config takes the place of the saved one. One for kubeadm says nothing of the role.
void use_given_config(Session& session, const Request& request) {
  if (!session.config) return;
  auto& saved = session.inventory.saved_config;
  const auto role = saved && saved->problems.empty() ? saved->config.role : std::nullopt;
  saved.emplace().config = *session.config->config.value();
  if (request.file) saved->lines = request.file->lines;
  if (!saved->config.role) saved->config.role = role;
}

// Who asks for other files, and has no PKI in the usual place, asks for these alone.
bool asks_for_other_files_alone(const CheckOptions& options, const pki::Inventory& inventory) {
  const auto& typed = options.cluster;
  return !options.also.empty() && typed.cert_dir.empty() && typed.kubeconfig_dir.empty() && typed.config_file.empty() &&
         std::ranges::all_of(inventory.entries, &pki::Entry::absent);
}

pki::Scan scan(const CheckOptions& options, const pki::Inventory& inventory) {
  std::vector<fs::path> also;
  for (const auto& path : options.also)
    also.push_back(fs::absolute(path).lexically_normal());
  ScanProgress progress;
  pki::ScanOptions scan_options;
  if (!options.quiet) scan_options.progress = progress.callback();
  scan_options.inventory = &inventory;
  return pki::scan_certificates(
      options.kubelet_dir.empty() ? fs::path() : fs::absolute(options.kubelet_dir).lexically_normal(), also,
      scan_options);
}

pki::Report make_report(const CheckOptions& options, const pki::Inventory& inventory, std::chrono::sys_seconds now,
                        const pki::Window& window) {
  const auto found = scan(options, inventory);
  const bool alone = asks_for_other_files_alone(options, inventory);
  auto looked_at = inventory;
  if (alone) looked_at.certificates_dir_exists = false;  // then nothing is missing in it
  auto report = pki::inspect(looked_at, found.certificates, now, window);
  if (alone) std::erase_if(report.notes, [](const auto& note) { return note.rule == pki::Rule::not_found; });
  if (!options.also.empty()) report.totals = pki::total(report, found.files);
  return report;
}

// Documents for programs have the warnings of the configuration as well.
void show_warnings(pki::Report& report, const CheckOptions& options, const std::vector<pki::Finding>& warnings) {
  if (!options.quiet) warn(warnings);
  if (options.output == "json" || options.output == "yaml")
    report.notes.insert(report.notes.begin(), warnings.begin(), warnings.end());
}

std::string render(const pki::Report& report, const std::string& output) {
  if (output == "json") return to_json(report);
  if (output == "yaml") return to_yaml(report);
  if (output == "prometheus") return to_prometheus(report);
  return to_text(report, output == "wide");
}

std::string render_attention(const pki::Report& report, const std::string& output) {
  return report.worst() == pki::State::valid ? "" : render(only_attention(report), output);
}

Exit exit_of_state(pki::State worst) {
  if (worst == pki::State::valid) return ok;
  return worst == pki::State::expiring ? expiring : attention;
}

int run_check(const CheckOptions& options) {
  if (options.quiet && options.output == "prometheus")
    throw pki::Error(pki::Errc::invalid_config, "--quiet", "omits rows, but a metric must not come and go",
                     "use another output format");
  const auto window = pki::parse_window(options.warn_within);
  const auto now = options.as_of.empty() ? clock_now() : parse_as_of(options.as_of, clock_now());
  const auto request = parse_request(options.cluster);
  refuse_problems(request);
  auto session = open_session(request, ConfigUse::if_given, {}, pki::KeyCheck::consistency, pki::Links::follow);
  if (session.config) refuse_problems(*session.config);
  use_given_config(session, request);
  auto report = make_report(options, session.inventory, now, window);
  if (session.config) show_warnings(report, options, session.config->warnings);
  report = in_words(std::move(report));
  report.within_second = options.as_of.empty();
  const bool ask = options.live.live || !options.live.endpoints.empty();
  if (ask) ask_servers(report, session.inventory, options.live, window);  // otherwise no socket is opened
  const auto text = options.quiet ? render_attention(report, options.output) : render(report, options.output);
  if (options.output_file.empty())
    print(text);
  else
    pki::save_report(fs::absolute(options.output_file), text);
  return options.exit_zero ? ok : exit_of_state(report.worst());
}

constexpr auto footer =
    "Reads only. With a share (--warn-within 20%), a certificate that has the notBefore of its CA, as kubeadm before\n"
    "1.31 issued them, counts as valid for at most a year.\n\n";

void add_output_options(CLI::App& command, CheckOptions& options) {
  command.add_option("-o,--output", options.output, "How to print the report [text]")
      ->check(CLI::IsMember({"text", "wide", "json", "yaml", "prometheus"}))
      ->option_text("text|wide|json|yaml|prometheus");
  command
      .add_option("--output-file", options.output_file, "Write to this file, atomically, instead of standard output")
      ->option_text("FILE");
  command.add_flag("--quiet", options.quiet, "Print only what needs attention, nothing if nothing does");
  command.add_flag("--exit-zero", options.exit_zero, "Exit with 0 whatever is found, as kubeadm does");
}

}  // namespace

void add_check_expiration(CLI::App& app, Run& run) {
  auto* command =
      app.add_subcommand("check-expiration", "Report when every certificate expires, and what is wrong with it");
  auto options = std::make_shared<CheckOptions>();
  add_layout_options(*command, options->cluster);
  command
      ->add_option("--config", options->cluster.config_file,
                   "kubeadm configuration file to compare with [the saved configuration]")
      ->option_text("FILE");
  command
      ->add_option("--kubelet-dir", options->kubelet_dir,
                   "Directory of the kubelet's certificates [/var/lib/kubelet/pki]")
      ->option_text("DIR");
  command->add_option("--also", options->also, "Also report this file or directory; may be repeated")
      ->allow_extra_args(false)
      ->option_text("PATH");
  command
      ->add_option("--warn-within", options->warn_within,
                   "Warn this long before the expiry: 30d, 720h, or 20% of the validity period [30d]")
      ->option_text("TIME");
  command
      ->add_option("--as-of", options->as_of, "Report as of another time: 2027-01-31, 2027-01-31T12:00:00Z, +90d [now]")
      ->option_text("TIME");
  add_live_options(*command, options->live);
  add_output_options(*command, *options);
  command->footer(footer + exit_help({ok, failed, usage, expiring, attention}));
  command->callback([options, &run] { run = [options] { return run_check(*options); }; });
}

}  // namespace cli
