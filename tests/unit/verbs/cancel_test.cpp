// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/small_cluster.hpp>
#include <support/temp_dir.hpp>

// What the verbs that make keys do after a stop was requested.

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

void check_cancelled(const std::function<void()>& work) {
  try {
    work();
    FAIL_CHECK("not cancelled");
  } catch (const pki::Error& error) {
    CHECK(error.code() == pki::Errc::cancelled);
    CHECK(error.finding().rule == pki::Rule::cancelled);
  }
}

}  // namespace

TEST_CASE("issue is cancelled between two keys, and nothing is on disk") {
  const TempDir base;
  const auto config = config_in(base.path());
  const auto nothing = pki::load(config.layout);
  const auto plan = pki::plan_init(pki::validate(config).value(), nothing, now);
  std::stop_source source;
  std::size_t made = 0;
  const auto progress = [&](std::size_t done, std::size_t total) {
    CHECK(total == 16);
    made = done;
    if (done == 5) source.request_stop();
  };
  check_cancelled(
      [&] { (void)pki::issue(plan, nothing, {.threads = 1, .progress = progress, .stop = source.get_token()}); });
  CHECK(made == 5);
  CHECK(std::filesystem::is_empty(base.path()));
}

TEST_CASE("what needs no new key is cancelled as well, before it signs") {
  const TempDir base(memory_dir());
  const auto config = config_in(base.path());
  const auto valid = pki::validate(config).value();
  const auto nothing = pki::load(config.layout);
  const auto bundle = pki::issue(pki::plan_init(valid, nothing, now), nothing);
  (void)pki::commit(bundle, pki::lock(config.layout), {.command = "init", .now = now});
  const auto inventory = pki::load(config.layout);
  const auto plan = pki::plan_renew(&valid, inventory, now, {.rows = {}, .if_due = {}, .reuse_key = true});
  std::stop_source source;
  const pki::KeyOptions options{.threads = 1, .progress = {}, .stop = source.get_token()};
  CHECK(pki::issue(plan, inventory, options).issued.size() == 12);
  const std::vector<pki::UserSpec> users{{.name = "alice"}, {.name = "bob"}};
  CHECK(pki::user_kubeconfigs(valid, inventory, users, now, options).size() == 2);
  source.request_stop();
  check_cancelled([&] { (void)pki::issue(plan, inventory, options); });
  check_cancelled([&] { (void)pki::user_kubeconfigs(valid, inventory, users, now, options); });
}
