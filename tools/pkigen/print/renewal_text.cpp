// SPDX-License-Identifier: Apache-2.0
#include "print/renewal_text.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <variant>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <pki/time.hpp>

namespace cli {

namespace {

constexpr auto indent = "           ";

std::string_view word(pki::Action action, bool dry_run) {
  switch (action) {
    case pki::Action::renew:
      return dry_run ? "renew" : "renewed";
    case pki::Action::external:
      return "external";
    case pki::Action::skip:
      return dry_run ? "skip" : "skipped";
    default:
      return dry_run ? "keep" : "kept";
  }
}

std::string renewed_lines(const pki::Step& step, const pki::Renew& renew, const pki::Renewal& renewal) {
  const auto made = std::ranges::find(renewal.issued, step.row, &pki::Issued::row);
  // Whoever signs elsewhere may shorten what was planned.
  const auto end = made == renewal.issued.end() ? renew.spec.not_after : made->certificate.not_after;
  auto text = fmt::format("{}until {}, {}{} key", indent, pki::to_day(end), renew.reuse_key ? "the same " : "a new ",
                          renew.algorithm);
  if (made != renewal.issued.end() && step.found.certificate)
    text += fmt::format(", serial {} instead of {}", made->certificate.serial, step.found.certificate->serial);
  text += "\n";
  for (const auto& difference : renew.differences)
    text += fmt::format("{}{}\n", indent, difference);
  return text;
}

std::string sum(const pki::Renewal& renewal) {
  constexpr std::array actions{pki::Action::renew, pki::Action::keep, pki::Action::external, pki::Action::skip};
  std::string text;
  for (const auto action : actions) {
    const auto number = std::ranges::count(renewal.plan.steps, action, &pki::Step::action);
    if (number == 0) continue;
    const bool planned = renewal.dry_run && action == pki::Action::renew;
    text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", number, planned ? "to " : "", word(action, planned));
  }
  return text;
}

std::string restart_lines(const std::vector<const pki::CatalogRow*>& rows) {
  const auto restarts = pki::required_restarts(rows);
  std::string text;
  if (!restarts.restart.empty())
    text += fmt::format("Restart, they read their files only when they start: {}\n", fmt::join(restarts.restart, ", "));
  if (!restarts.reload.empty()) text += fmt::format("Reload by themselves: {}\n", fmt::join(restarts.reload, ", "));
  return text.empty() ? text : "\n" + text;
}

}  // namespace

std::string to_text(const pki::Renewal& renewal) {
  const auto& plan = renewal.plan;
  auto text = fmt::format("Certificates in {}, kubeconfigs in {}\n\n", plan.layout.certificates_dir.string(),
                          plan.layout.kubeconfig_dir.string());
  for (const auto& step : plan.steps) {
    text += fmt::format("{:<10} {:<26} {}\n", word(step.action(), renewal.dry_run), step.row->name, step.reason);
    if (const auto* renew = std::get_if<pki::Renew>(&step.what)) text += renewed_lines(step, *renew, renewal);
  }
  text += fmt::format("\n{}{}\n", sum(renewal), plan.changes() ? "" : "; nothing to do");
  return text + restart_lines(pki::renewed_rows(plan));
}

}  // namespace cli
