#pragma once

#include <string>
#include <vector>

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

/// set_call_flags stores the flags of this call; hint_of and in_words use them.
void set_call_flags(CallFlags flags);
[[nodiscard]] std::string hint_of(const pki::Finding& finding);

/// in_words returns its argument with the remedies worded, as the library shall write them into JSON.
[[nodiscard]] std::vector<pki::Finding> in_words(std::vector<pki::Finding> findings);
[[nodiscard]] pki::Plan in_words(pki::Plan plan);
[[nodiscard]] pki::Renewal in_words(pki::Renewal renewal);
[[nodiscard]] pki::Report in_words(pki::Report report);

}  // namespace cli
