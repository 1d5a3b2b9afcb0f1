// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>

#include <pki/pki.hpp>

#include "support/catch.hpp"

/// Returns the configuration of one control plane, with keys that are made quickly, below a directory.
inline pki::ClusterConfig config_in(const std::filesystem::path& directory) {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.0.2.1";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.layout = {directory / "pki", directory};
  return config;
}

/// Returns the code of the error that `work` throws, and fails the test case if it throws none.
inline pki::Errc code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const pki::Error& error) {
    return error.code();
  }
  FAIL("no error");
  return {};
}
