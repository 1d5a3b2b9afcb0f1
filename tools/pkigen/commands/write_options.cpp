// SPDX-License-Identifier: Apache-2.0
#include "commands/write_options.hpp"

#include <CLI/CLI.hpp>

#include "print/output.hpp"

namespace cli {

void add_lock_option(CLI::App& command, WriteOptions& options) {
  command.add_option("--lock-timeout", options.lock_timeout, "Seconds to wait for another pkigen [10]")
      ->check(CLI::Range(0.0, 86400.0))
      ->option_text("SECONDS");
}

void add_write_options(CLI::App& command, WriteOptions& options) {
  add_lock_option(command, options);
  command.add_option("--keep-backups", options.keep_backups, "How many backups of replaced files to keep [5]")
      ->check(CLI::Range(1, 10000))
      ->option_text("NUMBER");
  command.add_flag("--no-backup", options.no_backup, "Do not back up replaced files");
}

void add_output_option(CLI::App& command, std::string& output) {
  command.add_option("-o,--output", output, "How to print the result [text]")
      ->check(CLI::IsMember({"text", "json"}))
      ->option_text("text|json");
}

std::chrono::milliseconds lock_timeout(const WriteOptions& options) {
  return std::chrono::milliseconds(static_cast<long>(options.lock_timeout * 1000));
}

pki::Lock take_lock(const pki::Layout& layout, const WriteOptions& options) {
  auto lock = pki::lock(layout, lock_timeout(options));
  warn(lock.recovered());
  return lock;
}

pki::CommitOptions commit_options(const char* command, const WriteOptions& options, std::chrono::sys_seconds now) {
  return {.command = command, .now = now, .keep_backups = options.no_backup ? 0 : options.keep_backups};
}

}  // namespace cli
