// SPDX-License-Identifier: Apache-2.0
#include "model/row_state.hpp"

#include <support/catch.hpp>

#include "inventory_builder.hpp"

using namespace std::chrono_literals;
using build::day;
using build::now;
using pki::State;

namespace {

pki::ReportRow row_until(std::chrono::sys_seconds not_after) {
  pki::ReportRow row;
  row.certificate.emplace().not_before = now - 100 * day;
  row.certificate->not_after = not_after;
  return row;
}

}  // namespace

TEST_CASE("the end of a chain is one before that of the certificate, and that of the CA has its own row") {
  auto row = row_until(now + 50 * day);
  pki::model::set_chain_end(row, nullptr);
  CHECK_FALSE(row.chain_end);
  const pki::TrustPath same{now - day, now + 50 * day, {}};
  pki::model::set_chain_end(row, &same);
  CHECK_FALSE(row.chain_end);
  const pki::TrustPath shorter{now - day, now + 40 * day, {false, 2}};
  pki::model::set_chain_end(row, &shorter);
  CHECK(row.chain_end == now + 40 * day);
  CHECK_FALSE(row.ends_with_ca);
  const pki::TrustPath with_ca{now - day, now + 30 * day, {true, 1}};
  pki::model::set_chain_end(row, &with_ca);
  CHECK(row.chain_end == now + 30 * day);
  CHECK(row.ends_with_ca);
}

TEST_CASE("the state follows from the dates of the certificate and of its chain") {
  struct Case {
    std::chrono::seconds own;
    std::chrono::seconds chain_begin;
    std::chrono::seconds chain_end;
    State state;
    const char* reason;
  };
  const Case cases[] = {
      {50 * day, -day, 50 * day, State::valid, ""},
      {50 * day, -day, 40 * day, State::valid, ""},
      {20 * day, -day, 20 * day, State::expiring, "expires on"},
      {50 * day, -day, 20 * day, State::expiring, "certificate 2 expires on"},
      {50 * day, -day, -1s, State::expired, "certificate 2 expired on"},
      {-1s, -day, -1s, State::expired, "expired on"},
      {50 * day, 1s, 50 * day, State::not_yet_valid, "its chain is not valid before"},
      {50 * day, 0s, 50 * day, State::valid, ""},
      {50 * day, -day, 0s, State::expiring, "certificate 2 expires on"},
  };
  for (const auto& [own, chain_begin, chain_end, state, reason] : cases) {
    auto row = row_until(now + own);
    const pki::TrustPath path{now + chain_begin, now + chain_end, {false, 2}};
    pki::model::set_chain_end(row, &path);
    pki::model::set_state_by_dates(row, nullptr, now, {});
    CHECK(pki::model::set_state_by_path(row, path, "certificate 2", now) == (state == State::not_yet_valid));
    CAPTURE(row.reason);
    CHECK(row.state == state);
    CHECK(row.reason.starts_with(reason));
    CHECK(row.reason.empty() == (state == State::valid));
  }
}

TEST_CASE("a certificate that is not valid yet keeps its own reason") {
  auto row = row_until(now + 50 * day);
  row.certificate->not_before = now + day;
  const pki::TrustPath path{now + 2 * day, now + 50 * day, {}};
  pki::model::set_state_by_dates(row, nullptr, now, {});
  CHECK_FALSE(pki::model::set_state_by_path(row, path, "certificate 2", now));
  CHECK(row.state == State::not_yet_valid);
  CHECK_THAT(row.reason, contains("not valid before 2026-11-22"));
}
