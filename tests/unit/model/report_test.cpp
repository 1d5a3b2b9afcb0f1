// SPDX-License-Identifier: Apache-2.0
#include <pki/report.hpp>

#include <optional>

#include <support/catch.hpp>

#include "inventory_builder.hpp"

using namespace pki;

namespace {

ReportRow unmanaged(State state, std::optional<std::chrono::sys_seconds> not_after) {
  ReportRow row;
  row.state = state;
  if (not_after) row.certificate.emplace().not_after = *not_after;
  return row;
}

}  // namespace

TEST_CASE("the totals of a report count its unmanaged certificates by state, and have the earliest end") {
  Report report;
  report.others = {unmanaged(State::valid, build::now + build::day),
                   unmanaged(State::valid, build::now + 2 * build::day),
                   unmanaged(State::expired, build::now - build::day), unmanaged(State::invalid, std::nullopt)};
  // Rows of the catalog are no unmanaged ones.
  report.certificates = {unmanaged(State::expired, build::now - 9 * build::day)};
  report.others.push_back(report.certificates.front());
  report.others.back().row = &default_catalog().rows().front();
  const auto totals = total(report, 12);
  CHECK(totals.files == 12);
  CHECK(totals.certificates == 3);
  CHECK(totals.of(State::valid) == 2);
  CHECK(totals.of(State::expired) == 1);
  CHECK(totals.of(State::invalid) == 1);
  CHECK(totals.of(State::expiring) == 0);
  CHECK(totals.earliest_end == build::now - build::day);
}

TEST_CASE("the totals of nothing have no end") {
  Report report;
  report.others = {unmanaged(State::invalid, std::nullopt)};
  const auto totals = total(report, 1);
  CHECK(totals.certificates == 0);
  CHECK_FALSE(totals.earliest_end);
}
