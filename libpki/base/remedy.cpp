// SPDX-License-Identifier: Apache-2.0
#include <pki/finding.hpp>
#include <pki/shell.hpp>

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.hpp"

namespace pki::inline PKI_ABI {

namespace {

std::string listed(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " and ")); }

std::string listed_paths(std::vector<std::string> paths) {
  std::ranges::transform(paths, paths.begin(), to_shell_word);
  return listed(paths);
}

bool needs_escape(std::string_view octets, std::optional<char32_t> character) {
  return !character || base::is_control(*character) || octets == "`";
}

// Escapes what needs it, and what would end or begin an escape.
std::string escaped(std::string_view text) {
  std::string out = "$'";
  while (!text.empty()) {
    auto octets = text;
    const auto character = base::next_character(text);
    if (!character) text.remove_prefix(1);
    octets.remove_suffix(text.size());
    if (needs_escape(octets, character)) {
      for (const char c : octets)
        out += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    } else {
      if (octets == "'" || octets == "\\") out += '\\';
      out += octets;
    }
  }
  return out + "'";
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

std::string restore_or_init(const Remedy& remedy) {
  return fmt::format("restore {} from a backup, or move {} away and create {}", listed_paths(remedy.paths),
                     listed_paths(remedy.away), listed(remedy.rows));
}

std::string supply_ca_key(const Remedy& remedy) {
  const auto& names = remedy.rows;
  const std::vector<std::string> rest(names.begin() + (names.empty() ? 0 : 1), names.end());
  auto text = fmt::format("have the holder of {} sign it, or put the CA key at {}",
                          names.empty() ? "the CA" : names.front(), listed_paths(remedy.paths));
  if (!remedy.away.empty()) text += fmt::format(", move {} away", listed_paths(remedy.away));
  const auto* verb = remedy.kind == Remedy::Kind::supply_ca_key ? "renew" : "create";
  return rest.empty() ? text : fmt::format("{} and {} {}", text, verb, listed(rest));
}

}  // namespace

std::string to_shell_word(std::string_view text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+,-";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) return std::string(text);
  return base::is_plain_text(text) && text.find('`') == std::string_view::npos ? quoted(text) : escaped(text);
}

std::string to_text(const Remedy& remedy) {
  const auto rows = listed(remedy.rows);
  const auto paths = listed_paths(remedy.paths);
  switch (remedy.kind) {
    case Remedy::Kind::none:
      return {};
    case Remedy::Kind::advice:
      return remedy.text;
    case Remedy::Kind::set_field:
      return fmt::format("set {} in the configuration", remedy.text);
    case Remedy::Kind::set_option:
      return fmt::format("set {} in the call", remedy.text);
    case Remedy::Kind::init:
      return rows.empty() ? "create the PKI" : fmt::format("create {}", rows);
    case Remedy::Kind::renew:
      return fmt::format("renew {}", rows);
    case Remedy::Kind::prune_sans:
      return fmt::format("add the names to the configuration, or drop them in a renewal of {}", rows);
    case Remedy::Kind::restore:
      return fmt::format("restore {} from a backup or another control plane", paths);
    case Remedy::Kind::restore_or_init:
      return restore_or_init(remedy);
    case Remedy::Kind::recreate:
      return fmt::format("move {} away and create {}", paths, rows);
    case Remedy::Kind::supply_ca_key:
    case Remedy::Kind::supply_ca_key_to_init:
      return supply_ca_key(remedy);
    case Remedy::Kind::import_answer:
      return fmt::format("import the answer to the request for {}", rows);
    case Remedy::Kind::rotate_ca:
      return fmt::format("replace {} and everything that it signed", rows);
    case Remedy::Kind::rejoin_kubelet:
      return fmt::format(
          "the kubelet renews it while it is valid; once it has expired, move {} away, create {} and restart the "
          "kubelet",
          paths, rows);
    case Remedy::Kind::check_clock:
      return "check the clock of this host";
    case Remedy::Kind::name_config:
      return "name the configuration file of the cluster";
    case Remedy::Kind::name_kubeconfigs:
      return "name the directory of the kubeconfigs";
    case Remedy::Kind::list_backups:
      return "list the backups and choose one";
    case Remedy::Kind::name_directories:
      return fmt::format("use {} instead{}", paths, remedy.text.empty() ? "" : "; " + remedy.text);
    case Remedy::Kind::recover:
      return "the next command that writes finishes or undoes it";
    case Remedy::Kind::restart:
      return fmt::format("restart the processes that use {}", rows);
    case Remedy::Kind::run_hooks:
      return fmt::format("run the deploy hooks for {}", rows);
  }
  return {};
}

}  // namespace pki::inline PKI_ABI
