// SPDX-License-Identifier: Apache-2.0
#include "host/hooks.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <pki/renewal.hpp>
#include <pki/shell.hpp>

#include "host/process.hpp"
#include "print/output.hpp"

namespace cli {

namespace {

using Findings = std::vector<pki::Finding>;

// A user who may write to a hook has root's rights.
std::optional<pki::Finding> find_unsafe(const struct stat& facts, const std::string& path, const std::string& what) {
  const bool foreign = facts.st_uid != 0 && facts.st_uid != ::geteuid();
  const bool open = (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  if (!foreign && !open) return std::nullopt;
  const auto word = pki::to_shell_word(path);
  const auto own = foreign ? fmt::format("chown {} {}", ::geteuid(), word) : "";
  const auto close = open ? "chmod go-w " + word : "";
  return pki::Finding{
      pki::Rule::hook_unsafe,
      pki::Severity::error,
      path,
      fmt::format("not run, {}{}", what, foreign ? "belongs to another user" : "others may write to it"),
      {},
      own + (foreign && open ? " && " : "") + close};
}

bool is_hidden_or_backup(const std::string& name) { return name.starts_with('.') || name.ends_with('~'); }

std::vector<std::string> names_in(const std::string& directory, Findings& findings) {
  std::vector<std::string> names;
  std::error_code error;
  struct stat facts {};
  std::filesystem::directory_iterator item(directory, error);
  if (!error && ::stat(directory.c_str(), &facts) != 0) error.assign(errno, std::generic_category());
  if (error) {
    findings.push_back(
        {pki::Rule::hook_failed, pki::Severity::error, directory, "cannot read the hooks: " + error.message()});
    return names;
  }
  if (auto unsafe = find_unsafe(facts, std::filesystem::absolute(directory), "the directory ")) {
    findings.push_back(std::move(*unsafe));
    return names;
  }
  for (; item != std::filesystem::directory_iterator(); item.increment(error))
    names.push_back(item->path().filename());
  std::erase_if(names, is_hidden_or_backup);
  std::ranges::sort(names);
  return names;
}

// Returns the executable regular files, sorted by name.
std::vector<std::string> executables_in(const std::string& directory, Findings& findings) {
  std::vector<std::string> paths;
  for (const auto& name : names_in(directory, findings)) {
    const auto path = std::filesystem::absolute(std::filesystem::path(directory) / name).string();
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode) || (facts.st_mode & 0111) == 0) continue;
    if (auto unsafe = find_unsafe(facts, path, ""))
      findings.push_back(std::move(*unsafe));
    else
      paths.push_back(path);
  }
  return paths;
}

std::string join(const std::vector<std::string_view>& words, std::string_view separator) {
  return fmt::format("{}", fmt::join(words, separator));
}

}  // namespace

void add_hook_options(CLI::App& command, HookOptions& options) {
  const auto add = [&](const char* flag, std::string& value, const char* help) {
    command.add_option(flag, value, help)
        ->option_text(std::string_view(flag) == "--hook-dir" ? "DIR" : "COMMAND")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  };
  add("--pre-hook", options.pre, "Command before certificates are written; when it fails none is");
  add("--deploy-hook", options.deploy, "Command once after certificates were written");
  add("--post-hook", options.post, "Command when the attempt is over");
  add("--hook-dir", options.directory, "Directory of executables to run as deploy hooks");
  command.add_option("--hook-timeout", options.timeout, "Seconds before a hook is killed [60]")
      ->check(CLI::Range(0.1, 86400.0))
      ->option_text("SECONDS");
}

std::string hook_help(std::string_view command) {
  return fmt::format(
      "Hooks are run by /bin/sh and see PKIGEN_COMMAND ({}), PKIGEN_RENEWED (names, separated by blanks),\n"
      "PKIGEN_PATHS (files, one a line), PKIGEN_RESTART and PKIGEN_RELOAD (processes, separated by blanks),\n"
      "PKIGEN_CERT_DIR and PKIGEN_KUBECONFIG_DIR. A deploy hook that fails is run again by the next renew.",
      command);
}

std::vector<std::string> Hooks::environment(const Rows& rows) const {
  std::vector<std::string_view> names;
  std::string paths;
  for (const auto* row : rows) {
    names.push_back(row->name);
    const bool kubeconfig = row->form == pki::Form::kubeconfig;
    const auto stem = ((kubeconfig ? layout_.kubeconfig_dir : layout_.certificates_dir) / row->path).string();
    paths += kubeconfig ? fmt::format("{}\n", stem) : fmt::format("{0}.crt\n{0}.key\n", stem);
  }
  const auto restarts = pki::required_restarts(rows);
  return {fmt::format("PKIGEN_COMMAND={}", command_),
          "PKIGEN_RENEWED=" + join(names, " "),
          "PKIGEN_PATHS=" + paths,
          "PKIGEN_RESTART=" + join(restarts.restart, " "),
          "PKIGEN_RELOAD=" + join(restarts.reload, " "),
          "PKIGEN_CERT_DIR=" + layout_.certificates_dir.string(),
          "PKIGEN_KUBECONFIG_DIR=" + layout_.kubeconfig_dir.string()};
}

void Hooks::run(Findings& findings, const std::string& name, const std::vector<std::string>& arguments,
                const Rows& rows) const {
  note("running " + name);
  const auto timeout = std::chrono::milliseconds(static_cast<long>(options_.timeout * 1000));
  if (const auto failure = run_process(arguments, environment(rows), timeout))
    findings.push_back({pki::Rule::hook_failed, pki::Severity::error, name, *failure});
}

void Hooks::run_command(Findings& findings, const char* flag, const std::string& command, const Rows& rows) const {
  if (!command.empty()) run(findings, flag, {"/bin/sh", "-c", command}, rows);
}

Findings Hooks::pre(const Rows& rows) const {
  Findings findings;
  run_command(findings, "--pre-hook", options_.pre, rows);
  return findings;
}

Findings Hooks::deploy(const Rows& rows) const {
  Findings findings;
  if (!options_.directory.empty())
    for (const auto& path : executables_in(options_.directory, findings))
      run(findings, path, {path}, rows);
  run_command(findings, "--deploy-hook", options_.deploy, rows);
  return findings;
}

Findings Hooks::post(const Rows& rows) const {
  Findings findings;
  run_command(findings, "--post-hook", options_.post, rows);
  return findings;
}

}  // namespace cli
