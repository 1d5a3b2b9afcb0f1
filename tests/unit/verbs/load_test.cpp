#include <chrono>
#include <string>
#include <utility>

#include <pki/pki.hpp>

#include <disk/sys.hpp>
#include <support/catch.hpp>
#include <support/temp_dir.hpp>

namespace {

pki::ClusterConfig config_in(const std::filesystem::path& directory) {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.0.2.1";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.layout = {directory / "pki", directory};
  return config;
}

std::chrono::sys_seconds this_second() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

void put_in_place(const pki::Bundle& bundle, const pki::Lock& lock) {
  pki::commit(bundle, lock, {.command = "test", .now = this_second(), .keep_backups = 0});
}

/// Versions are two sets of files of one PKI, so that a writer can put the second in place of the first.
struct Versions {
  explicit Versions(const pki::ClusterConfig& config) {
    const auto lock = pki::lock(config.layout);
    const auto nothing = pki::load(config.layout);
    first = pki::issue(pki::plan_init(config, nothing, this_second()), nothing);
    put_in_place(first, lock);
    const auto made = pki::load(config.layout);
    second = pki::issue(pki::plan_renew(&config, made, this_second()), made);
  }
  pki::Bundle first;
  pki::Bundle second;
};

const pki::Bundle* next = nullptr;

// A writer that comes between a certificate and its key, once.
void come_between(const char* name) {
  if (std::string(name) != "apiserver.key" || next == nullptr) return;
  const auto* bundle = std::exchange(next, nullptr);
  put_in_place(*bundle, pki::lock(bundle->layout));
}

}  // namespace

TEST_CASE("what is read while another process renews belongs together") {
  const TempDir base(memory_dir());
  const auto config = config_in(base.path());
  const Versions versions(config);
  next = &versions.second;
  pki::disk::hooks.reading = come_between;
  const auto inventory = pki::load(config.layout, pki::KeyCheck::numbers);
  pki::disk::hooks.reading = nullptr;
  CHECK(next == nullptr);
  for (const auto& row : pki::inspect(inventory, {}, this_second()).certificates) {
    CAPTURE(row.path, row.reason);
    CHECK(row.state == pki::State::sound);
  }
}
