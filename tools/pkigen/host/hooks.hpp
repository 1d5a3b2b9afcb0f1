// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/config.hpp>
#include <pki/error.hpp>

namespace CLI {
class App;
}

namespace cli {

/// HookOptions are commands to run around the writing of certificates, with the names that certbot uses.
struct HookOptions {
  std::string pre;     ///< before anything changes, when something is to be written; its failure stops that
  std::string deploy;  ///< once, when something was written
  std::string post;    ///< when the attempt is over, however it ended
  std::string
      directory;       ///< holds executables that are run as deploy hooks, in the order of their names, before `deploy`
  double timeout{60};  ///< seconds for each
};

void add_hook_options(CLI::App& command, HookOptions& options);

/// hook_help documents the environment that hooks of a command see.
[[nodiscard]] std::string hook_help(std::string_view command);

/// Hooks runs the commands with `/bin/sh -c`. A failure is a Finding that names the hook.
class Hooks {
 public:
  using Rows = std::vector<const pki::CatalogRow*>;

  /// `command` is what the hooks see as PKIGEN_COMMAND.
  Hooks(const HookOptions& options, const pki::Layout& layout, std::string_view command)
      : options_(options), layout_(layout), command_(command) {}

  [[nodiscard]] bool has_deploy() const { return !options_.deploy.empty() || !options_.directory.empty(); }
  [[nodiscard]] std::vector<pki::Finding> pre(const Rows& rows) const;
  /// Runs all deploy hooks, whether or not one fails.
  [[nodiscard]] std::vector<pki::Finding> deploy(const Rows& rows) const;
  [[nodiscard]] std::vector<pki::Finding> post(const Rows& rows) const;

 private:
  void run(std::vector<pki::Finding>& findings, const std::string& name, const std::vector<std::string>& arguments,
           const Rows& rows) const;
  void run_command(std::vector<pki::Finding>& findings, const char* flag, const std::string& command,
                   const Rows& rows) const;
  [[nodiscard]] std::vector<std::string> environment(const Rows& rows) const;

  const HookOptions& options_;
  const pki::Layout& layout_;
  std::string_view command_;
};

}  // namespace cli
