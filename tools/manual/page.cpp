// SPDX-License-Identifier: Apache-2.0
#include "page.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <pki/catalog.hpp>

#include "commands/command_tree.hpp"
#include "commands/option_rows.hpp"

namespace manual {

namespace {

std::string bold(std::string_view text) { return "\\fB" + to_roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + to_roff(text) + "\\fR"; }

std::string title(std::string_view name, std::string_view section, const Edition& edition) {
  std::string upper(name);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return fmt::format(".TH \"{}\" {} \"{}\" \"pkigen {}\" \"Kubernetes PKI\"\n", to_roff(upper), section, edition.date,
                     edition.version);
}

std::string name_section(const std::string& name, std::string about) {
  about.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(about.front())));
  if (about.ends_with('.')) about.pop_back();
  return fmt::format(".SH NAME\n{} \\- {}\n", to_roff(name), to_roff(about));
}

std::string synopsis(const CLI::App& app, const CLI::App* command) {
  if (command == nullptr)
    return fmt::format(".SH SYNOPSIS\n{} [{}]... {} [{}]...\n", bold(app.get_name()), italic("OPTION"),
                       italic("COMMAND"), italic("OPTION"));
  auto line =
      fmt::format(".SH SYNOPSIS\n{} [{}]...", bold(app.get_name() + " " + cli::full_name(*command)), italic("OPTION"));
  if (cli::is_group(*command)) line += " " + italic("COMMAND") + " [" + italic("OPTION") + "]...";
  for (const auto* option : command->get_options([](const CLI::Option* each) { return each->get_positional(); })) {
    const auto name = italic(option->get_name(true));
    line += option->get_required() ? " " + name : " [" + name + "]";
    if (option->get_items_expected_max() > 1) line += "...";
  }
  return line + "\n";
}

std::string sentence(std::string_view text) { return to_roff(text) + (text.ends_with('.') ? "\n" : ".\n"); }

std::string option_entry(const cli::OptionRow& row) {
  std::string names;
  for (const auto& name : row.names)
    names += (names.empty() ? "" : ", ") + (row.is_argument ? italic(name) : bold(name));
  if (row.takes_value()) names += " " + italic(row.value);
  if (row.repeats) names += "...";
  return ".TP\n" + names + "\n" + sentence(row.help) +
         (row.fallback.empty() ? "" : "Default: " + sentence(row.fallback));
}

std::string options(const CLI::App& command) {
  std::string text = ".SH OPTIONS\n";
  auto rows = cli::option_rows(command);
  std::stable_partition(rows.begin(), rows.end(), [](const auto& row) { return row.is_argument; });
  for (const auto& row : rows)
    text += option_entry(row);
  return text;
}

std::string command_list(const CLI::App& app, const CLI::App& group) {
  std::string text = ".SH COMMANDS\n";
  for (const auto* command : cli::commands_of(group))
    text += fmt::format(".TP\n.BR {} (1)\n{}", to_roff(page_name(app, command)), sentence(command->get_description()));
  return text;
}

std::string files_of(const pki::CatalogRow& row) {
  switch (row.form) {
    case pki::Form::kubeconfig:
      return italic(row.path);
    case pki::Form::bare_key:
      return fmt::format("{}, {}", italic(fmt::format("pki/{}.key", row.path)),
                         italic(fmt::format("pki/{}.pub", row.path)));
    case pki::Form::key_pair:
      break;
  }
  return fmt::format("{}, {}", italic(fmt::format("pki/{}.crt", row.path)),
                     italic(fmt::format("pki/{}.key", row.path)));
}

std::string row_entry(const pki::CatalogRow& row) {
  const auto issuer = row.issuer.empty() ? std::string() : fmt::format(", issued by {}", bold(row.issuer));
  return fmt::format(".TP\n{}\n{}: {}{}.\n", bold(row.name), files_of(row), to_roff(row.description), issuer);
}

std::string row_list() {
  std::string text =
      ".SH ROWS\nThese are the names that commands take and print, with the files below\n.I /etc/kubernetes\nand the "
      "CA.\n";
  for (const auto& row : pki::default_catalog().rows())
    text += row_entry(row);
  text +=
      ".PP\nThese are off unless\n.BR \"pkigen init \\-\\-with\"\nor the configuration switches them on; a "
      "configuration may list further ones, see\n.BR pkigen.yaml (5).\n";
  for (const auto& row : pki::optional_rows())
    text += row_entry(row);
  return text;
}

// The footer of a help text ends with these lines: two blanks, the status, two blanks, its meaning.
std::string exit_statuses(const CLI::App& command) {
  const auto footer = command.get_footer();
  constexpr std::string_view heading = "Exit status:\n";
  const auto start = footer.find(heading);
  if (start == std::string::npos) throw std::runtime_error(command.get_name() + ": its help has no exit statuses");
  std::string text = ".SH EXIT STATUS\n";
  std::istringstream lines(footer.substr(start + heading.size()));
  for (std::string line; std::getline(lines, line);)
    text += fmt::format(".TP\n{}\n{}", bold(line.substr(2, 1)), sentence(line.substr(5)));
  return text;
}

}  // namespace

std::string to_roff(std::string_view text) {
  std::string roff;
  if (text.starts_with('.') || text.starts_with('\'')) roff = "\\&";
  bool quoted = false;
  for (const char c : text) {
    switch (c) {
      case '\\':
        roff += "\\e";
        break;
      case '-':
        roff += "\\-";
        break;
      case '\'':
        roff += "\\(aq";
        break;
      case '`':
        quoted = !quoted;
        roff += quoted ? "\\fB" : "\\fR";
        break;
      default:
        roff += c;
    }
  }
  return roff;
}

std::string page_name(const CLI::App& app, const CLI::App* command) {
  if (command == nullptr) return app.get_name();
  auto name = app.get_name() + " " + cli::full_name(*command);
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string command_page(const CLI::App& app, const CLI::App* command, std::string_view written,
                         const Edition& edition) {
  const auto name = page_name(app, command);
  constexpr std::string_view first = ".SH DESCRIPTION\n";
  if (!written.starts_with(first)) throw std::runtime_error(name + ": the written sections begin with DESCRIPTION");
  const auto rest = std::min(written.find("\n.SH ", first.size()), written.size() - 1) + 1;
  const auto& described = command == nullptr ? app : *command;
  std::string text = title(name, "1", edition);
  text += name_section(name, described.get_description());
  text += synopsis(app, command);
  text += written.substr(0, rest);
  if (cli::is_group(described)) text += command_list(app, described);
  text += options(described);
  if (command == nullptr) text += row_list();
  text += exit_statuses(described);
  text += written.substr(rest);
  return text;
}

std::string written_page(std::string_view name, std::string_view written, const Edition& edition) {
  const auto dot = name.rfind('.');
  return title(name.substr(0, dot), name.substr(dot + 1), edition).append(written);
}

}  // namespace manual
