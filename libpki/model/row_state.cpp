// SPDX-License-Identifier: Apache-2.0
#include "model/row_state.hpp"

#include "base/calendar.hpp"
#include "model/window.hpp"

namespace pki::model {

void set_state_by_dates(ReportRow& row, const Certificate* issuer, std::chrono::sys_seconds now, const Window& window) {
  const auto& certificate = *row.certificate;
  if (now < certificate.not_before) {
    row.state = State::not_yet_valid;
    row.reason = "not valid before " + base::to_date(certificate.not_before);
  } else if (now > row.end()) {
    row.state = State::expired;
    row.reason = "expired on " + base::to_date(row.end());
  } else if (ends_within(row.end(), certificate, issuer, now, window)) {
    row.state = State::expiring;
    row.reason = "expires on " + base::to_date(row.end()) + ", within " + describe(window);
  }
}

void set_chain_end(ReportRow& row, const TrustPath* path) {
  if (path == nullptr || path->not_after >= row.certificate->not_after) return;
  row.chain_end = path->not_after;
  row.ends_with_ca = path->first_to_expire == ChainPlace{true, 1};
}

bool set_state_by_path(ReportRow& row, const TrustPath& path, const std::string& place, std::chrono::sys_seconds now) {
  if (row.chain_end && (row.state == State::expired || row.state == State::expiring)) row.reason.insert(0, place + " ");
  if (row.state == State::not_yet_valid || row.state == State::expired || path.not_before <= now) return false;
  row.state = State::not_yet_valid;
  row.reason = "its chain is not valid before " + base::to_date(path.not_before);
  return true;
}

}  // namespace pki::model
