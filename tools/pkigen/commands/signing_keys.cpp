// SPDX-License-Identifier: Apache-2.0
#include "commands/signing_keys.hpp"

#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <pki/catalog.hpp>
#include <pki/error.hpp>

#include "host/passphrase.hpp"

namespace cli {

namespace {

constexpr auto flag = "--ca-key";

/// Returns the row of a CA with this name or alias, or null.
const pki::CatalogRow* try_find_ca(std::string_view name) {
  const auto* row = pki::default_catalog().try_find_row(name);
  return row != nullptr && row->is_ca() ? row : nullptr;
}

/// Returns the file for the passphrase of a CA: one that names the CA, else one for all; empty without any. A name may
/// be that of a CA of the configuration. What begins with a directory is a file, whatever follows.
std::string passphrase_file(const std::string& ca, const SigningKeyOptions& options) {
  std::string for_all;
  for (const auto& value : options.passphrase_files) {
    const auto equals = value.find('=');
    const auto name = value.substr(0, equals);
    const auto* row = try_find_ca(name);
    if (equals == std::string::npos || (row == nullptr && name.find('/') != std::string::npos))
      for_all = value;
    else if ((row == nullptr ? name : row->name) == ca)
      return value.substr(equals + 1);
  }
  return for_all;
}

pki::SecretString passphrase_of(const std::string& ca, const std::string& uri, const SigningKeyOptions& options) {
  if (const auto file = passphrase_file(ca, options); !file.empty()) return read_passphrase_file(file);
  const auto credential = fmt::format("pkigen.{}.passphrase", ca);
  if (auto passed = read_credential(credential)) return *std::move(passed);
  if (auto typed = ask_at_terminal(fmt::format("Passphrase or PIN of {} ({}): ", ca, pki::to_plain(uri, uri.size()))))
    return *std::move(typed);
  throw pki::Error(
      pki::Errc::not_found, uri, "needs a passphrase or PIN, and there is none",
      fmt::format("pass --ca-key-passphrase-file, set the systemd credential {}, or run at a terminal", credential));
}

}  // namespace

void add_signing_key_options(CLI::App& command, SigningKeyOptions& options) {
  command
      .add_option(flag, options.keys,
                  "Where the key of a CA is: file:/path, pkcs11:..., handle:0x81000001; may be repeated")
      ->allow_extra_args(false)
      ->option_text("CA=URI");
  command
      .add_option("--ca-key-passphrase-file", options.passphrase_files,
                  "File with the passphrase or PIN of such a key; CA=FILE for one CA; may be repeated")
      ->allow_extra_args(false)
      ->option_text("FILE");
}

SigningKeys parse_signing_keys(const SigningKeyOptions& options) {
  SigningKeys parsed;
  for (const auto& value : options.keys) {
    const auto equals = value.find('=');
    const auto name = value.substr(0, equals);
    const auto* row = try_find_ca(name);
    if (equals == std::string::npos || name.find(':') != std::string::npos)
      parsed.problems.push_back({pki::Rule::invalid_value,
                                 pki::Severity::error,
                                 flag,
                                 fmt::format("invalid value \"{}\", expected CA=URI", pki::shown_key_uri(value)),
                                 {},
                                 "for example ca=pkcs11:token=pki;object=ca"});
    else  // validation refuses an unknown name
      parsed.uris[row == nullptr ? name : std::string(row->name)] = value.substr(equals + 1);
  }
  return parsed;
}

pki::Signer open_ca_key(const std::string& ca, const std::string& uri, const SigningKeyOptions& options) {
  // The TPM's library prints every error, which is reported here as well. Who asks for its messages gets them.
  ::setenv("TSS2_LOG", "all+none", 0);
  return pki::open_signer(uri, [&](const std::string& shown) { return passphrase_of(ca, shown, options); });
}

pki::Signers open_signers(const std::set<std::string_view>& cas, const pki::Inventory& inventory,
                          const SigningKeyOptions& options) {
  pki::Signers signers;
  for (const auto name : cas) {
    const auto& ca = inventory.find(name);
    if (ca.signing_key.empty()) continue;
    auto signer = open_ca_key(std::string(name), ca.signing_key, options);
    if (const auto* certificate = ca.certificate()) pki::check_pair(signer, *certificate);
    signers.emplace(name, std::move(signer));
  }
  return signers;
}

std::set<std::string_view> signing_cas(const pki::Plan& plan) {
  std::set<std::string_view> cas;
  for (const auto& step : plan.steps)
    if (step.spec() != nullptr && !step.row->issuer.empty() && !step.row->has_token()) cas.insert(step.row->issuer);
  return cas;
}

}  // namespace cli
