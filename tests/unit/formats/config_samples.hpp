// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <pki/config.hpp>

#include <support/catch.hpp>

/// Configuration files for the tests of this folder.
namespace sample {

inline constexpr const char* head = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n";
inline constexpr const char* init_head = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n";

/// Returns all problems as text, one per line.
inline std::string all(const std::vector<pki::Finding>& problems) {
  std::string out;
  for (const auto& problem : problems)
    out += problem.subject + ": " + problem.message + " (" + to_text(problem.remedy) + ")\n";
  return out;
}

/// Returns the configuration of a file without problems and warnings.
inline pki::ClusterConfig good(const std::string& text) {
  auto file = pki::parse_config(text, "k.yaml");
  CHECK(all(file.problems).empty());
  CHECK(all(file.warnings).empty());
  return file.config;
}

}  // namespace sample
