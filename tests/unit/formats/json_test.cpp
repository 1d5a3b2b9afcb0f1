// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <chrono>
#include <utility>

#include <pki/certificate.hpp>

#include "formats/report/json.hpp"

using namespace pki;
using std::chrono::seconds;
using std::chrono::sys_seconds;

TEST_CASE("a name has a type, and one of an unknown type is hex") {
  const std::pair<GeneralName, const char*> cases[] = {
      {{GeneralName::Kind::dns, "a"}, R"({"type":"DNS","value":"a"})"},
      {{GeneralName::Kind::ip, "::1"}, R"({"type":"IP","value":"::1"})"},
      {{GeneralName::Kind::email, "a@b"}, R"({"type":"email","value":"a@b"})"},
      {{GeneralName::Kind::uri, "u:x"}, R"({"type":"URI","value":"u:x"})"},
      {{GeneralName::Kind::other, "\x01\xff"}, R"({"type":"other","value":"01ff"})"},
  };
  for (const auto& [name, expected] : cases)
    CHECK(formats::json_of(name).dump() == expected);
}

TEST_CASE("a time is text, at and before the epoch and in the last second, too") {
  const std::pair<long long, const char*> cases[] = {
      {1795222095, "\"2026-11-21T00:48:15Z\""},
      {0, "\"1970-01-01T00:00:00Z\""},
      {-1, "\"1969-12-31T23:59:59Z\""},
      {-631'152'000, "\"1950-01-01T00:00:00Z\""},
      {253'402'300'799, "\"9999-12-31T23:59:59Z\""},
  };
  for (const auto& [time, expected] : cases)
    CHECK(formats::json_of(sys_seconds{seconds{time}}).dump() == expected);
}
