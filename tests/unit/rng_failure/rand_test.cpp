// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>
#include <support/temp_dir.hpp>

#include <map>

#include <pki/pki.hpp>

#include "failing_rand.hpp"

// SH-06: without good randomness there is an error, and nothing else.

namespace {

namespace fs = std::filesystem;
constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

pki::ClusterConfig config_in(const fs::path& base) {
  pki::ClusterConfig config;
  config.node_name = "n";
  config.advertise_address = "10.0.0.1";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.layout = {base / "pki", base / "conf"};
  return config;
}

void make_pki(const fs::path& base) {
  const auto config = config_in(base);
  const auto lock = pki::lock(config.layout);
  const auto inventory = pki::load(config.layout);
  (void)pki::commit(pki::issue(pki::plan_init(pki::validate(config).value(), inventory, now), inventory), lock,
                    {.command = "init", .now = now});
}

void renew_pki(const fs::path& base) {
  const auto config = config_in(base);
  const auto lock = pki::lock(config.layout);
  const auto inventory = pki::load(config.layout);
  const auto valid = pki::validate(config).value();
  const auto plan = pki::plan_renew(&valid, inventory, now + std::chrono::hours{1});
  (void)pki::commit(pki::issue(plan, inventory), lock, {.command = "renew", .now = now});
}

/// contents is everything below a directory but the locks, which are empty and stay.
std::map<std::string, std::string> contents(const fs::path& base) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(base))
    if (entry.is_regular_file() && entry.path().extension() != ".lock") files[entry.path()] = slurp(entry.path());
  return files;
}

/// fails_cleanly runs something with one draw refused; false: it needs fewer draws.
template <class Run>
bool fails_cleanly(std::size_t number, bool sticky, const fs::path& base, Run run) {
  const auto before = contents(base);
  FailingRand::refuse(number, sticky);
  bool failed = false;
  try {
    run();
  } catch (const pki::Error& error) {
    failed = true;
    CHECK(error.code() == pki::Errc::crypto);
  }
  const auto refused = FailingRand::refused();
  FailingRand::allow();
  CAPTURE(number, sticky);
  CHECK(failed == (refused != 0));
  if (failed) CHECK(contents(base) == before);
  return refused != 0;
}

}  // namespace

// One test case: the generator can be replaced once in a process.
TEST_CASE("SH-06: a random generator that fails at any draw causes an error, and nothing is written") {
  const FailingRand rand;
  const TempDir base(memory_dir());
  for (const bool sticky : {false, true}) {
    const TempDir fresh(memory_dir());
    std::size_t number = 1;
    while (fails_cleanly(number, sticky, fresh.path(), [&] { make_pki(fresh.path()); }))
      ++number;
    WARN("init: " << number - 1 << " draws" << (sticky ? ", sticky" : ""));
    // A key and a nonce for each of 15 signatures, and their serial numbers, at least.
    CHECK(number > 45);
  }
  make_pki(base.path());
  for (const bool sticky : {false, true}) {
    std::size_t number = 1;
    while (fails_cleanly(number, sticky, base.path(), [&] { renew_pki(base.path()); }))
      ++number;
    WARN("renew all: " << number - 1 << " draws" << (sticky ? ", sticky" : ""));
    CHECK(number > 36);
  }
  // RSA: hundreds of draws; every one of the first and then some.
  for (const bool sticky : {false, true})
    for (std::size_t number = 1; number < 400; number += number < 24 ? 1 : 37) {
      const auto make = [] { (void)pki::generate_private_key(pki::KeyAlgorithm::rsa_2048); };
      if (!fails_cleanly(number, sticky, base.path(), make)) break;
    }
}
