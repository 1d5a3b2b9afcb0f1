// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <pki/live.hpp>

#include "model/row_state.hpp"
#include "model/trust_path.hpp"

namespace pki::inline PKI_ABI {

namespace {

// Rows of unmanaged certificates have no DER names: serial, key and dates identify a certificate as well.
bool is_same(const Certificate& one, const Certificate& other) {
  return one.serial == other.serial && one.public_key_sha256 == other.public_key_sha256 &&
         one.not_before == other.not_before && one.not_after == other.not_after && one.issuer == other.issuer;
}

// Returns the row whose certificate is served; null without one.
const ReportRow* try_find_same(const std::vector<ReportRow>& rows, const Certificate& served) {
  const auto found = std::ranges::find_if(
      rows, [&](const ReportRow& row) { return row.certificate && is_same(*row.certificate, served); });
  return found == rows.end() ? nullptr : &*found;
}

const ReportRow* try_find(const Report& report, const std::string& name) {
  const auto found = std::ranges::find(report.certificates, name, &ReportRow::name);
  return found == report.certificates.end() || !found->certificate ? nullptr : &*found;
}

std::string place_text(const Served& served, const ChainPlace& place) {
  const auto subject = place.number == 1                          ? served.certificate->subject
                       : place.number - 2 < served.further.size() ? served.further[place.number - 2].subject
                                                                  : std::string("unknown");
  return fmt::format("certificate {} that it sends ({})", place.number, subject);
}

// Sets the state, and the reason where that is a certificate of the chain; the dates of the first one are in the table.
void judge_chain(ReportRow& row, const Served& served, std::chrono::sys_seconds now, const Window& window) {
  const auto* path = model::best_path(served.trust_paths, now);
  model::set_chain_end(row, path);
  model::set_state_by_dates(row, nullptr, now, window);
  const bool of_chain =
      path != nullptr && (model::set_state_by_path(row, *path, place_text(served, path->first_to_expire), now) ||
                          (row.chain_end && row.state != State::valid));
  if (!of_chain) row.reason.clear();
  if (!served.refusal) return;
  row.state = State::invalid;
  row.reason = model::describe_refusal(*served.refusal, place_text(served, served.refusal->at), Profile::server);
}

}  // namespace

ReportRow inspect_served(const Report& report, const std::string& endpoint, const std::string& name,
                         const Served& served, const Window& window, bool required) {
  ReportRow row;
  row.name = name.empty() ? endpoint : name;
  row.place = endpoint;
  row.optional = !required;
  if (!served.certificate) {
    row.state = required || served.answered ? State::invalid : State::missing;
    row.reason = (served.answered ? "" : "not reachable: ") + served.problem;
    return row;
  }
  row.certificate = served.certificate;
  row.certificate->pem.clear();
  judge_chain(row, served, report.now, window);
  const auto* expected = try_find(report, name);
  const auto* found = try_find_same(report.certificates, *served.certificate);
  const bool known = found != nullptr || try_find_same(report.others, *served.certificate) != nullptr;
  std::string compared = "as on disk";
  if (expected == nullptr) {
    if (!known) compared = "not a certificate that is known here";
  } else if (!is_same(*expected->certificate, *served.certificate)) {
    // Another row's: the server was given the files of that one.
    compared = found != nullptr ? "shows the certificate of " + found->name : "renewed, not yet served";
    row.state = std::max(row.state, found != nullptr ? State::invalid : State::expiring);
  }
  row.reason = row.reason.empty() ? compared : fmt::format("{}; {}", compared, row.reason);
  return row;
}

}  // namespace pki::inline PKI_ABI
