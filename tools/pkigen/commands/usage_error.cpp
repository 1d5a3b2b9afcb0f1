// SPDX-License-Identifier: Apache-2.0
#include "commands/usage_error.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "commands/command_tree.hpp"
#include "commands/suggest.hpp"

namespace cli {

namespace {

using Words = std::vector<std::string>;

Words command_names(const CLI::App& app) {
  Words names;
  for (const auto* command : commands_of(app))
    names.push_back(command->get_name());
  return names;
}

void append_flags(const CLI::App& app, Words& flags) {
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames())
      flags.push_back("--" + name);
    for (const auto& name : option->get_snames())
      flags.push_back("-" + name);
  }
}

std::string see_help(const CLI::App* command) {
  return "see `pkigen " + (command == nullptr ? "" : full_name(*command) + " ") + "--help`";
}

// The messages of CLI11 are sentences, some of which begin with the name of an argument.
std::string in_lower_case(std::string message) {
  const auto is_upper = [&](std::size_t at) { return at < message.size() && message[at] >= 'A' && message[at] <= 'Z'; };
  if (is_upper(0) && !is_upper(1)) message.front() = static_cast<char>(message.front() - 'A' + 'a');
  return message;
}

pki::Error error_with(const std::string& message, const std::string& suggestion, const CLI::App* command) {
  return {
      pki::Errc::invalid_config,
      {pki::Rule::usage, pki::Severity::error, "", message, {}, suggestion.empty() ? see_help(command) : suggestion}};
}

pki::Error unknown_flag(const CLI::App& app, const CLI::App* command, const std::string& word) {
  const auto flag = word.substr(0, word.find('='));
  Words known;
  if (command != nullptr) append_flags(*command, known);
  append_flags(app, known);
  return error_with("unknown flag \"" + flag + "\"", did_you_mean(flag, known), command);
}

}  // namespace

pki::Error unknown_command(const CLI::App& app, const std::string& word) {
  const auto* group = app.get_parent() == nullptr ? nullptr : &app;
  return error_with("unknown command \"" + word + "\"", did_you_mean(word, command_names(app)), group);
}

pki::Error unexpected_argument(const CLI::App& command, const std::string& word) {
  return error_with("unexpected argument \"" + word + "\"", {}, &command);
}

pki::Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto* command = chosen_command(app);
  const auto unknown = app.remaining(true);
  if (!unknown.empty()) {
    const auto& word = unknown.front();
    if (word.starts_with('-')) return unknown_flag(app, command, word);
    if (command != nullptr && is_group(*command)) return unknown_command(*command, word);
    if (command != nullptr) return unexpected_argument(*command, word);
    return unknown_command(app, word);
  }
  if (command == nullptr || is_group(*command)) return error_with("a command is missing", {}, command);
  return error_with(in_lower_case(error.what()), {}, command);
}

}  // namespace cli
