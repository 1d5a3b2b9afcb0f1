// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <memory>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/commit.hpp>

#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/request.hpp"
#include "commands/write_options.hpp"
#include "host/static_pods.hpp"
#include "print/output.hpp"
#include "print/remedy_text.hpp"

namespace cli {

namespace {

struct RecoverOptions {
  ClusterOptions cluster;
  WriteOptions write;
  std::string manifests_dir{"/etc/kubernetes/manifests"};
  std::string output{"text"};
};

int run_recover(const RecoverOptions& options) {
  const auto layout = parse_request(options.cluster).layout;
  const auto lock = pki::lock(layout, lock_timeout(options.write));
  auto recovered = lock.recovered();
  std::ranges::move(put_manifests_back(lock, options.manifests_dir), std::back_inserter(recovered));
  if (options.output == "json") {
    print(pki::recovered_to_json(in_words(recovered)));
    return ok;
  }
  for (const auto& finding : recovered)
    print(line(finding) + "\n");
  if (recovered.empty()) print(fmt::format("{}: nothing to recover\n", layout.certificates_dir.string()));
  return ok;
}

}  // namespace

void add_recover(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("recover", "Finish or roll back an interrupted run, and report which");
  auto options = std::make_shared<RecoverOptions>();
  add_layout_options(*command, options->cluster);
  command
      ->add_option("--manifests-dir", options->manifests_dir,
                   "Directory of the static pods' manifests [/etc/kubernetes/manifests]")
      ->option_text("DIR");
  add_lock_option(*command, options->write);
  add_output_option(*command, options->output);
  command->footer("Every command that writes does this first.\n\n" + exit_help({ok, failed, usage, locked}));
  command->callback([options, &run] { run = [options] { return run_recover(*options); }; });
}

}  // namespace cli
