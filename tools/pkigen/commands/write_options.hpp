// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include <pki/commit.hpp>

namespace CLI {
class App;
}

namespace cli {

/// The options of every command that writes.
struct WriteOptions {
  double lock_timeout{10};
  std::size_t keep_backups{5};
  bool no_backup{false};
};

void add_lock_option(CLI::App& command, WriteOptions& options);
void add_write_options(CLI::App& command, WriteOptions& options);

/// add_output_option adds -o text|json.
void add_output_option(CLI::App& command, std::string& output);

[[nodiscard]] std::chrono::milliseconds lock_timeout(const WriteOptions& options);

/// take_lock waits for the lock, and warns about interrupted runs that it finished or rolled back.
[[nodiscard]] pki::Lock take_lock(const pki::Layout& layout, const WriteOptions& options);
[[nodiscard]] pki::CommitOptions commit_options(const char* command, const WriteOptions& options,
                                                std::chrono::sys_seconds now);

}  // namespace cli
