// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pki/config.hpp>
#include <pki/creation.hpp>
#include <pki/plan.hpp>
#include <pki/renewal.hpp>
#include <pki/report.hpp>

namespace cli {

/// CallFlags is what a suggested command repeats, because this call was given it; empty: it was not.
struct CallFlags {
  std::string cert_dir;
  std::string kubeconfig_dir;
  std::string config;
};

/// remedy_text words a remedy with the commands of this program, so that they can be copied into a shell as they are.
/// Empty where there is no remedy.
[[nodiscard]] std::string remedy_text(const pki::Remedy& remedy, const CallFlags& flags);

/// set_call_flags stores the flags of this call for the functions below.
void set_call_flags(CallFlags flags);
/// Returns a command of this program with the flags of this call: "pkigen renew all --cert-dir /k/pki" for "renew all".
[[nodiscard]] std::string own_command(std::string_view words);
/// Returns a command with the directories of a PKI, for those that take no configuration file.
[[nodiscard]] std::string command_for(std::string_view words, const pki::Layout& layout);
[[nodiscard]] std::string hint_of(const pki::Finding& finding);

/// in_words returns its argument with the remedies worded, as the library shall write them into JSON.
[[nodiscard]] std::vector<pki::Finding> in_words(std::vector<pki::Finding> findings);
[[nodiscard]] pki::Plan in_words(pki::Plan plan);
[[nodiscard]] pki::Creation in_words(pki::Creation creation);
[[nodiscard]] pki::Renewal in_words(pki::Renewal renewal);
[[nodiscard]] pki::Report in_words(pki::Report report);

}  // namespace cli
