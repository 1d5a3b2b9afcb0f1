// SPDX-License-Identifier: Apache-2.0
#include "print/request_text.hpp"

#include <vector>

#include <fmt/core.h>

#include <pki/shell.hpp>
#include <pki/time.hpp>

#include "print/plan_text.hpp"
#include "print/remedy_text.hpp"

namespace cli {

namespace {

std::string line_of(std::string_view word, std::string_view row, std::string_view details) {
  return fmt::format("{:<10} {:<26} {}\n", word, row, details);
}

std::string names_line(const std::vector<pki::GeneralName>& sans) {
  if (sans.empty()) return {};
  std::string names;
  for (const auto& name : sans)
    names += (names.empty() ? "" : " ") + to_text(name);
  return fmt::format("           names: {}\n", names);
}

std::string subject_of(const std::string& common_name, const std::vector<std::string>& organizations) {
  auto text = pki::to_plain(common_name);
  for (const auto& organization : organizations)
    text += ", O=" + pki::to_plain(organization);
  return text;
}

std::string next_step(const Outputs& outputs, const pki::Layout& layout) {
  if (outputs.bundle.empty() && outputs.directory.empty())
    return fmt::format("\nNext: `{}` writes them for the holder of the CA.\n",
                       own_command("csr create --bundle requests.json"));
  const auto name = pki::to_shell_word(outputs.bundle.empty() ? outputs.directory : outputs.bundle);
  const auto config = layout.saved_config().string();
  return fmt::format(
      "\nNext: give the holder of the CA {0} and {1}, who signs them with\n"
      "  pkigen csr sign {0} --config pkigen.yaml --bundle certificates.json\n"
      "and import the certificates here:\n  {2} certificates.json\n",
      name, pki::to_shell_word(config), own_command("csr import"));
}

}  // namespace

std::string to_text(const pki::RequestBundle& bundle, std::size_t made, const Outputs& outputs,
                    const pki::Layout& layout) {
  std::string text;
  for (const auto& item : bundle.items) {
    const auto& request = item.request;
    text += line_of("requested", item.row,
                    subject_of(request.common_name, request.organizations) + ", " + request.key_algorithm);
    text += names_line(request.sans);
  }
  if (bundle.items.empty()) return "nothing to request: no certificate of an external CA is missing or due\n";
  text += fmt::format("\n{}, {} of them new\n", count(bundle.items.size(), "request"), made);
  if (!outputs.bundle.empty()) text += fmt::format("digest: {}\n", bundle.digest);
  return text + next_step(outputs, layout);
}

std::string to_text(std::span<const pki::WaitingRequest> waiting, const pki::Layout& layout) {
  if (waiting.empty()) return fmt::format("{}: no requests\n", layout.certificates_dir.string());
  std::string text;
  for (const auto& one : waiting)
    text += line_of("waits", one.row,
                    fmt::format("{}, requested on {}{}{}", one.request.key_algorithm, pki::to_day(one.requested),
                                one.key ? "" : ", for the key that is here",
                                one.in_catalog ? "" : ", of a row that the configuration does not have"));
  return text;
}

std::string to_text(const pki::SigningPlan& plan, const std::string& digest) {
  std::string text;
  for (const auto& step : plan.steps) {
    const auto& spec = step.spec;
    const auto& name = step.item.row.empty() ? step.item.source : step.item.row;
    text += line_of("sign", name,
                    fmt::format("{}, {}, until {}, by {}", subject_of(spec.common_name, spec.organizations),
                                to_string(spec.profile), pki::to_day(spec.not_after), step.issuer->name));
    text += names_line(spec.sans);
  }
  text += fmt::format("\n{}\n", count(plan.steps.size(), "certificate"));
  return text + (digest.empty() ? "" : fmt::format("digest: {}\n", digest));
}

std::string to_text(const pki::Imported& imported, const pki::Layout& layout) {
  std::string text;
  for (const auto& issued : imported.issued)
    text += line_of(imported.dry_run ? "import" : "imported", issued.row->name,
                    fmt::format("{}, until {}", pki::to_plain(issued.certificate.common_name),
                                pki::to_day(issued.certificate.not_after)));
  if (imported.dry_run || imported.issued.empty()) return text;
  return text + fmt::format("\nRestart or reload what uses these files; `{}` reports their state.\n",
                            command_for("check-expiration", layout));
}

std::string requests_to_text(const pki::Plan& plan) {
  std::string text;
  for (const auto& step : plan.steps) {
    if (const auto* spec = step.spec()) {
      text += line_of("request", step.row->name,
                      fmt::format("{}, {}", subject_of(spec->common_name, spec->organizations), step.algorithm()));
      text += names_line(spec->sans);
    } else {
      text += line_of("skip", step.row->name, step.reason);
    }
  }
  return text;
}

}  // namespace cli
