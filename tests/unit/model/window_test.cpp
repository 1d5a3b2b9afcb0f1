// SPDX-License-Identifier: Apache-2.0
#include "model/window.hpp"

#include <support/catch.hpp>

#include "inventory_builder.hpp"

using namespace pki;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::seconds day = 24h;
constexpr std::chrono::seconds year = 365 * day;
constexpr std::chrono::sys_seconds start = build::now;

Certificate lived(std::chrono::seconds life, bool is_ca = false) {
  Certificate certificate;
  certificate.not_before = start;
  certificate.not_after = start + life;
  certificate.is_ca = is_ca;
  return certificate;
}

}  // namespace

TEST_CASE("what is left of a life is written as kubectl writes it, on both sides of every boundary") {
  struct Case {
    std::chrono::seconds left;
    const char* text;
  };
  const Case cases[] = {
      {-400 * day, "<invalid>"},
      {-2s, "<invalid>"},
      {-1s, "0s"},
      {0s, "0s"},
      {1s, "1s"},
      {119s, "119s"},
      {120s, "2m"},
      {121s, "2m1s"},
      {599s, "9m59s"},
      {600s, "10m"},
      {601s, "10m"},
      {179min + 59s, "179m"},
      {180min, "3h"},
      {3h + 1min, "3h1m"},
      {3h + 59s, "3h"},
      {8h - 1s, "7h59m"},
      {8h, "8h"},
      {47h + 59min + 59s, "47h"},
      {48h, "2d"},
      {49h, "2d1h"},
      {8 * day - 1s, "7d23h"},
      {8 * day, "8d"},
      {year - 1s, "364d"},
      {year, "365d"},
      {2 * year - 1s, "729d"},
      {2 * year, "2y"},
      {2 * year + day, "2y1d"},
      {3 * year - 1s, "2y364d"},
      {8 * year - 1s, "7y364d"},
      {8 * year, "8y"},
      {10 * year - 1s, "9y"},
      {100 * year, "100y"},
  };
  for (const auto& [left, text] : cases) {
    INFO(left.count());
    CHECK(to_human(left) == text);
  }
}

TEST_CASE("a window is days, a Go duration or a share of the life") {
  CHECK(parse_window("30d").span == 30 * day);
  CHECK(parse_window("720h").span == 720h);
  CHECK(parse_window("0").span == 0s);
  CHECK_FALSE(parse_window("30d").percent);
  CHECK(parse_window("20%").percent == 20.0);
  CHECK(parse_window("12.5%").percent == 12.5);
  CHECK(parse_window("0%").percent == 0.0);
  CHECK(parse_window("100%").percent == 100.0);
}

TEST_CASE("anything else is refused, with examples of what is right") {
  for (const std::string text :
       {"", "%", "30", "-1d", "-5%", "101%", "nan%", "inf%", "1e9%", "20 %", "20%%", "x", "30 d", "0x10%", "30d%"}) {
    INFO(text);
    try {
      (void)parse_window(text);
      FAIL_CHECK("taken");
    } catch (const Error& error) {
      CHECK(error.code() == Errc::invalid_config);
      CHECK_THAT(error.remedy().text, contains("20%"));
    }
  }
}

TEST_CASE("a window is described as its user would write it") {
  CHECK(pki::model::describe(parse_window("30d")) == "30d");
  CHECK(pki::model::describe(parse_window("48h")) == "2d");
  CHECK(pki::model::describe(parse_window("36h")) == "36h0m0s");
  CHECK(pki::model::describe(parse_window("20%")) == "20% of its life");
  CHECK(pki::model::describe(parse_window("12.5%")) == "12.5% of its life");
  CHECK(pki::model::describe(parse_window("100%")) == "100% of its life");
}

TEST_CASE("a certificate is due from the first second of the window, and when it is over") {
  const auto leaf = lived(year);
  const Window window{30 * day, {}};
  CHECK_FALSE(is_due(leaf, nullptr, leaf.not_after - 30 * day - 1s, window));
  CHECK(is_due(leaf, nullptr, leaf.not_after - 30 * day, window));
  CHECK(is_due(leaf, nullptr, leaf.not_after + 1s, window));
}

TEST_CASE("a share counts the whole life") {
  const auto leaf = lived(100 * day);
  const auto window = parse_window("20%");
  CHECK_FALSE(is_due(leaf, nullptr, leaf.not_after - 20 * day - 1s, window));
  CHECK(is_due(leaf, nullptr, leaf.not_after - 20 * day, window));
}

TEST_CASE("a leaf that begins with its CA is taken to live at most a year") {
  const auto ca = lived(10 * year, true);
  auto renewed_late = lived(9 * year);  // really a year old at most: kubeadm wrote the CA's beginning into it
  const auto window = parse_window("20%");
  CHECK_FALSE(is_due(renewed_late, &ca, renewed_late.not_after - 74 * day, window));
  CHECK(is_due(renewed_late, &ca, renewed_late.not_after - 73 * day, window));
  renewed_late.not_before += 1s;
  CHECK(is_due(renewed_late, &ca, renewed_late.not_after - 74 * day, window));
  CHECK(is_due(ca, &ca, ca.not_after - 2 * year, window));  // a CA's own beginning is known
}
