#include "print/renewal_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <pki/time.hpp>

namespace cli {

namespace {

constexpr auto indent = "           ";

std::string_view word(const pki::Step& step, bool dry_run) {
  switch (step.action) {
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

std::string renewed_lines(const pki::Step& step, const pki::Renewal& renewal) {
  const auto made = std::ranges::find(renewal.issued, step.row, &pki::Issued::row);
  auto text = fmt::format("{}until {}, {}{} key", indent, pki::to_day(step.spec.not_after),
                          step.reuse_key ? "the same " : "a new ", step.algorithm);
  if (made != renewal.issued.end())
    text += fmt::format(", serial {} instead of {}", made->certificate.serial, step.old_serial);
  text += "\n";
  for (const auto& difference : step.differences)
    text += fmt::format("{}{}\n", indent, difference);
  return text;
}

std::string sum(const pki::Renewal& renewal) {
  constexpr std::array actions{pki::Action::renew, pki::Action::keep, pki::Action::external, pki::Action::skip};
  std::string text;
  for (const auto action : actions) {
    const auto number = std::ranges::count(renewal.plan.steps, action, &pki::Step::action);
    if (number == 0) continue;
    pki::Step step;
    step.action = action;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number,
                        (renewal.dry_run && action == pki::Action::renew ? "to " : "") +
                            std::string(word(step, renewal.dry_run && action == pki::Action::renew)));
  }
  return text;
}

std::string pickup_lines(const std::vector<const pki::CatalogRow*>& rows) {
  const auto pickups = pki::pickups_of(rows);
  std::string text;
  if (!pickups.restart.empty())
    text += fmt::format("Restart, they read their files only when they start: {}\n", fmt::join(pickups.restart, ", "));
  if (!pickups.reload.empty()) text += fmt::format("Reload by themselves: {}\n", fmt::join(pickups.reload, ", "));
  return text.empty() ? text : "\n" + text;
}

}  // namespace

std::string to_text(const pki::Renewal& renewal) {
  const auto& plan = renewal.plan;
  auto text = fmt::format("Certificates in {}, kubeconfigs in {}\n\n", plan.layout.certificates_dir.string(),
                          plan.layout.kubeconfig_dir.string());
  for (const auto& step : plan.steps) {
    text += fmt::format("{:<10} {:<26} {}\n", word(step, renewal.dry_run), step.row->name, step.reason);
    if (step.action == pki::Action::renew) text += renewed_lines(step, renewal);
  }
  text += fmt::format("\n{}{}\n", sum(renewal), plan.changes() ? "" : "; nothing to do");
  return text + pickup_lines(pki::renewed_rows(plan));
}

}  // namespace cli
