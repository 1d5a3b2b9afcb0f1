// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <utility>

#include <base/calendar.hpp>
#include <support/catch.hpp>

using namespace pki::base;
using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

namespace {

constexpr sys_seconds noon = sys_days{std::chrono::year{2027} / 1 / 31} + 12h + 3min + 4s;

constexpr sys_seconds first_instant = sys_days{std::chrono::year{0} / 1 / 1};
constexpr sys_seconds last_instant = sys_days{std::chrono::year{10000} / 1 / 1} - 1s;

}  // namespace

TEST_CASE("an instant is written in each form, with all leading zeros") {
  CHECK(rfc3339(noon) == "2027-01-31T12:03:04Z");
  CHECK(compact(noon) == "20270131T120304Z");
  CHECK(to_date(noon) == "2027-01-31 12:03:04 UTC");
  CHECK(to_day(noon) == "2027-01-31");
  CHECK(to_table_date(noon) == "Jan 31, 2027 12:03 UTC");
  CHECK(to_table_date(sys_days{std::chrono::year{2050} / 12 / 1}) == "Dec 01, 2050 00:00 UTC");
  CHECK(to_table_date(sys_days{std::chrono::year{50} / 1 / 2}) == "Jan 02, 0050 00:00 UTC");
  CHECK(rfc3339(first_instant) == "0000-01-01T00:00:00Z");
  CHECK(rfc3339(sys_seconds{0s}) == "1970-01-01T00:00:00Z");
  CHECK(rfc3339(sys_seconds{951782400s}) == "2000-02-29T00:00:00Z");
  CHECK(rfc3339(sys_seconds{-1s}) == "1969-12-31T23:59:59Z");
  CHECK(rfc3339(sys_days{std::chrono::year{9999} / 12 / 31} + 86399s) == "9999-12-31T23:59:59Z");
}

TEST_CASE("RFC 3339 is read in every form that it allows") {
  struct Case {
    const char* text;
    sys_seconds instant;
  };
  for (const Case& c :
       {Case{"2027-01-31", sys_days{std::chrono::year{2027} / 1 / 31}}, Case{"2027-01-31T12:03:04Z", noon},
        Case{"2027-01-31t12:03:04z", noon}, Case{"2027-01-31 12:03:04Z", noon},
        Case{"2027-01-31T12:03:04.987654Z", noon}, Case{"2027-01-31T14:03:04+02:00", noon},
        Case{"2027-01-30T23:33:04-12:30", noon},
        Case{"2026-12-31T23:59:60Z", sys_days{std::chrono::year{2027} / 1 / 1}},
        Case{"2028-02-29", sys_days{std::chrono::year{2028} / 2 / 29}},
        Case{"2026-12-31T15:59:60-08:00", sys_days{std::chrono::year{2027} / 1 / 1}},
        Case{"2027-01-31T12:03:04-00:00", noon}, Case{"9999-12-31T23:59:59Z", last_instant},
        Case{"9999-12-31T22:59:59-01:00", last_instant}, Case{"0000-01-01T01:00:00+01:00", first_instant},
        Case{"0001-01-01T00:00:00Z", sys_days{std::chrono::year{1} / 1 / 1}}}) {
    CAPTURE(c.text);
    CHECK(parse_rfc3339(c.text) == c.instant);
  }
}

TEST_CASE("what is not RFC 3339 is refused") {
  for (const char* text : {"",
                           "2027",
                           "2027-1-31",
                           "2027-01-31T",
                           "2027-01-31T12:03Z",
                           "2027-01-31T12:03:04",
                           "2027-01-31T12:03:04.Z",
                           "2027-01-31T12:03:04+0200",
                           "2027-01-31T12:03:04+24:00",
                           "2027-01-31T12:03:04+02:60",
                           "2027-01-31T12:03:04Zx",
                           "2027-01-31x",
                           " 2027-01-31",
                           "2027-02-29",
                           "2027-13-01",
                           "2027-00-10",
                           "2027-01-00",
                           "2027-01-32",
                           "2027-01-31T24:00:00Z",
                           "2027-01-31T12:60:00Z",
                           "2027-01-31T12:03:61Z",
                           "2027-01-31T12:03:60Z",
                           "2027-01-31T23:59:60+02:00",
                           "2027-01-31T12:03:04,5Z",
                           "2027-01-31T12:03:04.5",
                           "2027-01-31T12:03:04.5+0200",
                           "2027-01-31T12:03:04 Z",
                           "1900-02-29",
                           "2100-02-29",
                           "9999-12-31T23:59:59-00:01",
                           "9999-12-31T23:59:60Z",
                           "0000-01-01T00:00:00+00:01",
                           "10000-01-01",
                           "+027-01-31",
                           "-027-01-31",
                           "2027/01/31",
                           "20270131T120304Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}

TEST_CASE("the compact form is read exactly as it is written") {
  CHECK(parse_compact(compact(noon)) == noon);
  for (const char* text :
       {"", "20270131T120304", "20270131T120304Zx", "2027-01-31T12:03:04Z", "20270231T120304Z", "20270131T250304Z",
        "20270131T126004Z", "20270131T120360Z", "-0270131T120304Z", "20270131t120304z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_compact(text));
  }
}

TEST_CASE("fields and instants are the same thing in both directions") {
  for (const auto day : {-719'162, -25'567, -1, 0, 11'016, 20'000, 2'932'896}) {
    const sys_seconds instant = sys_days{std::chrono::days{day}} + 23h + 59min + 58s;
    CAPTURE(day);
    CHECK(to_instant(fields_of(instant)) == instant);
  }
  CHECK_FALSE(to_instant({2027, 2, 29, 0, 0, 0}));
  CHECK_FALSE(to_instant({2027, 1, -1, 0, 0, 0}));
  CHECK_FALSE(to_instant({2027, 1, 1, 0, 0, 60}));
}

TEST_CASE("a length of time is in days, below two days in hours, below two hours in minutes") {
  const std::pair<std::chrono::seconds, const char*> cases[] = {
      {0s, "0 minutes"}, {60s, "1 minute"},      {119min, "119 minutes"}, {2h - 1s, "119 minutes"},
      {2h, "2 hours"},   {48h - 1s, "47 hours"}, {48h, "2 days"},         {8760h, "365 days"},
  };
  for (const auto& [span, expected] : cases)
    CHECK(days_text(span) == expected);
}
