// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tracer.hpp"
#include "tree.hpp"

namespace faults {

using Words = std::vector<std::string>;

/// Row is one scenario: how to come to the state before it, and the command that is disturbed. A word that begins with
/// "@/" is a file beside the site.
struct Row {
  const char* name;
  Words run;
  std::vector<Words> prepare{};        ///< commands that make the state before, all undisturbed
  std::vector<std::string> shared{};   ///< files that get a group and an attribute after the first of them
  std::vector<std::string> missing{};  ///< files that are taken away after the last
  std::vector<std::string> away{};     ///< files that are moved to "@/" after the first: their holder is elsewhere
  Words killed{};                      ///< and this command is begun, and killed …
  const char* killed_after{""};        ///< … after the first call that has this in its text, and
  int more{0};                         ///< … this many further calls
  bool exact{false};                   ///< the new bytes are the same in every run
  bool toggles{false};                 ///< to run it again leads back
  bool once{false};                    ///< to run it again is an error
  bool partial{false};                 ///< does what it can, and reports the rest; only reads of its files fail
};

[[nodiscard]] const std::vector<Row>& rows();
/// Returns the row with this name. Throws std::out_of_range.
[[nodiscard]] const Row& row_named(std::string_view name);

/// Returns the names of the certificates and kubeconfigs that a renewal of everything renews.
[[nodiscard]] std::vector<std::string> renewable();

/// Workplace is where one worker runs scenarios, and the program that is tested.
struct Workplace {
  std::filesystem::path program;
  std::filesystem::path directory;

  /// site is the directory that the program works on; its path is in files, so it is the same every time.
  [[nodiscard]] std::filesystem::path site() const { return directory / "site"; }
  [[nodiscard]] Command command(const Words& words) const;
};

using Roots = std::array<Visible, 3>;
[[nodiscard]] Roots see_all(const std::filesystem::path& site);

/// Scenario is a row brought to life: the state before, and one undisturbed run from it.
struct Scenario {
  const Row* row{nullptr};
  Tree before;
  Roots old_files;
  Tree after;
  Roots new_files;
  Outcome reference;
  Tree base;            ///< where a command was killed to come to the state before: the state before that command …
  Outcome interrupted;  ///< … and what it did until then
};

/// has_command says whether the program knows a command.
[[nodiscard]] bool has_command(const Workplace& place, const std::string& name);
/// Returns the names of the keys whose holder is elsewhere.
[[nodiscard]] Words keys_elsewhere(const Row& row);
/// prepare makes the state before the command of a row, which nothing killed so far. Throws std::runtime_error when a
/// command fails.
void prepare(const Workplace& place, const Row& row);
/// set_up plays a row once. Throws std::runtime_error when a command that nobody disturbs fails.
[[nodiscard]] Scenario set_up(const Workplace& place, const Row& row);

}  // namespace faults
