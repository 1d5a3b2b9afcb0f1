// SPDX-License-Identifier: Apache-2.0
#include "commands/complete.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <pki/backup.hpp>
#include <pki/catalog.hpp>
#include <pki/key.hpp>
#include <pki/time.hpp>

#include "commands/cluster_options.hpp"
#include "commands/command_tree.hpp"
#include "commands/completion_scripts.hpp"
#include "commands/option_rows.hpp"
#include "commands/request.hpp"

namespace cli {

namespace {

using Rows = std::vector<OptionRow>;

/// A command line before its last word.
struct Typed {
  const CLI::App& app;
  const CLI::App* command{nullptr};
  Rows rows{};                                  ///< of the program and of the command
  std::map<std::string, std::string> values{};  ///< flag → value
  std::optional<OptionRow> open{};              ///< the option whose value comes next
  std::vector<std::string> arguments{};         ///< of the command
  bool is_unknown{false};                       ///< the command is not known
  bool only_arguments{false};                   ///< after "--"
};

void add(std::string& lines, std::string_view word, std::string_view description = {}) {
  lines.append(word).append("\t").append(description).append("\n");
}

template <class Range>
std::string words_of(const Range& range) {
  std::string lines = "words\n";
  for (const auto& each : range)
    if constexpr (std::is_enum_v<typename Range::value_type>)
      add(lines, pki::to_string(each));
    else
      add(lines, each);
  return lines;
}

std::string directories(const Typed& /*typed*/) { return "directories\n"; }
std::string files(const Typed& /*typed*/) { return "files\n"; }

std::string algorithms(const Typed& /*typed*/) {
  using enum pki::KeyAlgorithm;
  return words_of(std::array{rsa_2048, rsa_3072, rsa_4096, ecdsa_p256, ecdsa_p384});
}

std::string namings(const Typed& /*typed*/) {
  return words_of(std::array{pki::Naming::recommended, pki::Naming::kubeadm});
}

std::string roles(const Typed& /*typed*/) {
  using enum pki::Role;
  return words_of(std::array{first_control_plane, joining_control_plane, etcd_host, worker, ca_host});
}

// The words are as typed: no shell has put the home directory in place of ~ yet.
std::string path_of(const Typed& typed, const char* flag) {
  const auto found = typed.values.find(flag);
  if (found == typed.values.end()) return {};
  const auto* home = std::getenv("HOME");
  return found->second.starts_with("~/") && home != nullptr ? home + found->second.substr(1) : found->second;
}

ClusterOptions layout_of(const Typed& typed) {
  ClusterOptions options;
  options.cert_dir = path_of(typed, "--cert-dir");
  options.kubeconfig_dir = path_of(typed, "--kubeconfig-dir");
  return options;
}

// Completion never reads from a pipe, and no file is in the way of a word.
pki::Catalog catalog_of(const Typed& typed) try {
  auto options = layout_of(typed);
  std::error_code error;
  const auto config = path_of(typed, "--config");
  if (std::filesystem::is_regular_file(config, error)) options.config_file = config;
  return catalog_of(parse_request(options));
} catch (const pki::Error&) {
  return pki::default_catalog();
}

std::string catalog_rows(const Typed& typed) {
  const auto catalog = catalog_of(typed);
  std::string lines = "words\n";
  for (const auto& row : catalog.rows())
    add(lines, row.name, row.description);
  return lines;
}

std::string optional_rows(const Typed& /*typed*/) {
  std::string lines = "words\n";
  for (const auto& row : pki::optional_rows())
    add(lines, row.name, row.description);
  return lines;
}

std::string catalog_rows_or_all(const Typed& typed) {
  auto lines = catalog_rows(typed);
  add(lines, "all", "everything that can be renewed");
  return lines;
}

std::string commands_in(const CLI::App& group) {
  std::string lines = "words\n";
  for (const auto* command : commands_of(group))
    add(lines, command->get_name(), command->get_description());
  return lines;
}

// `help` takes the name of a command, and after that of a group the name of one of its commands.
std::string commands(const Typed& typed) {
  const auto* group = &typed.app;
  for (const auto& word : typed.arguments)
    if (group != nullptr) group = find_command(*group, word);
  return group == nullptr ? "words\n" : commands_in(*group);
}

std::string shells(const Typed& /*typed*/) { return words_of(completion_shells()); }

std::string backups(const Typed& typed) {
  std::string lines = "words\n";
  for (const auto& backup : pki::list_backups(parse_request(layout_of(typed)).layout))
    add(lines, backup.id, pki::to_rfc3339(backup.made) + ", before " + backup.command);
  return lines;
}

/// What a value or an argument of this name can be. Others are free text.
struct Kind {
  std::string_view name;
  std::string (*offer)(const Typed&);
};

constexpr std::array value_kinds{
    Kind{"DIR", directories},       Kind{"FILE", files},           Kind{"PATH", files},     Kind{"COMMAND", files},
    Kind{"ROW,...", optional_rows}, Kind{"ALGORITHM", algorithms}, Kind{"NAMING", namings}, Kind{"ROLE", roles},
    Kind{"ROW", catalog_rows},
};
constexpr std::array argument_kinds{
    Kind{"ROW", catalog_rows}, Kind{"NAME", catalog_rows_or_all}, Kind{"ID", backups},
    Kind{"SHELL", shells},     Kind{"COMMAND", commands},         Kind{"FILE", files},
};

std::string offer(std::span<const Kind> kinds, std::string_view name, const Typed& typed) {
  const auto kind = std::ranges::find(kinds, name, &Kind::name);
  return kind == kinds.end() ? "words\n" : kind->offer(typed);
}

std::string offer_values(const OptionRow& option, const Typed& typed) {
  if (option.value.find('|') == std::string::npos) return offer(value_kinds, option.value, typed);
  std::string lines = "words\n";
  std::istringstream words(option.value);
  for (std::string word; std::getline(words, word, '|');)
    add(lines, word);
  return lines;
}

std::string offer_flags(const Typed& typed) {
  std::string lines = "words\n";
  for (const auto& row : typed.rows)
    if (!row.is_argument)
      for (const auto& name : row.names)
        add(lines, name, row.help);
  return lines;
}

std::string offer_argument(const Typed& typed) {
  if (typed.command == nullptr) return commands_in(typed.app);
  if (is_group(*typed.command)) return commands_in(*typed.command);
  std::size_t number = 0;
  for (const auto& row : typed.rows)
    if (row.is_argument && (row.repeats || number++ == typed.arguments.size()))
      return offer(argument_kinds, row.names.front(), typed);
  return "words\n";
}

const OptionRow* find_flag(const Rows& rows, std::string_view name) {
  const auto row = std::ranges::find_if(rows, [&](const auto& each) {
    return !each.is_argument && std::ranges::find(each.names, name) != each.names.end();
  });
  return row == rows.end() ? nullptr : &*row;
}

void read_flag(Typed& typed, const std::string& word) {
  const auto equals = word.find('=');
  const auto* row = find_flag(typed.rows, word.substr(0, equals));
  if (row == nullptr || !row->takes_value()) return;
  if (equals == std::string::npos)
    typed.open = *row;
  else
    typed.values[row->names.back()] = word.substr(equals + 1);
}

void read_argument(Typed& typed, const std::string& word) {
  const bool in_group = typed.command != nullptr && is_group(*typed.command);
  if ((typed.command != nullptr && !in_group) || typed.is_unknown) {
    typed.arguments.push_back(word);
    return;
  }
  const auto* found = find_command(in_group ? *typed.command : typed.app, word);
  typed.is_unknown = found == nullptr;
  if (typed.is_unknown) return;
  typed.command = found;
  for (auto& row : option_rows(*typed.command))
    if (find_flag(typed.rows, row.names.back()) == nullptr) typed.rows.push_back(std::move(row));  // --help is in both
}

void read_word(Typed& typed, const std::string& word) {
  if (typed.open) {
    typed.values[typed.open->names.back()] = word;
    typed.open.reset();
  } else if (!typed.only_arguments && word == "--") {
    typed.only_arguments = true;
  } else if (!typed.only_arguments && word.starts_with('-') && word.size() > 1) {
    read_flag(typed, word);
  } else {
    read_argument(typed, word);
  }
}

}  // namespace

std::string complete(const CLI::App& app, std::span<const std::string> words) {
  Typed typed{.app = app, .rows = option_rows(app)};
  const std::string last = words.empty() ? "" : words.back();
  for (const auto& word : words.first(words.empty() ? 0 : words.size() - 1))
    read_word(typed, word);
  if (typed.is_unknown) return "words\n";
  if (typed.open) return offer_values(*typed.open, typed);
  if (typed.only_arguments || !last.starts_with('-')) return offer_argument(typed);
  const auto equals = last.find('=');
  if (equals == std::string::npos) return offer_flags(typed);
  const auto* flag = find_flag(typed.rows, last.substr(0, equals));
  return flag == nullptr ? "words\n" : offer_values(*flag, typed);
}

}  // namespace cli
