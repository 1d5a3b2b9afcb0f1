// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/backup.hpp>
#include <pki/time.hpp>

#include "commands/clock.hpp"
#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/request.hpp"
#include "commands/write_options.hpp"
#include "print/output.hpp"
#include "print/remedy_text.hpp"

namespace cli {

namespace {

struct BackupOptions {
  ClusterOptions cluster;
  WriteOptions write;
  std::string id;
  std::string output{"text"};
};

int run_backups(const BackupOptions& options) {
  const auto layout = parse_request(options.cluster).layout;
  const auto backups = pki::list_backups(layout);
  if (options.output == "json") {
    print(pki::to_json(backups));
    return ok;
  }
  for (const auto& backup : backups)
    print(fmt::format("{:<40} {}  before {}\n", backup.id, pki::to_rfc3339(backup.made), backup.command));
  if (backups.empty()) print(fmt::format("{}: no backups\n", layout.certificates_dir.string()));
  return ok;
}

int run_undo(const BackupOptions& options) {
  const auto layout = parse_request(options.cluster).layout;
  const auto now = clock_now();
  check_clock(now);
  const auto lock = take_lock(layout, options.write);
  auto result = pki::undo(options.id, lock, commit_options("undo", options.write, now));
  result.written.notes = in_words(std::move(result.written.notes));
  warn(result.written.notes);
  if (options.output == "json") {
    print(pki::to_json(result));
    return ok;
  }
  print(fmt::format("restored {}\nRestart or reload what uses these files; `{}` reports their state.\n",
                    result.restored.id, command_for("check-expiration", layout)));
  return ok;
}

}  // namespace

void add_backups(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("backups", "List the backups of replaced files, oldest first");
  auto options = std::make_shared<BackupOptions>();
  add_layout_options(*command, options->cluster);
  add_output_option(*command, options->output);
  command->footer(exit_help({ok, failed, usage}));
  command->callback([options, &run] { run = [options] { return run_backups(*options); }; });
}

void add_undo(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("undo", "Restore the files of a backup, byte for byte");
  auto options = std::make_shared<BackupOptions>();
  command->add_option("ID", options->id, "Backup to restore, see `pkigen backups` [the last]")->option_text(" ");
  add_layout_options(*command, options->cluster);
  add_write_options(*command, options->write);
  add_output_option(*command, options->output);
  command->footer("Replaced files are backed up first, so that an undo can be undone.\n\n" +
                  exit_help({ok, failed, usage, locked}));
  command->callback([options, &run] { run = [options] { return run_undo(*options); }; });
}

}  // namespace cli
