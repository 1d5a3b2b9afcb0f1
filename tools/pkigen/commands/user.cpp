// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/pki.hpp>
#include <pki/shell.hpp>

#include "commands/api_requests.hpp"
#include "commands/clock.hpp"
#include "commands/cluster_options.hpp"
#include "commands/command.hpp"
#include "commands/failure.hpp"
#include "commands/session.hpp"
#include "commands/signing_keys.hpp"
#include "commands/user.hpp"
#include "commands/write_options.hpp"
#include "host/text_file.hpp"
#include "print/output.hpp"
#include "print/plan_text.hpp"
#include "print/progress.hpp"

namespace cli {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& subject, const std::string& message, const std::string& hint = {}) {
  throw pki::Error(pki::Errc::invalid_config, subject, message, hint);
}

void refuse_masters(const UserOptions& options, const pki::UserSpec& user, const std::string& subject) {
  const auto& groups = user.organizations;
  if (options.allow_masters || std::ranges::find(groups, pki::masters_group) == groups.end()) return;
  refuse(subject, fmt::format("in the group {}, to which no rule of the API server applies", pki::masters_group),
         "bind another group to the role cluster-admin, or pass --allow-masters");
}

pki::CertificateRequest read_request(const UserOptions& options) {
  auto requests = pki::parse_requests(read_text_file(options.request, 1, "a request"), options.request);
  if (requests.size() != 1) refuse(options.request, "holds more than one request");
  return std::move(requests.front());
}

pki::UserSpec one_user(const UserOptions& options) {
  pki::UserSpec user{.name = options.name,
                     .organizations = options.groups,
                     .validity = pki::parse_duration(options.valid_for),
                     .public_key_pem = {},
                     .key_file = {}};
  if (user.name.empty()) refuse("", "no user was named", "name one, or a file of users with --many");
  if (user.validity <= std::chrono::seconds{0}) refuse("--valid-for", "must be longer than zero", "for example 12h");
  refuse_masters(options, user, user.name);
  if (!options.request.empty()) {
    user.public_key_pem = pki::public_key_pem(read_request(options));
  } else if (!options.public_key.empty()) {
    user.public_key_pem = read_text_file(options.public_key, 1, "a public key");
  }
  if (!user.public_key_pem.empty()) user.key_file = user.name + ".key";
  return user;
}

// The name of a user is that of a file.
bool is_file_name(const std::string& name) {
  return name.find('/') == std::string::npos && !name.starts_with('.') && name.size() < 200;
}

// A line is a name and its groups. Every line that is wrong is reported.
std::vector<pki::UserSpec> many_users(const UserOptions& options) {
  std::istringstream lines(read_text_file(options.many, 16, "a list of users"));
  std::vector<pki::UserSpec> users;
  std::vector<pki::Finding> problems;
  std::set<std::string> names;
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::istringstream words(line.substr(0, line.find('#')));
    UserOptions user;
    user.groups = options.groups;
    user.valid_for = options.valid_for;
    user.allow_masters = options.allow_masters;
    if (!(words >> user.name)) continue;
    for (std::string group; words >> group;)
      user.groups.push_back(group);
    const auto subject = fmt::format("{}:{}", options.many, number);
    try {
      users.push_back(one_user(user));
      if (!is_file_name(user.name)) refuse(user.name, "is not the name of a file");
      if (!names.insert(user.name).second) refuse(user.name, "is the name of an earlier line");
    } catch (const pki::Error& error) {
      auto problem = error.finding();
      problem.message = fmt::format("{}: {}", problem.subject, problem.message);
      problem.subject = subject;
      problems.push_back(std::move(problem));
    }
  }
  if (!problems.empty()) throw InvalidConfiguration(std::move(problems));
  if (users.empty()) refuse(options.many, "no user is in this file", "write a name and its groups into each line");
  return users;
}

void check_outputs(const UserOptions& options) {
  if (options.use_api && !options.public_key.empty())
    refuse("--public-key", "the API of the cluster takes requests alone", "pass a request of the same key with --csr");
  if (!options.many.empty() && (!options.name.empty() || !options.public_key.empty() || !options.request.empty()))
    refuse("--many", "takes the place of a name, --csr and --public-key");
  if (!options.many.empty() && options.out.empty())
    refuse("--many", "needs a directory for the kubeconfigs", "name it with --out");
  if (options.output == "json" && options.out.empty())
    refuse("-o", "json has no key in it, and nothing says where the kubeconfig goes", "name a file with --out");
}

// Nobody can take a certificate back; what it may do is bound to its groups, or to its name.
void warn_about(const pki::UserSpec& user, std::chrono::sys_seconds end) {
  const auto whom = user.organizations.empty() ? fmt::format("--user={}", pki::to_shell_word(user.name))
                                               : fmt::format("--group={}", pki::to_shell_word(user.organizations[0]));
  warn(
      {pki::Rule::user_irrevocable,
       pki::Severity::warning,
       user.name,
       fmt::format("the certificate cannot be revoked before {}", pki::to_rfc3339(end)),
       {},
       fmt::format("grant rights with `kubectl create clusterrolebinding {} --clusterrole=view {}`, and take them back "
                   "by deleting the binding",
                   pki::to_shell_word(user.name), whom)});
}

fs::path path_for(const UserOptions& options, const pki::UserSpec& user) {
  return fs::absolute(options.many.empty() ? fs::path(options.out) : fs::path(options.out) / (user.name + ".conf"));
}

void make_directory(const UserOptions& options) {
  if (options.many.empty()) return;
  std::error_code failure;
  fs::create_directories(options.out, failure);
  if (failure) throw pki::Error(pki::Errc::io, options.out, "cannot make this directory: " + failure.message());
}

// The CA of the users is that of the kubeconfigs.
std::set<std::string_view> ca_of_users(const pki::Catalog& catalog) {
  const auto row = std::ranges::find(catalog.rows(), pki::Form::kubeconfig, &pki::CatalogRow::form);
  return row == catalog.rows().end() ? std::set<std::string_view>() : std::set{row->issuer};
}

std::vector<pki::UserKubeconfig> issue_here(const UserOptions& options, const std::vector<pki::UserSpec>& users,
                                            std::chrono::sys_seconds now) {
  const auto request = parse_request(options.cluster);
  refuse_problems(request);
  const auto session = open_session(request, ConfigUse::always, {}, pki::KeyCheck::sign_and_verify, pki::Links::follow);
  refuse_problems(*session.config);
  warn(session.config->warnings);
  check_clock(now);
  auto signers = open_signers(ca_of_users(session.inventory.catalog), session.inventory, options.cluster.signing);
  ProgressLine progress;
  return pki::issue_users(session.config->config.value(), session.inventory, users, now,
                          {.progress = progress.callback(), .signers = std::move(signers)});
}

std::vector<pki::UserRequest> make_requests(const UserOptions& options, const std::vector<pki::UserSpec>& users) {
  if (!options.request.empty()) return {pki::take_user_request(users.front(), read_request(options))};
  ProgressLine progress;
  return pki::make_user_requests(users, pki::ClusterConfig{}.algorithm, {.progress = progress.callback()});
}

// Nothing is written unless every user has a certificate.
std::vector<pki::UserKubeconfig> issue_by_api(const UserOptions& options, const std::vector<pki::UserSpec>& users,
                                              std::chrono::sys_seconds now) {
  const auto call = open_api(options.api, now);
  check_clock(now);
  const auto requests = make_requests(options, users);
  std::vector<Submission> submissions;
  for (const auto& one : requests)
    submissions.push_back(submission_of(one));
  auto result = request_from_api(submissions, call);
  if (!result.failures.empty()) throw NotCarriedOut(std::move(result.failures));
  std::vector<pki::UserKubeconfig> made;
  for (std::size_t i = 0; i < requests.size(); ++i)
    made.push_back(pki::user_kubeconfig(call.credentials, requests[i], result.requests[i], clock_now()));
  return made;
}

void add_options(CLI::App& app, UserOptions& options) {
  auto* name = app.add_option("NAME", options.name, "Name of the user: the common name of the certificate");
  name->option_text(" ");
  app.add_option("--client-name", options.name, "The same, as kubeadm has it")->excludes(name)->option_text("NAME");
  add_user_options(app, options)
      .back()
      ->description("Write the kubeconfig to this file (0600); with --many a directory [stdout]");
  app.add_option("--many", options.many, "Make one for each line of this file: a name and its groups")
      ->option_text("FILE");
  auto* key = app.add_option("--public-key", options.public_key,
                             "Sign for this public key; the kubeconfig names NAME.key instead of holding a key");
  key->option_text("FILE");
  app.add_option("--csr", options.request, "The same for the public key of a request, whose signature is verified")
      ->excludes(key)
      ->option_text("FILE");
  auto* use_api = app.add_flag("--use-api", options.use_api,
                               "Have the API of the cluster sign; server and CA are those of --kubeconfig");
  const auto of_api = add_api_options(app, options.api);
  use_api->needs(of_api.front())->option_text(" ");
  for (auto* option : of_api)
    option->needs(use_api);
  app.add_flag("--allow-masters", options.allow_masters, fmt::format("Allow the group {}", pki::masters_group));
  app.add_option("--config", options.cluster.config_file, "kubeadm configuration file [the saved configuration]")
      ->option_text("FILE");
  add_layout_options(app, options.cluster);
  add_signing_key_options(app, options.cluster.signing);
  add_output_option(app, options.output);
}

}  // namespace

std::array<CLI::Option*, 3> add_user_options(CLI::App& app, UserOptions& options) {
  return {
      app.add_option("--group,--org", options.groups, "Group of the user, as kubeadm's --org; may be repeated")
          ->allow_extra_args(false)
          ->option_text("GROUP"),
      app.add_option("--valid-for,--validity-period", options.valid_for,
                     "Validity period, at most to the end of the CA: 8h, 30d [12h]")
          ->option_text("TIME"),
      app.add_option("--out", options.out, "Write the kubeconfig to this file (0600); with --many a directory [stdout]")
          ->option_text("FILE")};
}

int run_user(const UserOptions& options) {
  check_outputs(options);
  const auto users = options.many.empty() ? std::vector{one_user(options)} : many_users(options);
  const auto now = clock_now();
  auto made = options.use_api ? issue_by_api(options, users, now) : issue_here(options, users, now);
  if (options.out.empty()) {
    print({made.front().text.data(), made.front().text.size()});
    warn_about(users.front(), made.front().certificate.not_after);
    return ok;
  }
  make_directory(options);
  for (std::size_t i = 0; i < users.size(); ++i) {
    made[i].path = path_for(options, users[i]);
    pki::save_kubeconfig(made[i].path, made[i].text);
  }
  if (options.output == "json")
    print(to_json(made));
  else
    for (const auto& one : made)
      print(fmt::format("{}: {}, until {}\n", one.path.string(), pki::to_plain(one.certificate.common_name),
                        pki::to_rfc3339(one.certificate.not_after)));
  if (options.many.empty()) warn_about(users.front(), made.front().certificate.not_after);
  return ok;
}

void add_user(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("user", "Make a kubeconfig for a person or a program");
  auto options = std::make_shared<UserOptions>();
  add_options(*command, *options);
  command->footer(
      "A certificate cannot be revoked: let it live as long as it is used, and bind rights to a group.\n\n" +
      exit_help({ok, failed, usage}));
  command->callback([options, &run] { run = [options] { return run_user(*options); }; });
}

}  // namespace cli
