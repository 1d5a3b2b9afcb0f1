// SPDX-License-Identifier: Apache-2.0
// Prints a kubeconfig for one more person or program, signed by the cluster CA below a directory. The text holds a
// private key: redirect it into a file that nobody else can read.
//
// usage: extra-user DIR NAME [GROUP…]

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <pki/pki.hpp>

namespace {

void extra_user(const std::filesystem::path& directory, const pki::UserSpec& user) {
  const auto inventory = pki::load({directory / "pki", directory});
  if (!inventory.saved_config)
    throw pki::Error(pki::Errc::not_found, inventory.layout.saved_config().string(), "no saved configuration");

  // The saved configuration knows the API server's address and the key algorithm of this cluster.
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto config = pki::validate(inventory.saved_config->config).value();
  std::cout << pki::user_kubeconfig(config, inventory, user, now);
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc < 3) {
    std::cerr << "usage: extra-user DIR NAME [GROUP...]\n";
    return 2;
  }
  try {
    extra_user(std::filesystem::absolute(argv[1]), {.name = argv[2], .organizations = {argv + 3, argv + argc}});
    return EXIT_SUCCESS;
  } catch (const pki::Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
