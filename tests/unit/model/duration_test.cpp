// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <pki/config.hpp>
#include <pki/error.hpp>

using pki::parse_duration;
using pki::to_string;
using std::chrono::seconds;

TEST_CASE("a duration is read as Go does, in whole seconds") {
  const std::pair<const char*, std::int64_t> table[] = {
      {"0", 0},
      {"+0", 0},
      {"-0", 0},
      {"0s", 0},
      {"1s", 1},
      {"1m", 60},
      {"1h", 3600},
      {"8760h", 31'536'000},
      {"87600h", 315'360'000},
      {"8760h0m0s", 31'536'000},
      {"1h30m", 5400},
      {"1h2m3s", 3723},
      {"3s2m1h", 3723},
      {"1h1h", 7200},
      {"0.5h", 1800},
      {".5h", 1800},
      {"1.h", 3600},
      {"1.5m", 90},
      {"+1h", 3600},
      {"007h", 25'200},
      {"999ms", 0},
      {"1000ms", 1},
      {"1500ms", 1},
      {"1000000us", 1},
      {"1000000\xc2\xb5s", 1},
      {"1000000\xce\xbcs", 1},
      {"1000000000ns", 1},
      {"600ms400ms", 1},
      {"0.9999999999s", 0},
      {"1h0.5s", 3600},
      {"-1h", -3600},
      {"-1h30m", -5400},
      {"-1.9s", -1},
  };
  for (const auto& [text, expected] : table) {
    CAPTURE(text);
    CHECK(parse_duration(text).count() == expected);
  }
}

TEST_CASE("a long duration loses no second") {
  const std::pair<const char*, std::int64_t> table[] = {
      {"5204069h55m10s", 18'734'651'710},       {"8760000h0m1s", 31'536'000'001},
      {"2628000h59m59s", 9'460'803'599},        {"300000d", 25'920'000'000},
      {"18734651709999ms", 18'734'651'709},     {"18734651709s600ms400ms", 18'734'651'710},
      {"9223372036854775807ns", 9'223'372'036}, {"18446744073709551615ns", 18'446'744'073},
      {"87839999h59m59.9s", 316'223'999'999},   {"-5204069h55m10s", -18'734'651'710},
  };
  for (const auto& [text, expected] : table) {
    CAPTURE(text);
    CHECK(parse_duration(text).count() == expected);
    CHECK(parse_duration(to_string(seconds{expected})).count() == expected);
  }
}

TEST_CASE("a duration of more than 10000 years is refused, however it is written") {
  for (const char* text :
       {"3660001d", "87840001h", "316224000001s", "87840000h1s", "87840000h600ms400ms", "99999999999999999999h",
        "1830001d1830001d", "184467440737095516150000000s", "-3660001d", "3660000.9d0.2d"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_duration(text), contains("longer than 10000 years"));
  }
  CHECK(parse_duration("3660000d") == std::chrono::hours{87'840'000});
}

TEST_CASE("a duration may be given in days") {
  CHECK(parse_duration("365d") == std::chrono::hours{8760});
  CHECK(parse_duration("1.5d") == std::chrono::hours{36});
  CHECK(parse_duration("1d12h") == std::chrono::hours{36});
}

TEST_CASE("a decimal fraction is exact wherever it gives whole seconds") {
  CHECK(parse_duration("4.1m") == seconds{246});
  CHECK(parse_duration("8.7m") == seconds{522});
  CHECK(parse_duration("2.05m") == seconds{123});
  CHECK(parse_duration("8760.1h") == seconds{31'536'360});
  const std::pair<const char*, std::int64_t> units[] = {{"m", 60}, {"h", 3600}, {"d", 86'400}};
  for (const auto& [unit, length] : units)
    for (std::int64_t hundredths = 0; hundredths < 3000; ++hundredths) {
      const auto fraction = hundredths % 100;
      const auto text =
          std::to_string(hundredths / 100) + (fraction < 10 ? ".0" : ".") + std::to_string(fraction) + unit;
      if (parse_duration(text).count() != hundredths * length / 100) FAIL(text);
    }
}

TEST_CASE("the length of a number does not matter, only its value") {
  CHECK(parse_duration(std::string(400, '0') + "1h") == seconds{3600});
  CHECK(parse_duration("0." + std::string(400, '9') + "h") == seconds{3599});
  CHECK(parse_duration("1." + std::string(400, '0') + "h") == seconds{3600});
}

TEST_CASE("a duration beyond 10000 years is refused whatever its sign") {
  CHECK(parse_duration("3652500d") == std::chrono::hours{24 * 3'652'500L});
  for (const auto& text :
       {std::string("3660001d"), std::string("-3660001d"), "1" + std::string(30, '0') + "s",
        std::string(400, '9') + "h", "-" + std::string(400, '9') + "d", std::string("3000000d3000000d")}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_duration(text), contains("longer than 10000 years"));
  }
}

TEST_CASE("a text that is no duration is refused with what is wrong in it") {
  const std::pair<const char*, const char*> table[] = {
      {"", "empty"},
      {"-", "empty"},
      {"+", "empty"},
      {" ", "expected a number"},
      {"h", "expected a number"},
      {".", "expected a number"},
      {".h", "expected a number"},
      {"--1h", "expected a number"},
      {"+-1h", "expected a number"},
      {"1h-1m", "expected a number"},
      {"1h 30m", "expected a number"},
      {" 1h", "expected a number"},
      {"inf", "expected a number"},
      {"nan", "expected a number"},
      {"1", "missing unit"},
      {"00", "missing unit"},
      {"365", "missing unit"},
      {"1h30", "missing unit"},
      {"1.5", "missing unit"},
      {"1y", "unknown unit"},
      {"1w", "unknown unit"},
      {"1H", "unknown unit"},
      {"1 h", "unknown unit"},
      {"1.2.3h", "unknown unit"},
      {"1e3h", "unknown unit"},
      {"0x1h", "unknown unit"},
      {"1,5h", "unknown unit"},
      {"1h\n", "expected a number"},
      {"8760hours", "expected a number"},
  };
  for (const auto& [text, why] : table) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_duration(text),
                      contains("invalid duration \"" + pki::to_plain(text) + "\"") && contains(why));
  }
}

TEST_CASE("the error of a duration is a configuration error with examples to follow") {
  try {
    (void)parse_duration("1y");
    FAIL("accepted");
  } catch (const pki::Error& error) {
    CHECK(error.code() == pki::Errc::invalid_config);
    CHECK_THAT(error.remedy().text, contains("8760h") && contains("365d"));
  }
}

TEST_CASE("a duration is written as Go does") {
  const std::pair<std::int64_t, const char*> table[] = {
      {0, "0s"},
      {1, "1s"},
      {59, "59s"},
      {60, "1m0s"},
      {61, "1m1s"},
      {3599, "59m59s"},
      {3600, "1h0m0s"},
      {3661, "1h1m1s"},
      {31'536'000, "8760h0m0s"},
      {-1, "-1s"},
      {-5400, "-1h30m0s"},
      {std::numeric_limits<std::int64_t>::max(), "2562047788015215h30m7s"},
      {std::numeric_limits<std::int64_t>::min(), "-2562047788015215h30m8s"},
  };
  for (const auto& [count, expected] : table)
    CHECK(to_string(seconds{count}) == expected);
}

TEST_CASE("a duration written and read again is the same") {
  for (const std::int64_t count : {0L, 1L, 59L, 60L, 3599L, 3600L, 86'399L, 31'536'000L, 31'536'001L, 315'360'000L,
                                   31'536'000'000L, 315'569'519'999L}) {
    CHECK(parse_duration(to_string(seconds{count})) == seconds{count});
    CHECK(parse_duration(to_string(seconds{-count})) == seconds{-count});
  }
}
