#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include <pki/pki.hpp>

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

void carry_out(const pki::Plan& plan, const pki::Inventory& inventory, const pki::Lock& lock) {
  if (!plan.conflicts.empty()) throw std::runtime_error(plan.conflicts.front().message);
  pki::commit(pki::issue(plan, inventory), lock, {.command = "test", .now = this_second(), .keep_backups = 0});
}

void make(const pki::ClusterConfig& config) {
  const auto lock = pki::lock(config.layout);
  const auto inventory = pki::load(config.layout);
  carry_out(pki::plan_init(config, inventory, this_second()), inventory, lock);
}

void renew(const pki::ClusterConfig& config) {
  const auto lock = pki::lock(config.layout);
  const auto inventory = pki::load(config.layout);
  carry_out(pki::plan_renew(&config, inventory, this_second(), {}), inventory, lock);
}

}  // namespace

TEST_CASE("what is read while another process renews belongs together") {
  const TempDir base;
  const auto config = config_in(base.path());
  make(config);
  std::atomic<bool> done{false};
  std::string failure;
  std::thread writer([&] {
    try {
      while (!done) {
        renew(config);
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
      }
    } catch (const std::exception& error) {
      failure = error.what();
    }
  });
  std::string wrong;
  for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{8};
       wrong.empty() && std::chrono::steady_clock::now() < end;) {
    const auto report = pki::inspect(pki::load(config.layout, pki::KeyCheck::numbers), {}, this_second());
    for (const auto& row : report.certificates)
      if (row.state == pki::State::broken) wrong += row.path.string() + ": " + row.reason + "\n";
  }
  done = true;
  writer.join();
  CHECK(wrong == "");
  CHECK(failure == "");
}
