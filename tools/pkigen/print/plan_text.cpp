// SPDX-License-Identifier: Apache-2.0
#include "print/plan_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <fmt/format.h>

#include <pki/time.hpp>

namespace cli {

namespace {

struct Words {
  pki::Action action;
  std::string_view past;
  std::string_view future;
};

constexpr std::array words{
    Words{pki::Action::create, "created", "create"},      Words{pki::Action::complete, "completed", "complete"},
    Words{pki::Action::renew, "renewed", "renew"},        Words{pki::Action::keep, "kept", "keep"},
    Words{pki::Action::external, "external", "external"}, Words{pki::Action::skip, "skipped", "skip"},
};

std::string_view word(pki::Action action, Tense tense) {
  const auto found = std::ranges::find(words, action, &Words::action);
  return tense == Tense::past ? found->past : found->future;
}

template <class T>  // CertSpec or Certificate
std::string details_of(const T& certificate, const pki::Step& step) {
  if (step.row->form == pki::Form::bare_key) return fmt::format("{} key pair", step.algorithm());
  auto text = fmt::format("{}, until {}", certificate.common_name, pki::to_day(certificate.not_after));
  if (!step.algorithm().empty()) text += ", " + step.algorithm();
  if (step.action() == pki::Action::keep && step.reason != "valid") text += ", " + step.reason;
  return text;
}

std::string details(const pki::Step& step) {
  if (step.action() == pki::Action::skip || step.action() == pki::Action::complete) return step.reason;
  if (step.row->has_token() && step.action() == pki::Action::create)
    return fmt::format("{}, with a token", step.spec()->common_name);
  if (const auto* spec = step.spec()) return details_of(*spec, step);
  if (!step.found.certificate && step.row->form != pki::Form::bare_key) return step.reason;
  return details_of(step.found.certificate.value_or(pki::Certificate{}), step);
}

std::string names_line(const pki::Step& step) {
  if (step.row->profile != pki::Profile::server && step.row->profile != pki::Profile::peer) return {};
  if (step.action() != pki::Action::create && step.action() != pki::Action::keep) return {};
  std::vector<pki::GeneralName> sans;
  if (const auto* spec = step.spec())
    sans = spec->sans;
  else if (step.found.certificate)
    sans = step.found.certificate->sans;
  std::string names;
  for (const auto& name : sans)
    names += (names.empty() ? "" : " ") + to_text(name);
  return fmt::format("           names: {}\n", names);
}

std::string sum(const pki::Plan& plan, Tense tense) {
  std::string text;
  for (const auto& [action, past, future] : words) {
    const auto number = std::ranges::count(plan.steps, action, &pki::Step::action);
    if (number > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number,
                          tense == Tense::past ? past : "to " + std::string(future));
  }
  return text;
}

}  // namespace

std::string to_text(const pki::Plan& plan, Tense tense) {
  std::string text = fmt::format("Certificates in {}, kubeconfigs in {}\n\n", plan.layout.certificates_dir.string(),
                                 plan.layout.kubeconfig_dir.string());
  for (const auto& step : plan.steps) {
    text += fmt::format("{:<10} {:<26} {}\n", word(step.action(), tense), step.row->name, details(step));
    text += names_line(step);
  }
  text += fmt::format("\n{}{}\n", sum(plan, tense), plan.changes() ? "" : "; nothing to do");
  return text;
}

std::string count(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

}  // namespace cli
