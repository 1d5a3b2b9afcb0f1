#include <support/catch.hpp>

#include <chrono>
#include <utility>

#include "base/calendar.hpp"

namespace base = pki::base;

using std::chrono::seconds;
using std::chrono::sys_seconds;

TEST_CASE("a time is RFC 3339 text in UTC") {
  CHECK(base::rfc3339(sys_seconds{seconds{0}}) == "1970-01-01T00:00:00Z");
  CHECK(base::rfc3339(sys_seconds{seconds{1795222095}}) == "2026-11-21T00:48:15Z");
  CHECK(base::rfc3339(sys_seconds{seconds{951782400}}) == "2000-02-29T00:00:00Z");
  CHECK(base::rfc3339(sys_seconds{seconds{-1}}) == "1969-12-31T23:59:59Z");
  CHECK(base::rfc3339(sys_seconds{seconds{253402300799}}) == "9999-12-31T23:59:59Z");
}

TEST_CASE("a date for people is UTC and says so") {
  CHECK(base::to_date(sys_seconds{seconds{1795222095}}) == "2026-11-21 00:48:15 UTC");
}

TEST_CASE("a length of time is in days, below two days in hours, below two hours in minutes") {
  using namespace std::chrono_literals;
  const std::pair<seconds, const char*> cases[] = {
      {0s, "0 minutes"},      {60s, "1 minute"}, {119min, "119 minutes"}, {2h, "2 hours"},
      {48h - 1s, "47 hours"}, {48h, "2 days"},   {8760h, "365 days"},
  };
  for (const auto& [span, expected] : cases)
    CHECK(base::days_text(span) == expected);
}
