// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include "commands/api_requests.hpp"
#include "commands/cluster_options.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace cli {

/// UserOptions says for whom a kubeconfig is made, who signs the certificate, and where it goes.
struct UserOptions {
  ClusterOptions cluster;
  std::string name;
  std::vector<std::string> groups;
  std::string valid_for{"12h"};
  std::string out;
  std::string many;
  std::string public_key;
  std::string request;
  std::string output{"text"};
  ApiChoice api;
  bool use_api{false};
  bool allow_masters{false};
};

/// add_user_options adds --group, --valid-for and --out, and returns them.
std::array<CLI::Option*, 3> add_user_options(CLI::App& app, UserOptions& options);

/// run_user makes the kubeconfigs and returns the exit status.
[[nodiscard]] int run_user(const UserOptions& options);

}  // namespace cli
